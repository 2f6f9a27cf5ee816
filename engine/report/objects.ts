/** Rows of the report about what is waited for: loops, pools, locks, queues. */
import type { LockRow, LoopRow, PoolRow, QueueRow } from '../../wire/report.ts';
import type { LockFacts, Share } from '../facts/locks.ts';
import type { LoopFacts } from '../facts/loops.ts';
import type { QueueFacts } from '../facts/queues.ts';
import { location } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Trace } from '../trace.ts';

export const MAX_ROWS = 2000;

export function loopRows(trace: Trace): LoopRow[] {
  return trace.facts.loops.slice(0, MAX_ROWS).map((loop) => {
    const open = loop.openStep;
    const longest = open !== undefined && length(open) > length(loop.longest) ? open : loop.longest;
    const stack = longest?.taken.at(-1)?.stack || longest?.stack || 0;
    return {
      name: nameOf(trace, loop.object),
      pid: loop.object.stream.pid,
      thread: loop.thread === undefined ? '' : nameActor(trace, loop.thread),
      lag: loop.lag.percentiles(),
      utilization: utilization(loop),
      longSteps: loop.longSteps + (open === undefined ? 0 : 1),
      longestStepNs: Math.max(loop.steps.max, length(longest)),
      longestStep: location(trace, stack, 'the longest step ran here') ?? null,
      turns: loop.turns,
    };
  });
}

function length(step: { readonly fromNs: number; readonly toNs: number } | undefined): number {
  return step === undefined ? 0 : step.toNs - step.fromNs;
}

export function utilization(loop: LoopFacts): number {
  const total = loop.busyNs + loop.idleNs;
  return total === 0 ? 0 : loop.busyNs / total;
}

export function poolRows(trace: Trace): PoolRow[] {
  return trace.facts.pools.slice(0, MAX_ROWS).map((pool) => {
    const workers = Math.max(pool.workerCount, pool.object.capacity ?? 0);
    const spanNs = Math.max(0, pool.lastNs - pool.firstNs);
    const perWorker = [...pool.workers.values()].map((worker) => {
      let { busyNs } = worker;
      for (const since of worker.running.values()) busyNs += Math.max(0, trace.durationNs - since);
      return { name: nameActor(trace, worker.actor), busyNs, items: worker.items };
    });
    const busyNs = perWorker.reduce((sum, worker) => sum + worker.busyNs, 0);
    return {
      name: nameOf(trace, pool.object),
      type: pool.object.type,
      pid: pool.object.stream.pid,
      workers,
      submitted: pool.submitted,
      finished: pool.finished,
      partly: pool.partly,
      failed: pool.failed,
      utilization: workers === 0 || spanNs === 0 ? 0 : Math.min(1, busyNs / (workers * spanNs)),
      queueWait: pool.queueWait.percentiles(),
      run: pool.run.percentiles(),
      maxQueued: pool.maxQueued,
      created: created(trace, pool.object),
      perWorker,
    };
  });
}

export function lockRows(trace: Trace): LockRow[] {
  return locksByWait(trace).map((lock) => lockRow(trace, lock));
}

/** In the order of the report's rows. */
export function locksByWait(trace: Trace): readonly LockFacts[] {
  return [...trace.facts.locks]
    .sort((one, other) => other.totals.waitNs - one.totals.waitNs)
    .slice(0, MAX_ROWS);
}

function lockRow(trace: Trace, lock: LockFacts): LockRow {
  const { object } = lock;
  const totals = lock.totals;
  const open = [...(object.waiting ?? [])];
  const openNs = open.map((wait) => Math.max(0, trace.durationNs - wait.sinceNs));
  const holds = lock.openHolds(trace.durationNs);
  const said = open.flatMap((wait) => wait.owners.flatMap((owner) => owner.actor ?? []));
  const owner = [...lock.holders.keys()][0] ?? said[0];
  return {
    name: nameOf(trace, object),
    type: object.type,
    library: object.library,
    pid: object.stream.pid,
    acquired: totals.acquired || (totals.contended > 0 ? null : 0),
    contended: totals.contended,
    waitNs: totals.waitNs + openNs.reduce((sum, ns) => sum + ns, 0),
    holdNs: totals.holdNs + [...holds.values()].reduce((sum, ns) => sum + ns, 0),
    longestWaitNs: Math.max(lock.waitTimes.max, 0, ...openNs),
    p95WaitNs: lock.waitTimes.percentile(0.95),
    longestHoldNs: Math.max(lock.holdTimes.max, 0, ...holds.values()),
    owner: owner === undefined ? null : nameActor(trace, owner),
    waiters: open.slice(0, 50).map((wait) => nameActor(trace, wait.actor)),
    mostHeldBy: most(trace, lock.heldBy, holds),
    mostWaits: most(trace, lock.waiters),
    created: created(trace, object),
    internal: object.internal,
  };
}

function most(
  trace: Trace,
  shares: ReadonlyMap<Actor, Share>,
  open: ReadonlyMap<Actor, number> = new Map(),
): string | null {
  let best: Actor | undefined;
  let mostNs = -1;
  for (const actor of new Set([...shares.keys(), ...open.keys()])) {
    const ns = (shares.get(actor)?.ns ?? 0) + (open.get(actor) ?? 0);
    if (ns <= mostNs) continue;
    best = actor;
    mostNs = ns;
  }
  return best === undefined ? null : nameActor(trace, best);
}

export function queueRows(trace: Trace): QueueRow[] {
  return trace.facts.queues
    .filter(isUsed)
    .slice(0, MAX_ROWS)
    .map((queue) => ({
      name: nameOf(trace, queue.object),
      type: queue.object.type,
      pid: queue.object.stream.pid,
      capacity: queue.object.capacity ?? 0,
      puts: queue.counted ? queue.puts : null,
      gets: queue.counted ? queue.gets : null,
      maxDepth: queue.maxDepth,
      lastDepth: queue.lastDepth,
      unfinished: queue.unfinished,
      created: created(trace, queue.object),
    }));
}

/** Not a forked process's copy of a queue that it never touched. */
function isUsed(queue: QueueFacts): boolean {
  const { object } = queue;
  return queue.counted || queue.maxDepth > 0 || object.useStack !== 0 || object.stack !== 0;
}

function nameOf(trace: Trace, object: TracedObject): string {
  return nameObject(trace, object, trace.sourceLine);
}

function created(trace: Trace, object: TracedObject) {
  return location(trace, object.stack, 'made here') ?? null;
}
