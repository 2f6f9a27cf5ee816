/** How many tasks there were, how they ended and how many lived at once. */
import type { Actor } from '../ingest/actor.ts';

/** Shorter ones are no waiting. */
const MIN_AWAIT_NS = 1e6;
const SAME_NS = 500e3;
const MAX_TASKS = 10_000;
/** Awaits at one line that make a run worth keeping. */
const ENOUGH = 4;

export class TaskFacts {
  created = 0;
  done = 0;
  failed = 0;
  cancelled = 0;
  live = 0;
  maxLive = 0;
  /** Most at once since an await was last told of. */
  #peak = 0;
  /** Awaits of a task one after another, for the no-overlap rule: by task. */
  readonly awaits = new Map<Actor, AwaitRun>();

  create(): void {
    this.created++;
    this.live++;
    this.maxLive = Math.max(this.maxLive, this.live);
    this.#peak = Math.max(this.#peak, this.live);
  }

  /** An await ended; the same one may be told of twice, as a wait and as a suspension. */
  awaited(task: Actor, fromNs: number, toNs: number, stack: number): void {
    const ns = toNs - fromNs;
    if (stack === 0 || ns < MIN_AWAIT_NS) return;
    const maxLive = Math.max(this.#peak, this.live);
    this.#peak = this.live;
    const run = this.awaits.get(task);
    if (run !== undefined && run.stack === stack) {
      if (fromNs < run.toNs - SAME_NS) return;
      run.count++;
      run.ns += ns;
      run.toNs = toNs;
      run.maxLive = Math.max(run.maxLive, maxLive);
    } else if (run === undefined ? this.awaits.size < MAX_TASKS : run.count < ENOUGH) {
      // A line that was awaited now and then gives way: the loop may still come.
      this.awaits.set(task, { count: 1, ns, stack, toNs, maxLive });
    }
  }

  end(): void {
    this.live = Math.max(0, this.live - 1);
  }
}

/** Awaits of one task at one line. */
export interface AwaitRun {
  count: number;
  ns: number;
  stack: number;
  /** End of the latest. */
  toNs: number;
  /** Tasks that lived at once while these awaits went on. */
  maxLive: number;
}
