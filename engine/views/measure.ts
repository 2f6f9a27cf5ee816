/** Numbers of a window: waits and holds cut to it, percentiles, the four headline numbers. */
import { type Headline, SLICE_STATES, STATE } from '../../wire/panel.ts';
import { WAIT_RESULT } from '../../wire/recording.ts';
import type { Percentiles } from '../../wire/report.ts';
import { waitState } from './actorLane.ts';
import type { LaneBook } from './laneBook.ts';
import type { Points } from './points.ts';

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Length of what two stretches share, ns. */
export function overlap(from: number, to: number, window: Window): number {
  return Math.max(0, Math.min(to, window.to) - Math.max(from, window.from));
}

/** Exact percentiles of values; all 0 without any. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

/** Value that `share` of the values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Values of a series inside a window. */
export function valuesIn(points: Points, column: number, { from, to }: Window): number[] {
  const [first, last] = points.range(from, to);
  const found: number[] = [];
  for (let row = first; row < last; row++) {
    const at = points.x.get(row);
    if (at >= from && at <= to) found.push(points.y[column]!.get(row));
  }
  return found;
}

/** Mean of a step series over a window. */
export function meanIn(points: Points, column: number, { from, to }: Window): number {
  const [first, last] = points.range(from, to);
  let sum = 0;
  for (let row = first; row < last; row++) {
    const begin = Math.max(from, points.x.get(row));
    const end = Math.min(to, row + 1 < points.x.length ? points.x.get(row + 1) : to);
    if (end > begin) sum += (end - begin) * points.y[column]!.get(row);
  }
  return to > from ? sum / (to - from) : 0;
}

/** Last value of a step series at a time. */
export function valueAt(points: Points, column: number, at: number): number {
  const [, last] = points.range(at, at);
  for (let row = last - 1; row >= 0; row--)
    if (points.x.get(row) <= at) return points.y[column]!.get(row);
  return 0;
}

/** Waits, ended and open, that touch a window. */
export interface WaitRow {
  readonly actor: number;
  readonly object: number;
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly stack: number;
  readonly owner: number;
  readonly ownerStack: number;
  readonly nowStack: number;
  readonly endedBy: number;
  /** `WAIT_RESULT`; unknown of one that goes on. */
  readonly result: number;
}

export function* waitsIn(book: LaneBook, window: Window): Generator<WaitRow> {
  const { waits } = book.history;
  for (let row = 0; row < waits.actor.length; row++) {
    if (waits.to.get(row) < window.from || waits.from.get(row) > window.to) continue;
    yield waitRow(book, row);
  }
  for (const [actor, wait] of book.openWaits) {
    if (wait.from > window.to) continue;
    yield {
      ...wait,
      actor: actor.index,
      to: Math.max(book.trace.durationNs, wait.from),
      open: !actor.ended,
      endedBy: 0,
      result: WAIT_RESULT.unknown,
    };
  }
}

export function waitRow(book: LaneBook, row: number): WaitRow {
  const { waits } = book.history;
  return {
    actor: waits.actor.get(row),
    object: waits.object.get(row),
    kind: waits.kind.get(row),
    from: waits.from.get(row),
    to: waits.to.get(row),
    open: false,
    stack: waits.stack.get(row),
    owner: waits.owner.get(row),
    ownerStack: waits.ownerStack.get(row),
    nowStack: waits.nowStack.get(row),
    endedBy: waits.endedBy.get(row),
    result: waits.result.get(row),
  };
}

export function isLockWait(wait: Pick<WaitRow, 'kind'>): boolean {
  return waitState(wait.kind) === STATE.lock;
}

/** Time of all threads by state in the window, ns; what no slice covers of a thread's life is idle. */
export function totalsOf(book: LaneBook, window: Window): Float64Array {
  const sums = new Float64Array(SLICE_STATES.length);
  let lives = 0;
  for (const [actor, lane] of book.actors) {
    if (actor.kind !== 'thread') continue;
    const { spans } = lane.slices;
    spans.addTime(window.from, window.to, sums);
    if (spans.length > 0) lives += overlap(spans.start[0]!, spans.end[spans.length - 1]!, window);
  }
  let busy = 0;
  for (let state = 0; state < sums.length; state++) if (state !== STATE.idle) busy += sums[state]!;
  sums[STATE.idle] = Math.max(0, lives - busy);
  return sums;
}

export function headlineOf(book: LaneBook, window: Window): Headline {
  const sums = new Float64Array(SLICE_STATES.length);
  let threads = 0;
  for (const [actor, lane] of book.actors) {
    if (actor.kind !== 'thread') continue;
    lane.slices.spans.addTime(window.from, window.to, sums);
    threads += overlap(actor.startNs, actor.endNs ?? book.trace.durationNs, window);
  }
  const length = Math.max(1, overlap(0, book.trace.durationNs, window));
  const lags = [...book.loops.values()].flatMap((loop) => valuesIn(loop.lag, 0, window));
  let busy = 0;
  let workers = 0;
  let queued = 0;
  for (const pool of book.pools.values()) {
    busy += valueAt(pool.load, 0, window.to);
    queued += valueAt(pool.load, 1, window.to);
    workers += Math.max(pool.workers.size, pool.object.capacity ?? 0);
  }
  const cores = book.trace.manifest?.host.cores ?? book.trace.streams[0]?.process?.cores ?? 1;
  return {
    cores:
      threads > 0
        ? { used: Math.min(cores, coresUsed(book, window, sums) / length), of: cores }
        : null,
    lockWaitShare:
      threads > 0 ? Math.min(1, (sums[STATE.lock]! + sums[STATE.deadlocked]!) / threads) : null,
    lag: lags.length > 0 ? percentilesOf(lags) : null,
    pool: book.pools.size > 0 ? { busy, of: workers, queued } : null,
  };
}

/** CPU time of the window as the samples say it; without samples, the time threads were seen running. */
function coresUsed(book: LaneBook, window: Window, sums: Float64Array): number {
  const { cpu } = book.trace.facts;
  if (cpu.samples === 0) return sums[STATE.running]! + sums[STATE.blocksLoop]!;
  let used = 0;
  for (let bin = 0; bin < cpu.usedBins; bin++) {
    const share = overlap(bin * cpu.binNs, (bin + 1) * cpu.binNs, window) / cpu.binNs;
    used += cpu.bins[bin]! * share;
  }
  return used;
}
