/** `pool-saturated`, `pool-idle` and `tiny-tasks`: a pool of the wrong size, or work of the wrong size for it. */
import { formatCount, formatDuration, formatShare } from '../../base/format.ts';
import type { Finding } from '../../wire/report.ts';
import type { PoolFacts } from '../facts/pools.ts';
import { finding } from '../finding.ts';
import { isLibrary, location, userSite } from '../frames.ts';
import { isOfProcesses } from '../ingest/object.ts';
import type { Site } from '../ingest/tables.ts';
import { nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import { isNode } from '../runtime.ts';
import type { Trace } from '../trace.ts';

/** Saturated: the usual item waits this many times as long as it runs … */
const MIN_WAIT_TO_RUN = 5;
/** … and so long that a person would care. */
const MIN_QUEUE_WAIT_NS = 500e6;
/** … which is sooner where work for threads comes all the time, and somebody waits for each piece of it. */
const MIN_WAIT_OF_STREAM_NS = 250e6;
const MIN_SATURATED_ITEMS = 20;
/** Items that wait for something, not for a core: more workers would help only these. */
const MIN_SATURATED_RUN_NS = 5e6;
/** Work that stands this share of its time at locks is no quicker with more workers: `lock-contention` tells of it. */
const MAX_LOCK_SHARE = 0.5;
/** A batch: it was handed in within this share of the time it took … */
const BATCH_SHARE = 0.2;
/** … and its processes computed, though other programs may have left them little of their cores. */
const MIN_COMPUTING_SHARE = 0.1;
/** Idle: this share of the workers' time was used at most, over at least … */
const MAX_IDLE_UTILIZATION = 0.15;
const MIN_IDLE_SPAN_NS = 500e6;
const MIN_IDLE_WORKERS = 4;
/** Tiny: dispatching costs about as much as this, by kind of pool. */
const DISPATCH_THREAD_NS = 50e3;
const DISPATCH_PROCESS_NS = 300e3;
const MIN_TINY_ITEMS = 200;
/** The pool of Node's own calls is crowded when so many short calls waited long … */
const MIN_DELAYED = 10;
/** … and calls that run so long are named as what they waited behind. */
const MIN_CROWDING_RUN_NS = 20e6;
/** … and it is stuck when so many wait and not one has come back for so long. */
const MIN_UNTAKEN = 5;
const MIN_STUCK_NS = 2e9;

export const pools: Rule = ({ trace, nowNs }) =>
  trace.facts.pools.flatMap((pool) => {
    if (pool.object.internal && pool.object.givenName === '' && pool.object.stack === 0) return [];
    // Nobody chose the size of the pool behind every loop, nor what goes through it: short reads of files are its daily work.
    if (isNode(pool.object.stream))
      return stuck(trace, pool, nowNs) ?? saturated(trace, pool) ?? crowded(trace, pool) ?? [];
    return tiny(trace, pool) ?? saturated(trace, pool) ?? idle(trace, pool) ?? [];
  });

function saturated(trace: Trace, pool: PoolFacts): Finding[] | undefined {
  if (pool.queueWait.count < MIN_SATURATED_ITEMS) return undefined;
  const waitNs = pool.queueWait.percentile(0.5);
  const runNs = pool.run.percentile(0.5);
  const leastNs =
    isOfProcesses(pool.object) || isBatch(pool) ? MIN_QUEUE_WAIT_NS : MIN_WAIT_OF_STREAM_NS;
  if (waitNs < leastNs || runNs < MIN_SATURATED_RUN_NS) return undefined;
  if (waitNs < MIN_WAIT_TO_RUN * runNs) return undefined;
  if (isOfProcesses(pool.object) && isFullBatch(trace, pool)) return undefined;
  const lockWaitNs = [...pool.workers.keys()].reduce((sum, actor) => sum + actor.lockWaitNs, 0);
  if (lockWaitNs > MAX_LOCK_SHARE * pool.run.total) return undefined;
  const name = nameObject(trace, pool.object, trace.sourceLine);
  const workers = pool.workerCount;
  return [
    finding({
      rule: 'pool-saturated',
      key: keyOf(pool),
      title: `Work waits ${formatDuration(waitNs)} in the queue of ${name} and runs ${formatDuration(runNs)}`,
      detail: [
        `${formatCount(pool.queueWait.count)} items came to ${workers} workers; up to ${formatCount(pool.maxQueued)} stood in the queue at once.`,
        isNode(pool.object.stream)
          ? 'fs, dns.lookup, crypto and zlib share these threads: bound how much is handed in at once, so that the backlog is felt where it is made; more threads (UV_THREADPOOL_SIZE) help while there are cores for them.'
          : isOfProcesses(pool.object)
            ? 'More workers help only up to the number of cores: cut the work down, or slow the submitter with a bounded number of open items.'
            : 'If the work waits for something outside, give the pool more workers; else bound how much is submitted at once, so that the backlog is felt where it is made.',
      ],
      locations: where(trace, pool),
      evidence: {
        queueWait: pool.queueWait.percentiles(),
        run: pool.run.percentiles(),
        maxQueued: pool.maxQueued,
        workers,
      },
      spans: [{ from: pool.firstNs, to: pool.lastNs }],
      lostNs: pool.queueWait.total,
    }),
  ];
}

/** Short calls, files and names, stand behind long ones, keys and digests, in the one pool that Node has for all of them. */
function crowded(trace: Trace, pool: PoolFacts): Finding[] | undefined {
  const { delayed } = pool;
  if (delayed.count < MIN_DELAYED) return undefined;
  const run = pool.run.percentiles();
  const waitNs = delayed.percentile(0.5);
  const workers = pool.object.capacity ?? pool.workerCount;
  return [
    finding({
      rule: 'pool-saturated',
      key: keyOf(pool),
      title: `${formatCount(delayed.count)} short calls waited ${formatDuration(waitNs)} each for one of the ${workers} threads of the libuv pool`,
      detail: [
        `Files, names (dns.lookup), keys and zlib share these threads: calls of a few milliseconds stood in the queue behind longer ones${run.max < MIN_CROWDING_RUN_NS ? '' : `, which ran up to ${formatDuration(run.max)}`}. Up to ${formatCount(pool.maxQueued)} stood there at once.`,
        'Start fewer of the long calls at once, do them in a worker of node:worker_threads by their Sync forms, or start Node with a larger UV_THREADPOOL_SIZE.',
      ],
      locations: where(trace, pool),
      evidence: {
        delayed: delayed.percentiles(),
        queueWait: pool.queueWait.percentiles(),
        run,
        maxQueued: pool.maxQueued,
        workers,
      },
      spans: [{ from: pool.firstNs, to: pool.lastNs }],
      lostNs: delayed.total,
    }),
  ];
}

/** All its threads are taken by calls that do not come back: a pipe that nobody writes to, a server of files that is gone. */
function stuck(trace: Trace, pool: PoolFacts, nowNs: number): Finding[] | undefined {
  const { untaken } = pool;
  if (untaken.length < MIN_UNTAKEN) return undefined;
  const { stream } = pool.object;
  const toNs = Math.min(nowNs, stream.closedNs ?? stream.endSeen?.atNs ?? nowNs);
  const fromNs = untaken.reduce((least, at) => Math.min(least, at), toNs);
  if (toNs - fromNs < MIN_STUCK_NS) return undefined;
  const workers = pool.object.capacity ?? pool.workerCount;
  return [
    finding({
      rule: 'pool-saturated',
      key: keyOf(pool),
      title: `${formatCount(untaken.length)} calls have waited up to ${formatDuration(toNs - fromNs)} for one of the ${workers} threads of the libuv pool, and none has come back`,
      detail: [
        `Files, names (dns.lookup), keys and zlib share these threads, and all of them are taken by calls that were there before and do not end: opening a pipe that nobody writes to, files of a network that does not answer, computing for very long.`,
        'Give such calls a process or a worker of their own, or an end (a timeout, O_NONBLOCK for pipes); a larger UV_THREADPOOL_SIZE only puts it off.',
      ],
      locations: where(trace, pool),
      evidence: { untaken: untaken.length, waitedNs: toNs - fromNs, workers },
      spans: [{ from: fromNs, to: toNs }],
      lostNs: untaken.reduce((sum, at) => sum + toNs - at, 0),
    }),
  ];
}

/** As many processes as cores compute what was handed in at once: it waits for its turn, and nothing would be quicker. */
function isFullBatch(trace: Trace, pool: PoolFacts): boolean {
  const cores = trace.manifest?.host?.cores ?? trace.streams[0]?.process?.cores ?? 1;
  if (pool.workerCount < cores) return false;
  if (!isBatch(pool)) return false;
  const cpuNs = [...pool.workers.keys()].reduce((sum, actor) => sum + actor.cpuNs, 0);
  return cpuNs >= MIN_COMPUTING_SHARE * pool.run.total;
}

/** Nearly all of it was handed in at the beginning. */
function isBatch(pool: PoolFacts): boolean {
  // Nothing starts before the first processes have, which is slow.
  const handingNs = 2 * (pool.submitNs / Math.max(1, pool.submitted) - pool.firstStartNs);
  return handingNs <= BATCH_SHARE * (pool.lastNs - pool.firstStartNs);
}

function idle(trace: Trace, pool: PoolFacts): Finding[] | undefined {
  const workers = pool.workerCount;
  const spanNs = pool.lastNs - pool.firstNs;
  if (workers < MIN_IDLE_WORKERS || spanNs < MIN_IDLE_SPAN_NS || pool.finished < 1)
    return undefined;
  const busyNs = [...pool.workers.values()].reduce((sum, worker) => sum + worker.busyNs, 0);
  const share = busyNs / (workers * spanNs);
  if (share > MAX_IDLE_UTILIZATION) return undefined;
  const name = nameObject(trace, pool.object, trace.sourceLine);
  return [
    finding({
      rule: 'pool-idle',
      key: keyOf(pool),
      title: `The ${workers} workers of ${name} are idle ${formatShare(1 - share)} of the time`,
      detail: [
        `Together they worked ${formatDuration(busyNs)} of ${formatDuration(workers * spanNs)}: ${Math.max(1, Math.ceil(share * workers))} would have been enough.`,
        'Give the pool fewer workers, or hand it the work sooner and more of it at a time.',
      ],
      locations: where(trace, pool),
      evidence: { utilization: share, workers, busyNs },
      spans: [{ from: pool.firstNs, to: pool.lastNs }],
    }),
  ];
}

function tiny(trace: Trace, pool: PoolFacts): Finding[] | undefined {
  if (pool.run.count < MIN_TINY_ITEMS) return undefined;
  const runNs = pool.run.percentile(0.5);
  const dispatchNs = isOfProcesses(pool.object) ? DISPATCH_PROCESS_NS : DISPATCH_THREAD_NS;
  if (runNs >= dispatchNs) return undefined;
  const name = nameObject(trace, pool.object, trace.sourceLine);
  return [
    finding({
      rule: 'tiny-tasks',
      key: keyOf(pool),
      title: `${pool.partly ? 'More than ' : ''}${formatCount(pool.run.count)} items of ${formatDuration(runNs)} each in ${name}: handing them over costs more`,
      detail: [
        `Half of the items ran less than ${formatDuration(runNs)}; to hand one to a ${isOfProcesses(pool.object) ? 'process' : 'thread'} and take its result costs about ${formatDuration(dispatchNs)}.`,
        'Hand over many at once: map(…, chunksize=…) for processes, or one item for a whole slice.',
      ],
      locations: where(trace, pool),
      evidence: { items: pool.run.count, run: pool.run.percentiles(), dispatchNs },
      spans: [{ from: pool.firstNs, to: pool.lastNs }],
      lostNs: pool.run.count * dispatchNs,
    }),
  ];
}

function keyOf(pool: PoolFacts): string {
  return `${pool.object.stream.name}/${pool.object.id}`;
}

function where(trace: Trace, pool: PoolFacts) {
  // What Node submits by itself, one step of a call after another, has no line of the program.
  const all = [...pool.submitStacks];
  const own = all.filter(([stack]) => {
    const site = userSite(trace, stack);
    return site !== undefined && !isLibrary(site.file);
  });
  // One line is reached by many ways.
  const lines = new Map<Site | undefined, { stack: number; count: number }>();
  for (const [stack, count] of own.length > 0 ? own : all) {
    const site = userSite(trace, stack);
    const known = lines.get(site);
    if (known === undefined) lines.set(site, { stack, count });
    else known.count += count;
  }
  const submits = [...lines.values()].sort((one, other) => other.count - one.count).slice(0, 3);
  return [
    ...submits.map(({ stack }) => location(trace, stack, 'submits here')),
    location(trace, pool.object.stack, 'the pool is made here'),
  ];
}
