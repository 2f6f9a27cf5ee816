/** The timeline of a run as one drawing without a script: threads, loops, workers and locks, merged to the pixel. */
import { formatDuration } from '../base/format.ts';
import { STATE_WORDS, type Timeline } from '../engine/export/timeline.ts';
import { tileOf } from '../engine/views/tile.ts';
import { type Lane, type LaneKind, SLICE_STATES, type SliceState } from '../wire/panel.ts';
import { escaped } from './html.ts';

const WIDTH = 1000;
const NAMES = 200;
const ROW = 18;
const BAR = 12;
const RULER = 20;
const MOST_LANES = 60;
const TICKS = 8;
const LONGEST_NAME = 30;

const SHOWN: ReadonlySet<LaneKind> = new Set(['loop', 'thread', 'worker', 'lock', 'waiter']);

/** Empty when there is nothing to draw. */
export function htmlTimeline(timeline: Timeline): string {
  const { durationNs } = timeline;
  const all = timeline.lanes.filter(
    (lane) => SHOWN.has(lane.kind) && !lane.library && (timeline.spansOf(lane)?.length ?? 0) > 0,
  );
  const lanes = all.slice(0, MOST_LANES);
  if (lanes.length === 0 || durationNs <= 0) return '';
  const height = RULER + lanes.length * ROW;
  const seen = new Set<SliceState>();
  const rows = lanes.map((lane, index) => row(timeline, lane, RULER + index * ROW, seen));
  const more =
    all.length > lanes.length ? `<p>… and ${all.length - lanes.length} more lanes.</p>` : '';
  return `<svg viewBox="0 0 ${NAMES + WIDTH} ${height}" role="img" aria-label="Timeline; the tables below say the same in numbers">
${ruler(durationNs, height)}${rows.join('')}</svg>
<p class="legend">${[...seen].map((state) => `<span><i class="${state}"></i>${STATE_WORDS[state]}</span>`).join(' ')}</p>${more}`;
}

function ruler(durationNs: number, height: number): string {
  const step = roundStep(durationNs / TICKS);
  let marks = '';
  for (let at = 0; at <= durationNs; at += step) {
    const x = NAMES + (at / durationNs) * WIDTH;
    marks += `<line x1="${x}" x2="${x}" y1="${RULER - 4}" y2="${height}"/>`;
    // The last one would stand out at the right.
    if (at + step / 2 <= durationNs)
      marks += `<text x="${x + 3}" y="${RULER - 7}">${formatDuration(at)}</text>`;
  }
  return `<g class="ruler">${marks}</g>\n`;
}

/** 1, 2 or 5 times a power of ten, not below. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 5].find((factor) => factor * power >= wanted) ?? 10);
}

function row(timeline: Timeline, lane: Lane, y: number, seen: Set<SliceState>): string {
  const { durationNs, labels } = timeline;
  const spans = timeline.spansOf(lane)!;
  const { columns } = tileOf([{ lane: lane.id, spans }], 0, durationNs, WIDTH);
  let bars = '';
  for (const [index, start] of columns.start.entries()) {
    const state = SLICE_STATES[columns.state[index]!]!;
    if (state === 'idle') continue;
    seen.add(state);
    const end = columns.end[index]!;
    const x = NAMES + (start / durationNs) * WIDTH;
    const width = Math.max(((end - start) / durationNs) * WIDTH, 0.5);
    const what = labels[columns.label[index]!] || STATE_WORDS[state];
    const title = escaped(`${lane.name}: ${what}, ${formatDuration(end - start)}`);
    bars += `<rect class="${state}" x="${x.toFixed(2)}" y="${y + 3}" width="${width.toFixed(2)}" height="${BAR}"><title>${title}</title></rect>`;
  }
  const indent = lane.kind === 'waiter' ? 14 : 0;
  const name =
    lane.name.length > LONGEST_NAME ? `${lane.name.slice(0, LONGEST_NAME - 1)}…` : lane.name;
  return `<text x="${indent}" y="${y + BAR + 1}">${escaped(name)}<title>${escaped([lane.name, lane.note].filter(Boolean).join(' · '))}</title></text>${bars}\n`;
}
