/** Who took which lock while holding which: the raw edges of the lock-order graph. */
import type { Actor } from '../ingest/actor.ts';
import type { HeldLock } from '../ingest/tables.ts';

const MAX_EDGES = 100_000;
const MAX_WITNESSES = 24;

/** One time that `acquired` was taken, or asked for, while `held` was held. */
export interface OrderWitness {
  readonly actor: Actor;
  readonly at: number;
  /** Stack of the acquire of `acquired`. */
  readonly stack: number;
  /** Stack of the acquire of `held`. */
  readonly heldStack: number;
  /** Everything held then, by object index. */
  readonly held: readonly number[];
  /** Work item it did so for; 0 when it was none. */
  readonly item: number;
  readonly itemSubmitNs: number;
  /** -1 while the item runs, or when there is none. */
  itemEndNs: number;
}

export interface OrderEdge {
  /** Object indexes. */
  readonly held: number;
  readonly acquired: number;
  readonly witnesses: OrderWitness[];
}

export class OrderFacts {
  readonly edges = new Map<string, OrderEdge>();
  /** Grows with every new edge or witness. */
  changes = 0;
  /** Of the items that run now. */
  readonly #running = new Map<Actor, OrderWitness[]>();

  nest(
    actor: Actor,
    at: number,
    acquired: number,
    stack: number,
    chain: readonly HeldLock[],
  ): void {
    const held = chain.map((one) => one.object);
    if (held.includes(acquired)) return;
    for (const one of chain) {
      const key = `${one.object}>${acquired}`;
      let edge = this.edges.get(key);
      if (edge === undefined) {
        if (this.edges.size >= MAX_EDGES) return;
        edge = { held: one.object, acquired, witnesses: [] };
        this.edges.set(key, edge);
      }
      const known = edge.witnesses.filter((witness) => witness.actor === actor).length;
      // A few of each actor and a few actors are enough: more of the same proves nothing new.
      if (known >= 4 || edge.witnesses.length >= MAX_WITNESSES) continue;
      const { runningItem: item, itemSubmitNs } = actor;
      const { stack: heldStack } = one;
      const witness = { actor, at, stack, heldStack, held, item, itemSubmitNs, itemEndNs: -1 };
      edge.witnesses.push(witness);
      this.changes++;
      if (item === 0) continue;
      const running = this.#running.get(actor);
      if (running === undefined) this.#running.set(actor, [witness]);
      else running.push(witness);
    }
  }

  itemEnded(actor: Actor, at: number): void {
    const witnesses = this.#running.get(actor);
    if (witnesses === undefined) return;
    for (const witness of witnesses) witness.itemEndNs = at;
    this.#running.delete(actor);
    this.changes++;
  }
}
