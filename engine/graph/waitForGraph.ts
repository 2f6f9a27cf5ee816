/**
 * Who can still move: every actor is stuck until somebody who can move could help it, to a fixed point. What is left can
 * never move again. A wait needs any one of its helpers; a pool's shutdown needs all.
 */
import { OWNER, WAIT } from '../../wire/recording.ts';
import type { LoopFacts } from '../facts/loops.ts';
import type { OpenWait, WaitOwner } from '../facts/waits.ts';
import { isServiceStack, sourceOf } from '../frames.ts';
import { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { Stream } from '../ingest/stream.ts';
import type { Trace } from '../trace.ts';

/** A thread or task, a process, or a pool or loop. */
export type Node = Actor | Stream | TracedObject;

/** Streams that ended without a goodbye this long before the recording did were killed before. */
const KILLED_BEFORE_NS = 2e9;
/** A lock taken without `with` may be released by somebody else: patience before that is ruled out. */
const SIGNAL_LOCK_NS = 1.5e9;

interface Help {
  readonly helpers: readonly Node[];
  /** Needs every helper, not any. */
  readonly all: boolean;
  /** Anybody of these processes who can move may help as well. */
  readonly anyone: readonly Stream[];
}

const FREE: Help = { helpers: [], all: true, anyone: [] };

export class WaitForGraph {
  readonly trace: Trace;
  readonly nowNs: number;
  /** Everybody who can never move again. */
  readonly stuck = new Set<Node>();
  /** Blocking waits inside a step of a loop, by loop. */
  readonly #blocking = new Map<TracedObject, OpenWait>();
  readonly #help = new Map<Node, Help>();
  readonly #freeThreads = new Map<Stream, number>();

  constructor(trace: Trace, nowNs: number) {
    this.trace = trace;
    this.nowNs = nowNs;
    this.#collect();
    this.#settle();
  }

  /** Who could end the node's wait, as far as it is known: the definite edges of the graph. */
  helpers(node: Node): readonly Node[] {
    const helpers = (this.#help.get(node)?.helpers ?? []).filter((helper) =>
      this.stuck.has(helper),
    );
    // Whatever it waits for, it also needs its loop's thread.
    const blocker = this.#blockerOf(node);
    return blocker === undefined || helpers.includes(blocker) ? helpers : [...helpers, blocker];
  }

  /** True when it waits for anybody to come, not for somebody known. */
  waitsForAnyone(node: Node): boolean {
    const help = this.#help.get(node);
    return help !== undefined && this.helpers(node).length === 0;
  }

  /** The wait that keeps it: its own, or the one inside the step that blocks its loop. */
  waitOf(node: Node): OpenWait | undefined {
    return node instanceof Actor ? node.wait : undefined;
  }

  /** The processes whose actors could help, for grouping of hangs. */
  scope(node: Node): readonly Stream[] {
    return this.#help.get(node)?.anyone ?? [];
  }

  isGone(stream: Stream): boolean {
    // The header may tell of the goodbye before the records of the life before it are read.
    const end = stream.closedNs ?? stream.endSeen?.atNs;
    if (end !== undefined) return end <= this.nowNs;
    return stream.ended && stream.lastNs < this.trace.endNs - KILLED_BEFORE_NS;
  }

  #collect(): void {
    for (const wait of this.trace.facts.waits.open) {
      const { actor } = wait;
      if (endsByItself(wait) || actor.ended || this.isGone(actor.stream)) continue;
      this.stuck.add(actor);
      const loop = actor.kind === 'task' && wait.blocksThread ? loopOf(actor) : undefined;
      if (loop !== undefined) this.#blocking.set(loop, wait);
    }
    if (this.stuck.size === 0) return;
    for (const loop of this.trace.facts.loops) this.#collectLoop(loop);
    for (const stream of this.trace.streams) {
      if (this.isGone(stream)) continue;
      let free = 0;
      for (const thread of stream.threads) {
        if (thread.ended || this.stuck.has(thread)) continue;
        if (thread.wait === undefined && this.#isIdleService(thread)) {
          this.stuck.add(thread);
          this.#help.set(thread, { helpers: [], all: false, anyone: this.#allStreams() });
        } else free++;
      }
      this.#freeThreads.set(stream, free);
    }
    for (const node of [...this.stuck]) {
      if (node instanceof Actor) this.#addReferred(node);
    }
  }

  /** A loop's thread that is blocked in a step, or has nothing to run and nothing that could wake it. */
  #collectLoop(loop: LoopFacts): void {
    const { thread, object } = loop;
    if (thread === undefined || !loop.running || thread.ended || this.isGone(thread.stream)) return;
    if (thread.wait !== undefined) {
      if (this.stuck.has(thread)) this.#blocking.set(object, thread.wait);
      return;
    }
    const blocking = this.#blocking.get(object);
    if (blocking !== undefined) {
      this.stuck.add(thread);
      this.#help.set(thread, { helpers: [blocking.actor], all: false, anyone: [] });
    } else if (loop.isIdle && loop.idle?.timers === 0 && loop.idle.files === 0) {
      this.stuck.add(thread);
      this.#help.set(thread, { helpers: [], all: false, anyone: [thread.stream] });
    }
  }

  /** Workers without work and the pools' own threads act only when somebody else does. */
  #isIdleService(thread: Actor): boolean {
    if (thread.main || thread.loop?.loop?.running === true) return false;
    if (thread.pool !== undefined)
      return (thread.pool.pool?.workers.get(thread)?.running.size ?? 0) === 0;
    return isServiceStack(this.trace, thread.sampleStack);
  }

  /** Pools, loops and processes that stuck actors refer to, and what those refer to. */
  #addReferred(actor: Actor): void {
    const wait = actor.wait;
    if (wait === undefined) return;
    const help = this.#helpOf(wait);
    this.#help.set(actor, help);
    for (const helper of help.helpers) {
      if (this.stuck.has(helper)) continue;
      if (helper instanceof Actor) {
        // A task that could go on at once, or after a sleep, still needs its loop's thread.
        if (helper.kind !== 'task' || helper.ended || this.#blockerOf(helper) === undefined)
          continue;
        this.#help.set(helper, FREE);
        this.stuck.add(helper);
        continue;
      }
      const of =
        helper instanceof Stream
          ? this.#helpOfProcess(helper)
          : helper.type === 'EventLoop'
            ? this.#helpOfLoop(helper)
            : this.#helpOfPool(helper);
      if (of === FREE) continue;
      this.#help.set(helper, of);
      this.stuck.add(helper);
    }
  }

  #helpOf(wait: OpenWait): Help {
    // Whatever its process may do: any of this one could read what it cannot write.
    if (wait.pipe !== undefined) return { helpers: [], all: false, anyone: [wait.actor.stream] };
    const streams = this.#reach(wait);
    const { object } = wait;
    if (wait.kind === WAIT.poolShutdown && object !== undefined && wait.owners.length === 0) {
      const busy = this.#busyWorkers(object);
      return busy.length === 0 ? FREE : { helpers: busy, all: true, anyone: [] };
    }
    const helpers: Node[] = [];
    for (const owner of ownersOf(wait)) {
      const node = this.#nodeOf(owner);
      if (node === undefined) return FREE;
      helpers.push(node);
    }
    if (helpers.length === 0) {
      // Of a thread that the fork left behind, and none that lives has it to give back.
      const lost = wait.leftStack !== 0 && this.#isWith(wait.leftStack);
      return { helpers, all: false, anyone: lost ? [] : streams };
    }
    // Its own permit is of no use to it while others have one too.
    if (wait.kind === WAIT.semaphore && helpers.length > 1) {
      const self = helpers.indexOf(wait.actor);
      if (self >= 0) helpers.splice(self, 1);
    }
    return { helpers, all: false, anyone: this.#mayBeSignal(wait, helpers) ? streams : [] };
  }

  /** Undefined when that one is able to move for sure, or nothing is known of it. */
  #nodeOf(owner: WaitOwner): Node | undefined {
    if (owner.kind === OWNER.process) {
      const stream = this.trace.streamsOfPid(owner.pid).at(-1);
      return stream === undefined || this.isGone(stream) ? undefined : stream;
    }
    if (owner.actor?.ended && owner.kind !== OWNER.holder) return undefined;
    return owner.actor ?? owner.object;
  }

  /** A lock or permit that others than its owner may give back. */
  #mayBeSignal(wait: OpenWait, helpers: readonly Node[]): boolean {
    const { object } = wait;
    if (object === undefined || !wait.forLock) return false;
    if (object.type === 'Semaphore' || object.type === 'BoundedSemaphore') {
      if ((object.capacity ?? 1) === 0 || (object.lock?.foreignReleases ?? 0) > 0) return true;
      // Everybody with a permit waits for one more of the same: only a release by another would help, and may come.
      return helpers.every((helper) => helper instanceof Actor && helper.wait?.object === object);
    }
    if (object.type !== 'Lock') return false;
    if ((object.lock?.foreignReleases ?? 0) > 0) return true;
    const dead = helpers.some((helper) => helper instanceof Actor && helper.ended);
    const self = helpers.includes(wait.actor);
    if (!dead && !self) return false;
    const owner = ownersOf(wait)[0];
    if (owner !== undefined && this.#isWith(owner.stack)) return false;
    return dead || this.nowNs - wait.sinceNs < SIGNAL_LOCK_NS;
  }

  #isWith(stack: number): boolean {
    return /^\s*(async\s+)?with\b/.test(sourceOf(this.trace, stack) ?? '');
  }

  #helpOfPool(pool: TracedObject): Help {
    const workers = [...(pool.pool?.workers.values() ?? [])].filter(
      (worker) => !worker.actor.ended && !this.isGone(worker.actor.stream),
    );
    const idle = workers.some((worker) => worker.running.size === 0);
    const mayGrow = pool.capacity !== undefined && workers.length < pool.capacity;
    if (workers.length === 0 || idle || mayGrow) return FREE;
    return { helpers: workers.map((worker) => worker.actor), all: false, anyone: [] };
  }

  #busyWorkers(pool: TracedObject): Actor[] {
    return [...(pool.pool?.workers.values() ?? [])]
      .filter((worker) => worker.running.size > 0 && !worker.actor.ended)
      .map((worker) => worker.actor);
  }

  #helpOfLoop(object: TracedObject): Help {
    const loop = object.loop;
    if (loop === undefined) return FREE;
    const blocking = this.#blocking.get(object);
    if (blocking !== undefined) return { helpers: [blocking.actor], all: false, anyone: [] };
    if (!loop.running || loop.thread === undefined)
      return { helpers: [], all: false, anyone: [object.stream] };
    return { helpers: [loop.thread], all: false, anyone: [] };
  }

  /** A process ends when its main thread and its other threads that are no daemons do. */
  #helpOfProcess(stream: Stream): Help {
    const needed = stream.threads.filter(
      (thread) => !thread.ended && (thread.main || (stream.mainThread?.ended && !thread.daemon)),
    );
    return needed.length === 0 ? FREE : { helpers: needed, all: true, anyone: [] };
  }

  /** Processes whose actors could come to the waited-for object. */
  #reach(wait: OpenWait): readonly Stream[] {
    const { object } = wait;
    const crosses =
      wait.kind === WAIT.receive ||
      wait.kind === WAIT.send ||
      (object !== undefined &&
        (object.shared !== '' || object.library.startsWith('multiprocessing')));
    return crosses ? this.#allStreams() : [wait.actor.stream];
  }

  #allStreams(): readonly Stream[] {
    return this.trace.streams;
  }

  #settle(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of this.stuck) {
        if (!this.#canMove(node)) continue;
        this.stuck.delete(node);
        changed = true;
        if (node instanceof Actor && node.kind === 'thread')
          this.#freeThreads.set(node.stream, (this.#freeThreads.get(node.stream) ?? 0) + 1);
      }
    }
  }

  #canMove(node: Node): boolean {
    const help = this.#help.get(node);
    if (help === undefined) return true;
    if (!this.#isHelped(help)) return false;
    // A task may be helped and still not run: its loop's thread is blocked for ever.
    return this.#blockerOf(node) === undefined;
  }

  /** Who blocks the loop of a suspended task for ever. */
  #blockerOf(node: Node): Actor | undefined {
    if (!(node instanceof Actor) || node.kind !== 'task' || node.wait?.blocksThread === true)
      return undefined;
    const loop = loopOf(node);
    const blocker = loop === undefined ? undefined : this.#blocking.get(loop)?.actor;
    return blocker !== undefined && blocker !== node && this.stuck.has(blocker)
      ? blocker
      : undefined;
  }

  #isHelped(help: Help): boolean {
    if (help.anyone.some((stream) => this.#someoneMoves(stream))) return true;
    if (help.helpers.length === 0) return help === FREE;
    const moves = (helper: Node) => !this.stuck.has(helper) && !this.#isDead(helper);
    return help.all ? help.helpers.every(moves) : help.helpers.some(moves);
  }

  #isDead(node: Node): boolean {
    return node instanceof Actor && (node.ended || this.isGone(node.stream));
  }

  #someoneMoves(stream: Stream): boolean {
    // The resource tracker and the fork server do as they are told and give nobody anything by themselves.
    if (this.isGone(stream) || stream.process?.service === true) return false;
    return stream.process?.signals === true || (this.#freeThreads.get(stream) ?? 0) > 0;
  }
}

function endsByItself(wait: OpenWait): boolean {
  return wait.timed || wait.kind === WAIT.sleep || wait.kind === WAIT.io;
}

/** A task made before its loop ran learns of it late: then it is the loop of whoever made it. */
function loopOf(task: Actor): TracedObject | undefined {
  let actor: Actor | undefined = task;
  for (let depth = 0; actor !== undefined && depth < 8; depth++) {
    if (actor.loop !== undefined) return actor.loop;
    actor = actor.creator;
  }
  return undefined;
}

/** Said by the probe, else known from the acquires of all processes that share the object. */
export function ownersOf(wait: OpenWait): readonly WaitOwner[] {
  if (wait.owners.length > 0 || !wait.forLock) return wait.owners;
  const holders = wait.object?.lock?.holders;
  if (holders === undefined || holders.size === 0) return wait.owners;
  return [...holders].slice(0, 64).map(([actor, held]) => ({
    kind: OWNER.holder,
    actor,
    object: undefined,
    pid: 0,
    stack: held.stack,
    nowStack: 0,
    atNs: held.at,
    sinceNs: held.at,
  }));
}
