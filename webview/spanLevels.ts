/**
 * Time by state in even buckets, each level twice as coarse as the one below: what a view that shows many slices in a pixel is
 * drawn from without looking at every slice. Made when a lane stands still, never while it grows.
 */
import type { Spans } from '../base/spans.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';

/** Lanes with fewer slices are drawn fast enough. */
const LEAST_SPANS = 2000;
const FULL_SHARE = 255;
/** Levels of long slices: 2^40 times the bucket is more than any run. */
const CLASSES = 40;

export interface Level {
  /** ns */
  readonly width: number;
  /** Bucket after bucket: of each state in `states` its share of the bucket, 0 to 255; what is there at all is at least 1. */
  readonly shares: Uint8Array;
  /** Of each bucket what matters most, see `summaryOf`. */
  readonly summary: Uint32Array;
}

/** What the rail of a lane shows of many slices: worst last, 0 never. By state. */
export const RAIL_RANK = new Uint8Array(SLICE_STATES.length);
[STATE.gil, STATE.lock, STATE.heldContended, STATE.blocksLoop, STATE.deadlocked].forEach(
  (state, rank) => {
    RAIL_RANK[state] = rank + 1;
  },
);

export class SpanLevels {
  /** `version` of the spans these are for. */
  readonly version: number;
  readonly states: readonly number[];
  readonly levels: readonly Level[];
  /** Slices of at least 2^k buckets of the finest level and less than 2^(k+1), in order. */
  readonly #long: readonly number[][];
  readonly #spans: Spans;

  constructor(spans: Spans) {
    this.#spans = spans;
    this.version = spans.version;
    this.states = statesOf(spans.seen);
    const span = spans.end[spans.length - 1]! || 1;
    // About a slice a bucket; powers of two, so that buckets stand still from level to level.
    const width = 2 ** Math.ceil(Math.log2(span / spans.length));
    const buckets = Math.ceil(span / width);
    const long: number[][] = Array.from({ length: CLASSES }, () => []);
    this.#long = long;
    const level = (ns: number, shares: Uint8Array): Level => ({
      width: ns,
      shares,
      summary: summaryOf(shares, this.states),
    });
    const levels: Level[] = [level(width, this.#finest(width, buckets, long))];
    for (let last = levels[0]!; last.shares.length > 64 * this.states.length; ) {
      last = level(last.width * 2, halved(last.shares, this.states.length));
      levels.push(last);
    }
    this.levels = levels;
  }

  static worthIt(spans: Spans): boolean {
    return spans.length >= LEAST_SPANS;
  }

  /** The coarsest level with at least two buckets in so many ns, if any. */
  levelFor(ns: number): Level | undefined {
    const at = Math.floor(Math.log2(ns / 2 / this.levels[0]!.width));
    return at < 0 ? undefined : this.levels[Math.min(at, this.levels.length - 1)];
  }

  /** Slices of at least `ns` in a window, in order. */
  longOnes(ns: number, from: number, to: number): readonly number[] {
    const { start, end } = this.#spans;
    const found: number[] = [];
    const least = Math.max(0, Math.floor(Math.log2(ns / this.levels[0]!.width)));
    for (let size = least; size < CLASSES; size++) {
      const list = this.#long[size]!;
      let low = 0;
      let high = list.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (end[list[middle]!]! <= from) low = middle + 1;
        else high = middle;
      }
      for (; low < list.length && start[list[low]!]! < to; low++)
        if (end[list[low]!]! - start[list[low]!]! >= ns) found.push(list[low]!);
    }
    return found.sort((one, other) => one - other);
  }

  #finest(width: number, buckets: number, long: number[][]): Uint8Array {
    const { start, end, state, length } = this.#spans;
    const count = this.states.length;
    const place = new Uint8Array(32);
    this.states.forEach((kind, at) => {
      place[kind] = at;
    });
    const shares = new Uint8Array(buckets * count);
    const sums = new Float64Array(count);
    const perNs = FULL_SHARE / width;
    let bucket = 0;
    const close = (next: number): void => {
      for (let at = 0; at < count; at++) {
        if (sums[at]! > 0)
          shares[bucket * count + at] = Math.min(FULL_SHARE, Math.ceil(sums[at]! * perNs));
        sums[at] = 0;
      }
      bucket = next;
    };
    for (let index = 0; index < length; index++) {
      const from = start[index]!;
      const to = end[index]!;
      const kind = state[index]!;
      const time = to - from;
      if (time >= width)
        long[Math.min(CLASSES - 1, Math.floor(Math.log2(time / width)))]!.push(index);
      if (kind === 0) continue;
      const at = place[kind]!;
      let first = Math.floor(from / width);
      const last = Math.min(buckets - 1, Math.floor(to / width));
      if (first !== bucket) close(first);
      if (first === last) {
        sums[at]! += time;
        continue;
      }
      sums[at]! += (first + 1) * width - from;
      close(++first);
      for (; first < last; bucket = ++first) shares[first * count + at] = FULL_SHARE;
      sums[at]! += to - last * width;
    }
    close(bucket);
    return shares;
  }
}

/** The state with most time in 4 bits, its share in 8, the share of all in 8, the worst state of the rail in 4. */
function summaryOf(shares: Uint8Array, states: readonly number[]): Uint32Array {
  const count = states.length;
  const summary = new Uint32Array(shares.length / count);
  for (let bucket = 0; bucket < summary.length; bucket++) {
    let most = 0;
    let kind = 0;
    let total = 0;
    let worst = 0;
    for (let at = 0; at < count; at++) {
      const share = shares[bucket * count + at]!;
      if (share === 0) continue;
      const state = states[at]!;
      total += share;
      if (share > most) {
        most = share;
        kind = state;
      }
      if (RAIL_RANK[state]! > RAIL_RANK[worst]!) worst = state;
    }
    summary[bucket] = kind | (most << 4) | (Math.min(255, total) << 12) | (worst << 20);
  }
  return summary;
}

/** Rounded up: what is there at all stays seen. */
function halved(shares: Uint8Array, count: number): Uint8Array {
  const buckets = Math.ceil(shares.length / count / 2);
  const coarse = new Uint8Array(buckets * count);
  for (let bucket = 0; bucket < buckets; bucket++)
    for (let at = 0; at < count; at++) {
      const one = 2 * bucket * count + at;
      coarse[bucket * count + at] = (shares[one]! + (shares[one + count] ?? 0) + 1) >> 1;
    }
  return coarse;
}

function statesOf(seen: number): readonly number[] {
  const found: number[] = [];
  for (let state = 1; state < 32; state++) if ((seen >> state) & 1) found.push(state);
  return found;
}
