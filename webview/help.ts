/** All keys and gestures, in a dialog. */
import { el } from './dom.ts';
import type { Key } from './keys.ts';

const GESTURES: readonly (readonly [string, string])[] = [
  ['Wheel on the ruler or the strip', 'zoom'],
  ['Ctrl or ⌘ + wheel on the lanes', 'zoom where the pointer is'],
  ['Shift + wheel, or sideways', 'move in time'],
  ['Drag on the lanes', 'move in time, and up and down'],
  ['Drag on the ruler, or Shift + drag', 'mark a range'],
  ['Drag on the strip', 'choose or move what is visible'],
  ['Double click', 'fit the slice'],
  ['Click on a state of the legend', 'hide or show it'],
];

export interface Help {
  readonly element: HTMLElement;
  show(): void;
}

export function createHelp(): Help & { fill(keys: readonly Key[]): void } {
  const list = el('dl', { class: 'help-keys' });
  const close = el(
    'button',
    { type: 'button', class: 'button primary', onclick: () => dialog.close() },
    'Close',
  );
  const dialog = el(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, 'Keys and gestures'),
    list,
    close,
  );
  return {
    element: dialog,
    show: () => dialog.showModal(),
    fill(keys) {
      list.replaceChildren(
        ...keys.flatMap((key) => [
          el('dt', {}, ...key.caps.map((cap) => el('kbd', {}, cap))),
          el('dd', {}, key.title),
        ]),
        ...GESTURES.flatMap(([what, does]) => [el('dt', {}, what), el('dd', {}, does)]),
      );
    },
  };
}
