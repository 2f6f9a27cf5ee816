/** The door to the editor: typed messages both ways and the state that survives hiding the panel. */
import type { FromPanel, ToPanel } from '../wire/panel.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): EditorApi;

export interface Host {
  post(message: FromPanel): void;
  onMessage(listener: (message: ToPanel) => void): void;
  readonly saved: unknown;
  save(state: unknown): void;
}

export function connect(): Host {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    onMessage: (listener) =>
      window.addEventListener('message', (event: MessageEvent<ToPanel>) => listener(event.data)),
    saved: api.getState(),
    save: (state) => api.setState(state),
  };
}
