/** The slices of one lane while they are made: finished ones stay, a step that is known only at its end may take some back. */
import { Spans } from '../../base/spans.ts';
import { LONG_STEP, SLICE_STATES, type SliceColumns } from '../../wire/panel.ts';

/** Gaps below this between equal slices are closed, ns. */
const GLUE_NS = 1000;

interface Staged {
  start: number;
  end: number;
  state: number;
  label: number;
  mark: number;
}

export class LaneSlices {
  readonly spans = new Spans(SLICE_STATES.length);
  /** Slices of `spans` that are finished; behind them stands at most one that still grows. */
  #kept = 0;
  #staged: Staged[] = [];

  /** Appends a finished slice. What begins before the end of the last one is cut. */
  push(start: number, end: number, state: number, label = 0, mark = 0): void {
    const last = this.#last();
    const from = last === undefined ? start : Math.max(start, last.end);
    if (end <= from) return;
    if (
      last?.state === state &&
      // Two long steps one after the other are two.
      mark !== LONG_STEP &&
      last.label === label &&
      last.mark === mark &&
      from - last.end <= GLUE_NS
    ) {
      this.#unstage();
      this.#staged[this.#staged.length - 1]!.end = end;
      return;
    }
    this.#staged.push({ start: from, end, state, label, mark });
  }

  /** End of the last finished slice; -1 when there is none. */
  get end(): number {
    return this.#last()?.end ?? -1;
  }

  /** Takes back everything from `time` on. */
  rewind(time: number): void {
    for (let last = this.#last(); last !== undefined && last.end > time; last = this.#last()) {
      this.#unstage();
      const taken = this.#staged.pop()!;
      if (taken.start >= time) continue;
      taken.end = time;
      this.#staged.push(taken);
      return;
    }
  }

  /** Gives what has one state from `time` on another one. */
  restate(time: number, state: number, other: number): void {
    while (this.#kept > 0 && this.spans.end[this.#kept - 1]! > time) {
      this.#kept--;
      this.#staged.unshift(this.#read(this.#kept));
    }
    for (const slice of this.#staged)
      if (slice.state === state && slice.start >= time) slice.state = other;
  }

  get changed(): boolean {
    return this.#staged.length > 0;
  }

  /** Puts what is finished, and `tail` that still grows, into `spans`; returns how many of the former ones stay. */
  flush(tail: Staged | undefined): number {
    const all = tail && tail.end > tail.start ? [...this.#staged, tail] : this.#staged;
    const keep = this.#kept;
    this.spans.replace(keep, toColumns(all), 0, all.length);
    this.#kept = keep + this.#staged.length;
    this.#staged = [];
    return keep;
  }

  #last(): Staged | undefined {
    const staged = this.#staged.at(-1);
    if (staged !== undefined) return staged;
    if (this.#kept === 0) return undefined;
    return this.#read(this.#kept - 1);
  }

  /** Makes sure that the last slice is a staged one, so that it can be changed. */
  #unstage(): void {
    if (this.#staged.length > 0 || this.#kept === 0) return;
    this.#kept--;
    this.#staged.push(this.#read(this.#kept));
  }

  #read(index: number): Staged {
    const { start, end, state, label, mark } = this.spans;
    return {
      start: start[index]!,
      end: end[index]!,
      state: state[index]!,
      label: label[index]!,
      mark: mark[index]!,
    };
  }
}

export function newColumns(length: number): SliceColumns {
  return {
    start: new Float64Array(length),
    end: new Float64Array(length),
    state: new Uint8Array(length),
    label: new Uint32Array(length),
    mark: new Uint8Array(length),
  };
}

function toColumns(slices: readonly Staged[]): SliceColumns {
  const columns = newColumns(slices.length);
  slices.forEach((slice, index) => {
    columns.start[index] = slice.start;
    columns.end[index] = slice.end;
    columns.state[index] = slice.state;
    columns.label[index] = slice.label;
    columns.mark[index] = slice.mark;
  });
  return columns;
}
