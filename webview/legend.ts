/** The legend is the filter: each state with its time in the view; a click hides or shows it. */
import { formatDuration } from '../base/format.ts';
import { SLICE_STATES, type SliceState, STATE } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { STATE_TITLES } from './describe.ts';
import { el, setText } from './dom.ts';
import { timeByState } from './laneData.ts';
import { dataVersion, hiddenStates, isNodeRun, lanes, run, totals, view } from './state.ts';
import { throttled } from './throttle.ts';

const SHOWN: readonly SliceState[] = [
  'running',
  'blocksLoop',
  'lock',
  'gil',
  'io',
  'waiting',
  'idle',
  'unknown',
];
/** Totals follow the view, but not every frame of a drag. */
const SETTLE_MS = 120;

export function createLegend(): HTMLElement {
  const entries = SHOWN.map((state) => {
    const total = el('span', { class: 'legend-total' });
    const button = el(
      'button',
      {
        type: 'button',
        class: 'legend-entry',
        'aria-pressed': 'true',
        'data-key': `legend-${state}`,
        onclick: () => flip(state),
      },
      el('span', { class: `legend-mark state-${state}`, 'aria-hidden': 'true' }),
      el('span', { class: 'legend-name' }, STATE_TITLES[STATE[state]] ?? ''),
      total,
    );
    return { state, total, button };
  });
  const settle = throttled(() => {
    const times = totals.value ?? countTotals();
    for (const { state, total, button } of entries) {
      // Waits for ever are waits for locks: hidden and shown with them.
      const time = times[STATE[state]]! + (state === 'lock' ? times[STATE.deadlocked]! : 0);
      // Shown where there is some: most recordings have lost nothing, and only Python has a GIL.
      button.hidden = time === 0 && (state === 'unknown' || (state === 'gil' && isNodeRun()));
      setText(total, time > 0 ? formatDuration(time) : '–');
      button.title = `${STATE_TITLES[STATE[state]]}: ${formatDuration(time)} in view, all threads together. Click to hide or show.`;
    }
  }, SETTLE_MS);
  watchAll([view, dataVersion, lanes, totals, run], settle);
  hiddenStates.watch((hidden) => {
    for (const { state, button } of entries)
      button.setAttribute('aria-pressed', String(!hidden.has(state)));
  });
  return el(
    'div',
    { class: 'legend', role: 'group', 'aria-label': 'States: legend and filter' },
    ...entries.map(({ button }) => button),
  );
}

function flip(state: SliceState): void {
  const next = new Set(hiddenStates.value);
  for (const one of state === 'lock' ? (['lock', 'deadlocked'] as const) : [state]) {
    if (next.has(one)) next.delete(one);
    else next.add(one);
  }
  hiddenStates.set(next);
}

/** Threads only: tasks share their threads' time. */
function countTotals(): Float64Array {
  const sum = new Float64Array(SLICE_STATES.length);
  const one = new Float64Array(SLICE_STATES.length);
  const { from, to } = view.value;
  for (const lane of lanes.value) {
    if (lane.kind !== 'thread' && lane.kind !== 'worker' && lane.kind !== 'loop') continue;
    timeByState(lane.id, from, to, one);
    for (let state = 0; state < sum.length; state++) sum[state]! += one[state]!;
  }
  return sum;
}
