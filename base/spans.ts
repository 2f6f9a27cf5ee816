/** Sorted, disjoint spans of a few kinds that grow at the end, and running sums that say at once how much of each kind a window holds. */

/** The sums are kept after every so many spans: a byte a span and kind, and never more than seven spans to walk. */
const BLOCK_BITS = 3;
const BLOCK = 1 << BLOCK_BITS;
/** Up to here adding spans one by one is faster than taking two sums apart. */
const FEW = 2 * BLOCK;

export interface SpanColumns {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly state: Uint8Array;
  readonly label: Uint32Array;
  readonly mark: Uint8Array;
  /** How many spans were merged into this one; absent when none were. */
  readonly merged?: Uint32Array;
}

export class Spans {
  /** How many kinds there are; `state` is below it. */
  readonly kinds: number;
  /** Grows with every change: what was computed from the spans is stale when it differs. */
  version = 0;
  length = 0;
  /** A bit for each kind that occurred so far. */
  seen = 0;
  start = new Float64Array(0);
  end = new Float64Array(0);
  state = new Uint8Array(0);
  label = new Uint32Array(0);
  mark = new Uint8Array(0);
  merged: Uint32Array | undefined;
  /** For each whole block and the one after: time by kind of all spans before it. */
  #sums: Float64Array;
  readonly #before: Float64Array;

  constructor(kinds: number) {
    this.kinds = kinds;
    this.#sums = new Float64Array(kinds);
    this.#before = new Float64Array(kinds);
  }

  /** Keeps the first `keep` spans and appends `count` of `columns` from `offset` on. */
  replace(keep: number, columns: SpanColumns, offset: number, count: number): void {
    const kept = Math.min(keep, this.length);
    const length = kept + count;
    this.#reserve(length, columns.merged !== undefined);
    const to = offset + count;
    this.start.set(columns.start.subarray(offset, to), kept);
    this.end.set(columns.end.subarray(offset, to), kept);
    this.state.set(columns.state.subarray(offset, to), kept);
    this.label.set(columns.label.subarray(offset, to), kept);
    this.mark.set(columns.mark.subarray(offset, to), kept);
    if (columns.merged) this.merged?.set(columns.merged.subarray(offset, to), kept);
    else this.merged?.fill(1, kept, length);
    this.length = length;
    this.version++;
    this.#sum(kept);
  }

  /** Last span that starts at or before `at`; -1 when there is none. */
  indexAt(at: number): number {
    return this.#lowerBound(this.start, at, true) - 1;
  }

  /** First span that ends after `at`; `length` when there is none. */
  firstEndingAfter(at: number): number {
    return this.#lowerBound(this.end, at, true);
  }

  /** First span that starts at or after `at`, looked for from `from` on in growing steps. */
  firstStartingFrom(at: number, from: number): number {
    let step = 1;
    let low = from;
    let high = from;
    while (high < this.length && this.start[high]! < at) {
      low = high + 1;
      high += step;
      step <<= 1;
    }
    if (high > this.length) high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.start[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Sets `out` to the time of all spans before span `index`, by kind. Always added up in the same order: equal sums are the same number. */
  sumBefore(index: number, out: Float64Array): void {
    const { start, end, state, kinds } = this;
    const sums = this.#sums;
    const block = index >> BLOCK_BITS;
    const at = block * kinds;
    for (let kind = 0; kind < kinds; kind++) out[kind] = sums[at + kind]!;
    for (let span = block << BLOCK_BITS; span < index; span++)
      out[state[span]!]! += end[span]! - start[span]!;
  }

  /** Adds to `out` the time of spans `from` to `to` (not included), whole spans, by kind. */
  addWhole(from: number, to: number, out: Float64Array): void {
    if (to - from <= FEW) {
      const { start, end, state } = this;
      for (let span = from; span < to; span++) out[state[span]!]! += end[span]! - start[span]!;
      return;
    }
    const before = this.#before;
    this.sumBefore(from, before);
    for (let kind = 0; kind < this.kinds; kind++) out[kind]! -= before[kind]!;
    this.sumBefore(to, before);
    for (let kind = 0; kind < this.kinds; kind++) out[kind]! += before[kind]!;
  }

  /** Adds to `out` the time by kind inside the window; spans that stick out count with what is inside. */
  addTime(from: number, to: number, out: Float64Array): void {
    if (this.length === 0 || to <= from) return;
    const first = this.firstEndingAfter(from);
    const last = this.firstStartingFrom(to, first);
    if (first >= last) return;
    this.addWhole(first, last, out);
    const early = from - this.start[first]!;
    if (early > 0) out[this.state[first]!]! -= early;
    const late = this.end[last - 1]! - to;
    if (late > 0) out[this.state[last - 1]!]! -= late;
  }

  #lowerBound(values: Float64Array, at: number, after: boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = values[middle]!;
      if (after ? value <= at : value < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(length: number, merged: boolean): void {
    const capacity = this.start.length;
    if (merged && this.merged === undefined) this.merged = new Uint32Array(capacity).fill(1);
    if (length <= capacity) return;
    const wanted = Math.max(length, Math.ceil(capacity * 1.5), 16);
    this.start = enlarged(new Float64Array(wanted), this.start);
    this.end = enlarged(new Float64Array(wanted), this.end);
    this.state = enlarged(new Uint8Array(wanted), this.state);
    this.label = enlarged(new Uint32Array(wanted), this.label);
    this.mark = enlarged(new Uint8Array(wanted), this.mark);
    if (this.merged) this.merged = enlarged(new Uint32Array(wanted), this.merged);
  }

  /** Recomputes the sums from span `from` to the end; those before it are still right. */
  #sum(from: number): void {
    const { start, end, state, kinds } = this;
    const blocks = this.length >> BLOCK_BITS;
    const room = (blocks + 1) * kinds;
    if (this.#sums.length < room)
      this.#sums = enlarged(
        new Float64Array(Math.max(room, Math.ceil(this.#sums.length * 1.5))),
        this.#sums,
      );
    for (let span = from; span < this.length; span++) this.seen |= 1 << state[span]!;
    const sums = this.#sums;
    for (let block = from >> BLOCK_BITS; block < blocks; block++) {
      const at = block * kinds;
      const next = at + kinds;
      sums.copyWithin(next, at, next);
      const to = (block + 1) << BLOCK_BITS;
      for (let span = block << BLOCK_BITS; span < to; span++)
        sums[next + state[span]!]! += end[span]! - start[span]!;
    }
  }
}

function enlarged<T extends Float64Array | Uint8Array | Uint32Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
