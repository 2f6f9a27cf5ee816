/** The bottom line: the keys one needs most, and what is selected in words. */

import { watchAll } from './atom.ts';
import { describeMove, describeSlice } from './describe.ts';
import { el, setText } from './dom.ts';
import type { Key } from './keys.ts';
import { details, laneOf, marked, picked, run } from './state.ts';

export function createFooter(keys: readonly Key[]): HTMLElement {
  const status = el('span', { class: 'status' });
  const draw = (): void => setText(status, statusText());
  watchAll([details, picked, marked, run], draw);
  return el(
    'footer',
    { class: 'footer' },
    ...keys
      .filter((key) => key.short)
      .map((key) =>
        el(
          'span',
          { class: 'hint' },
          ...key.caps.map((cap) => el('kbd', {}, cap)),
          ` ${key.short}`,
        ),
      ),
    el('span', { class: 'grow' }),
    status,
  );
}

function statusText(): string {
  if (marked.value) return `Range ${describeMove(marked.value)} · R zooms into it`;
  const at = picked.value;
  const lane = at && laneOf(at.lane);
  if (at && lane)
    return details.value?.lane === at.lane ? details.value.sentence : describeSlice(lane, at.at);
  return run.value?.message ?? '';
}
