/** Looks for circles while records come in, so that one that was broken later is still known. Its clock is the records'. */
import type { Finding } from '../../wire/report.ts';
import type { OpenWait } from '../facts/waits.ts';
import { Actor } from '../ingest/actor.ts';
import { deadlockFinding } from '../rules/deadlock.ts';
import type { Trace } from '../trace.ts';
import { type Circle, findStuck } from './stuck.ts';

const LOOK_EVERY_NS = 50e6;
/** Looks cost as much as there are open waits: so many records must have paid for it. */
const RECORDS_PER_WAIT = 4;

export class DeadlockWatch {
  readonly #found = new Map<string, Finding>();
  /** Of those who seemed to wait for a lock of their own, by the id of the finding. */
  readonly #alone = new Map<string, OpenWait>();
  /** Of which finding a wait is: a knot grows and shrinks at its edges, and is one deadlock while any of its waits lasts. */
  readonly #ids = new WeakMap<OpenWait, string>();
  nextLookNs = LOOK_EVERY_NS;
  #lastRecords = 0;
  #lastChanges = -1;
  #pending = false;

  /** By id. */
  get found(): ReadonlyMap<string, Finding> {
    // Who got it after all was given it by another: the lock was a signal.
    for (const [id, wait] of this.#alone) if (wait.granted) this.#found.delete(id);
    return this.#found;
  }

  /** The finding of a circle, under the name that it had when it was smaller or larger. */
  tell(trace: Trace, circle: Circle, at: number): Finding {
    const one = deadlockFinding(trace, circle, at);
    const waits = circle.members.flatMap((node) =>
      node instanceof Actor ? (node.wait ?? []) : [],
    );
    const id = waits.map((wait) => this.#ids.get(wait)).find((known) => known !== undefined);
    for (const wait of waits) this.#ids.set(wait, id ?? one.id);
    return id === undefined ? one : { ...one, id };
  }

  look(trace: Trace, at: number): void {
    this.nextLookNs = at + LOOK_EVERY_NS;
    const { waits } = trace.facts;
    if (waits.open.size === 0) return;
    if (waits.changes === this.#lastChanges && !this.#pending) return;
    const records = trace.columns.length;
    if (records - this.#lastRecords < waits.open.size * RECORDS_PER_WAIT && waits.open.size > 64)
      return;
    this.#lastRecords = records;
    this.#lastChanges = waits.changes;
    this.#pending = this.note(trace, findStuck(trace, at).circles, at);
  }

  /** Keeps the circles that stand for certain, also from a look that no record brought. Gives whether one is not certain yet. */
  note(trace: Trace, circles: readonly Circle[], at: number): boolean {
    let pending = false;
    for (const circle of circles) {
      if (circle.presumed) continue;
      if (!circle.confirmed) pending = true;
      else {
        const one = this.tell(trace, circle, at);
        this.#found.set(one.id, one);
        const [alone, ...others] = circle.cycle;
        if (alone instanceof Actor && alone.wait?.forLock && others.length === 0)
          this.#alone.set(one.id, alone.wait);
      }
    }
    return pending;
  }
}
