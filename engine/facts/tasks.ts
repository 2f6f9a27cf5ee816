/** How many tasks there were, how they ended and how many lived at once. */
import type { Actor } from '../ingest/actor.ts';
import type { Trace } from '../trace.ts';

/** Shorter ones are no waiting. */
const MIN_AWAIT_NS = 1e6;
const SAME_NS = 500e3;
const MAX_TASKS = 10_000;
/** Of time, in which the most that lived at once is kept. */
const MAX_STRETCHES = 2048;
/** Awaits at one line that make a run worth keeping. */
const ENOUGH = 4;
/** asyncio's own task for a connection that comes in, over in a moment. */
const ACCEPTING = /\._accept_connection2$/;

export class TaskFacts {
  created = 0;
  done = 0;
  failed = 0;
  cancelled = 0;
  live = 0;
  /** When some ended is not known: a look found them gone. */
  #unseen = 0;
  /** The making of some was not seen: of others nothing may have been. */
  met = 0;
  /** The most at once as told. */
  #told = 0;
  readonly #sure = new SurelyAtOnce();
  /** Most at once since an await was last told of, without those of the loop's own. */
  #peak = 0;
  /** What asyncio makes for a moment to accept a connection: nobody's work. */
  #accepting = 0;
  /** Awaits of a task one after another, for the no-overlap rule: by task. */
  readonly awaits = new Map<Actor, AwaitRun>();

  /** @param target the coroutine's name */
  create(at: number, seen: boolean, target: string): void {
    this.created++;
    this.live++;
    if (ACCEPTING.test(target)) this.#accepting++;
    if (!seen) this.met++;
    this.#told = Math.max(this.#told, this.live);
    this.#sure.began(at, this.live);
    this.#peak = Math.max(this.#peak, this.#working);
  }

  get #working(): number {
    return this.live - this.#accepting;
  }

  /** All ends were seen as they came. */
  get isExact(): boolean {
    return this.#unseen === 0;
  }

  /** The most that lived at once: where ends were not seen no more than is certain, if so many of them may never be told. */
  maxLive(untold: number): number {
    return this.isExact ? this.#told : Math.max(1, this.#sure.most - untold);
  }

  /** An await ended; the same one may be told of twice, as a wait and as a suspension. */
  awaited(task: Actor, fromNs: number, toNs: number, stack: number): void {
    const ns = toNs - fromNs;
    if (stack === 0 || ns < MIN_AWAIT_NS) return;
    const maxLive = Math.max(this.#peak, this.#working);
    this.#peak = this.#working;
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

  /** @param seen its last step was; else a look at all tasks found it gone, some time after. */
  end(madeAt: number, seen: boolean, target: string): void {
    this.live = Math.max(0, this.live - 1);
    if (ACCEPTING.test(target)) this.#accepting = Math.max(0, this.#accepting - 1);
    if (seen) return;
    this.#unseen++;
    this.#sure.unknownSince(madeAt);
  }
}

/** How many lived at once for certain: the most of each stretch of time, without those of which it turned out that nobody knows. */
class SurelyAtOnce {
  #width = 100e6;
  /** As seen, and what was taken off by then on top. */
  #most: number[] = [];
  #when: number[] = [];
  #off = new Suffixes(MAX_STRETCHES);

  began(at: number, live: number): void {
    while (at >= MAX_STRETCHES * this.#width) this.#widen();
    const index = Math.floor(at / this.#width);
    while (this.#most.length <= index) {
      this.#most.push(0);
      this.#when.push(0);
    }
    const off = this.#off.at(index);
    if (live <= this.#most[index]! - off) return;
    this.#most[index] = live + off;
    this.#when[index] = at;
  }

  /** Of one made then it is not known when it ended: it may have been there at every later most. */
  unknownSince(at: number): void {
    const index = Math.min(Math.floor(at / this.#width), MAX_STRETCHES - 1);
    this.#off.add((this.#when[index] ?? 0) >= at ? index : index + 1);
  }

  get most(): number {
    return this.#sure().reduce((most, live) => Math.max(most, live), 0);
  }

  #sure(): number[] {
    return this.#most.map((live, index) => live - this.#off.at(index));
  }

  #widen(): void {
    const [most, when] = [this.#sure(), this.#when];
    this.#width *= 2;
    this.#most = [];
    this.#when = [];
    this.#off = new Suffixes(MAX_STRETCHES);
    for (let index = 0; index < most.length; index += 2) {
      const better = (most[index + 1] ?? 0) > most[index]! ? index + 1 : index;
      this.#most.push(Math.max(0, most[better]!));
      this.#when.push(when[better]!);
    }
  }
}

/** Numbers that grow from some place on: each step costs the logarithm of their count (a Fenwick tree). */
class Suffixes {
  readonly #sums: Int32Array;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  /** One more from `index` on. */
  add(index: number): void {
    for (let at = index + 1; at < this.#sums.length; at += at & -at) this.#sums[at]!++;
  }

  at(index: number): number {
    let sum = 0;
    for (let at = index + 1; at > 0; at -= at & -at) sum += this.#sums[at]!;
    return sum;
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

/** The most tasks at once, as far as that is certain. */
export function mostAtOnce(trace: Trace): number {
  const { tasks } = trace.facts;
  // Where only some are told of, some of these are forgotten, and seem to live for ever.
  const areForgotten = trace.streams.some(({ process }) => process?.partly?.includes('tasks'));
  return tasks.maxLive(areForgotten ? tasks.live : 0);
}

/** There were tasks that were not told of. */
export function toldPartly(trace: Trace): boolean {
  return (
    trace.facts.tasks.met > 0 ||
    trace.streams.some((stream) => stream.process?.partly?.includes('tasks') === true)
  );
}
