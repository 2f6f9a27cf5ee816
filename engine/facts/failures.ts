/** Threads, tasks and work that ended with an exception, by exception and place: who is missed when others wait for ever. */
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';

const MAX_PLACES = 500;
const MAX_USED = 16;

export interface Failure {
  /** The latest of them. */
  actor: Actor;
  /** String indexes: what it ran (0 = the actor's own), and the exception. */
  readonly target: number;
  readonly text: number;
  /** Where it was raised. */
  readonly stack: number;
  /** It ran as work of this pool. */
  readonly pool: TracedObject | undefined;
  count: number;
  atNs: number;
  /** What they had waited for last: queues, events and the like. */
  readonly used: Set<TracedObject>;
}

export class Failures {
  readonly #failures = new Map<string, Failure>();

  add(
    actor: Actor,
    atNs: number,
    text: number,
    stack: number,
    target = 0,
    pool: TracedObject | undefined = undefined,
  ): void {
    const key = `${actor.stream.index}:${actor.kind}:${target || actor.target}:${text}:${stack}:${pool?.index ?? 0}`;
    let failure = this.#failures.get(key);
    if (failure === undefined) {
      if (this.#failures.size >= MAX_PLACES) return;
      failure = { actor, target, text, stack, pool, count: 0, atNs, used: new Set() };
      this.#failures.set(key, failure);
    }
    failure.actor = actor;
    failure.count++;
    failure.atNs = atNs;
    if (actor.lastQueue !== undefined && failure.used.size < MAX_USED)
      failure.used.add(actor.lastQueue);
  }

  get all(): readonly Failure[] {
    return [...this.#failures.values()];
  }
}
