/** Sorted, disjoint spans of a few kinds that grow at the end, with a tree that answers at once how much of each kind a window holds. */

/** Children of a tree node: 4 keeps the tree at a third of the spans' count and a walk at three spans a level. */
const FAN_BITS = 2;
const FAN = 1 << FAN_BITS;

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
  start = new Float64Array(0);
  end = new Float64Array(0);
  state = new Uint8Array(0);
  label = new Uint32Array(0);
  mark = new Uint8Array(0);
  merged: Uint32Array | undefined;
  /** Level k: for each node over 4^(k+1) spans, `kinds` sums. */
  #levels: Float32Array[] = [];

  constructor(kinds: number) {
    this.kinds = kinds;
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

  /** Adds to `out` the time of spans `from` to `to` (not included), whole spans, by kind. */
  addWhole(from: number, to: number, out: Float64Array): void {
    let low = from;
    let high = to;
    while (low < high && (low & (FAN - 1)) !== 0) this.#addSpan(low++, out);
    while (low < high && (high & (FAN - 1)) !== 0) this.#addSpan(--high, out);
    let level = 0;
    low >>= FAN_BITS;
    high >>= FAN_BITS;
    while (low < high) {
      const sums = this.#levels[level]!;
      while (low < high && (low & (FAN - 1)) !== 0) this.#addNode(sums, low++, out);
      while (low < high && (high & (FAN - 1)) !== 0) this.#addNode(sums, --high, out);
      level++;
      low >>= FAN_BITS;
      high >>= FAN_BITS;
    }
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

  #addSpan(index: number, out: Float64Array): void {
    out[this.state[index]!]! += this.end[index]! - this.start[index]!;
  }

  #addNode(sums: Float32Array, node: number, out: Float64Array): void {
    const at = node * this.kinds;
    for (let kind = 0; kind < this.kinds; kind++) out[kind]! += sums[at + kind]!;
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

  /** Recomputes the tree from span `from` to the end; nodes before it are still right. */
  #sum(from: number): void {
    const kinds = this.kinds;
    let count = this.length;
    let first = from;
    for (let level = 0; count >= FAN; level++) {
      const nodes = count >> FAN_BITS;
      first >>= FAN_BITS;
      let sums = this.#levels[level];
      if (sums === undefined || sums.length < nodes * kinds) {
        const wanted = Math.max(nodes, Math.ceil(((sums?.length ?? 0) / kinds) * 1.5), FAN) * kinds;
        sums = enlarged(new Float32Array(wanted), sums ?? new Float32Array(0));
        this.#levels[level] = sums;
      }
      sums.fill(0, first * kinds, nodes * kinds);
      if (level === 0) this.#sumSpans(sums, first, nodes);
      else this.#sumNodes(sums, this.#levels[level - 1]!, first, nodes);
      count = nodes;
    }
  }

  #sumSpans(sums: Float32Array, first: number, nodes: number): void {
    for (let index = first * FAN; index < nodes * FAN; index++) {
      sums[(index >> FAN_BITS) * this.kinds + this.state[index]!]! +=
        this.end[index]! - this.start[index]!;
    }
  }

  #sumNodes(sums: Float32Array, below: Float32Array, first: number, nodes: number): void {
    const kinds = this.kinds;
    for (let child = first * FAN; child < nodes * FAN; child++) {
      const to = (child >> FAN_BITS) * kinds;
      const from = child * kinds;
      for (let kind = 0; kind < kinds; kind++) sums[to + kind]! += below[from + kind]!;
    }
  }
}

function enlarged<T extends Float64Array | Float32Array | Uint8Array | Uint32Array>(
  larger: T,
  old: T,
): T {
  larger.set(old);
  return larger;
}
