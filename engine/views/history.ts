/** What happened, by time: waits, holds, steps, work items and samples, so that tables and selections can be made for any window. */
import type { Actor } from '../ingest/actor.ts';
import { bytes, doubles, type Growing, words } from './growing.ts';

/** Ended waits; open ones are in `trace.facts.waits`. In order of their ends. */
export class WaitTable {
  readonly actor = words();
  readonly object = words();
  readonly kind = bytes();
  readonly from = doubles();
  readonly to = doubles();
  readonly stack = words();
  /** Actor that owned it when the wait began, 0 unknown; where it got it; what it did meanwhile. */
  readonly owner = words();
  readonly ownerStack = words();
  readonly nowStack = words();
  /** Actor that ended the wait. */
  readonly endedBy = words();
  readonly result = bytes();
}

/** Holds of locks that were seen one by one. */
export class HoldTable {
  readonly actor = words();
  readonly object = words();
  readonly from = doubles();
  readonly to = doubles();
  readonly stack = words();
}

/** Steps of event loops worth a record. */
export class StepTable {
  readonly actor = words();
  readonly loop = words();
  readonly from = doubles();
  readonly to = doubles();
  readonly stack = words();
}

/** Items of pools. `submit` is NaN when it was not seen. */
export class ItemTable {
  readonly pool = words();
  readonly worker = words();
  readonly submit = doubles();
  readonly from = doubles();
  readonly to = doubles();
  readonly target = words();
  readonly failed = bytes();
}

/** Stacks of one actor, where it was seen. */
export class SampleTable {
  readonly at = doubles();
  readonly stack = words();
}

export class History {
  readonly waits = new WaitTable();
  readonly holds = new HoldTable();
  readonly steps = new StepTable();
  readonly items = new ItemTable();
  readonly #samples = new Map<number, SampleTable>();
  readonly #waitsOf = new Map<number, Growing<Uint32Array>>();

  noteWait(actor: Actor): void {
    let rows = this.#waitsOf.get(actor.index);
    if (rows === undefined) {
      rows = words();
      this.#waitsOf.set(actor.index, rows);
    }
    rows.push(this.waits.actor.length - 1);
  }

  /** Row of the ended wait of an actor that covers a time; -1 when there is none. */
  waitAt(actor: number, at: number): number {
    const rows = this.#waitsOf.get(actor);
    if (rows === undefined) return -1;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.waits.to.get(rows.get(middle)) <= at) low = middle + 1;
      else high = middle;
    }
    if (low >= rows.length) return -1;
    const row = rows.get(low);
    return this.waits.from.get(row) <= at ? row : -1;
  }

  noteSample(actor: number, at: number, stack: number): void {
    if (stack === 0) return;
    let table = this.#samples.get(actor);
    if (table === undefined) {
      table = new SampleTable();
      this.#samples.set(actor, table);
    }
    table.at.push(at);
    table.stack.push(stack);
  }

  /** The stack seen nearest to the window's end and inside it; 0 when none was. */
  sampleIn(actor: number, from: number, to: number): number {
    const table = this.#samples.get(actor);
    if (table === undefined) return 0;
    let low = 0;
    let high = table.at.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table.at.get(middle) <= to) low = middle + 1;
      else high = middle;
    }
    // A sample's stack holds from its moment on: the one before the window still speaks for its beginning.
    return low > 0 && table.at.get(low - 1) >= from - 500e6 ? table.stack.get(low - 1) : 0;
  }
}
