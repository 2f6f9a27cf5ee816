/** Slices, lanes and windows as sentences: for the live region, tooltips, the treegrid and the footer. */
import { formatCount, formatDuration } from '../base/format.ts';
import { type Lane, type LaneKind, SLICE_STATES, STATE } from '../wire/panel.ts';
import { sliceAt, slicesOf } from './laneData.ts';
import { labels } from './state.ts';
import { formatMoment, type TimeWindow } from './timeScale.ts';

/** Words of the legend and of sentences, by code of SLICE_STATES. */
export const STATE_TITLES: readonly string[] = SLICE_STATES.map(
  (state) =>
    ({
      idle: 'Idle',
      io: 'In I/O',
      waiting: 'Waits for others',
      running: 'Running',
      gil: 'Waits for GIL',
      lock: 'Waits for lock',
      blocksLoop: 'Blocks loop',
      deadlocked: 'Waits for ever',
      unknown: 'Unknown',
      held: 'Held',
      heldContended: 'Held, others wait',
    })[state],
);

const KIND_NAMES: Partial<Record<LaneKind, string>> = {
  thread: 'Thread',
  worker: 'Worker',
  task: 'Task',
  loop: 'Event loop',
  lock: 'Lock',
  process: 'Process',
  pool: 'Pool',
  waiter: 'Waiter',
};

export function laneTitle(lane: Lane): string {
  const kind = KIND_NAMES[lane.kind];
  const name = lane.name.startsWith(kind ?? '\0') ? lane.name : `${kind ?? ''} ${lane.name}`.trim();
  return name;
}

export function describeSlice(lane: Lane, at: number): string {
  const spans = slicesOf(lane.id);
  const index = sliceAt(lane.id, at);
  if (!spans || lane.content === 'none')
    return [lane.name, lane.note, lane.badge?.text].filter(Boolean).join(', ');
  if (index < 0) return `${laneTitle(lane)}, idle at ${formatMoment(at, 1e6)}`;
  const state = spans.state[index]!;
  const label = labels[spans.label[index]!] ?? '';
  const merged = spans.merged?.[index] ?? 1;
  const what =
    lane.content === 'lock'
      ? `held by ${label}`
      : [stateWords(state), label].filter(Boolean).join(', ');
  const parts = [
    laneTitle(lane),
    what,
    formatDuration(spans.end[index]! - spans.start[index]!),
    `from ${formatMoment(spans.start[index]!, 1e6)}`,
  ];
  if (merged > 1) parts.push(`${formatCount(merged)} slices merged`);
  return parts.join(', ');
}

function stateWords(state: number): string {
  const title = STATE_TITLES[state] ?? '';
  return state === STATE.io ? 'in I/O' : title.charAt(0).toLowerCase() + title.slice(1);
}

export function describeMove(window: TimeWindow): string {
  const step = (window.to - window.from) / 100;
  return `${formatMoment(window.from, step)} to ${formatMoment(window.to, step)}, ${formatDuration(window.to - window.from)}`;
}
