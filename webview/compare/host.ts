/** The compare view's door to the editor; its state is the two recordings, so that a reloaded window finds them. */
import type { FromCompare, ToCompare } from '../../wire/comparePanel.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): EditorApi;

export interface CompareHost {
  post(message: FromCompare): void;
  onMessage(listener: (message: ToCompare) => void): void;
  save(state: unknown): void;
}

export function connectCompare(): CompareHost {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    onMessage: (listener) =>
      window.addEventListener('message', (event: MessageEvent<ToCompare>) => listener(event.data)),
    save: (state) => api.setState(state),
  };
}
