/** What the panel holds of each lane: its slices with their tree, its series, and questions about both. */
import { Spans } from '../base/spans.ts';
import {
  type LaneId,
  type Series,
  SLICE_STATES,
  type SliceColumns,
  type SlicePart,
  STATE,
} from '../wire/panel.ts';
import { SpanLevels } from './spanLevels.ts';

const slices = new Map<LaneId, Spans>();
const series = new Map<LaneId, Series>();
const levels = new Map<LaneId, SpanLevels>();

export function slicesOf(lane: LaneId): Spans | undefined {
  return slices.get(lane);
}

export function seriesOf(lane: LaneId): Series | undefined {
  return series.get(lane);
}

/** Levels of the lane as it is now, if it has any. */
export function levelsOf(lane: LaneId): SpanLevels | undefined {
  const known = levels.get(lane);
  return known?.version === slices.get(lane)?.version ? known : undefined;
}

let building = false;

/** Makes the levels of all lanes, one by one whenever there is nothing else to do. Asked for when lanes have stopped growing. */
export function buildLevels(): void {
  if (building) return;
  building = true;
  const step = (deadline: IdleDeadline): void => {
    let made = 0;
    for (const [lane, spans] of slices) {
      if (!SpanLevels.worthIt(spans) || levelsOf(lane)) continue;
      // One at a time when there was no idle moment for long: no frame waits for more than that.
      if (made > 0 && deadline.timeRemaining() < 2) {
        requestIdleCallback(step, { timeout: PATIENCE_MS });
        return;
      }
      levels.set(lane, new SpanLevels(spans));
      made++;
    }
    building = false;
  };
  requestIdleCallback(step, { timeout: PATIENCE_MS });
}

/** After so long without an idle moment the next lane's levels are made all the same. */
const PATIENCE_MS = 200;

export function addSlices(parts: readonly SlicePart[], columns: SliceColumns): void {
  for (const part of parts) {
    let spans = slices.get(part.lane);
    if (!spans) {
      spans = new Spans(SLICE_STATES.length);
      slices.set(part.lane, spans);
    }
    spans.replace(part.keep, columns, part.offset, part.count);
  }
}

export function setSeries(fresh: readonly Series[]): void {
  for (const one of fresh) series.set(one.lane, one);
}

export function forgetAll(): void {
  slices.clear();
  series.clear();
  levels.clear();
}

/** Time by state of one lane in a window, idle included, into `out`; what the slices leave free is idle. */
export function timeByState(lane: LaneId, from: number, to: number, out: Float64Array): void {
  out.fill(0);
  const spans = slices.get(lane);
  if (!spans) return;
  spans.addTime(from, to, out);
  let busy = 0;
  for (let state = 0; state < out.length; state++) if (state !== STATE.idle) busy += out[state]!;
  const first = spans.start[0] ?? to;
  const last = spans.end[spans.length - 1] ?? from;
  const alive = Math.max(0, Math.min(to, last) - Math.max(from, first));
  out[STATE.idle] = Math.max(0, alive - busy);
}

/** Index of the slice at a time, or of none (-1) when the lane is idle there. */
export function sliceAt(lane: LaneId, at: number): number {
  const spans = slices.get(lane);
  if (!spans) return -1;
  const index = spans.indexAt(at);
  return index >= 0 && spans.end[index]! > at ? index : -1;
}
