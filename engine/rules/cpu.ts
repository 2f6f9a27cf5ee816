/** `gil-bound` and `oversubscribed`: threads that compute at once, and more of them than there are cores. */
import { formatDuration, formatShare } from '../../base/format.ts';
import { finding, listed } from '../finding.ts';
import { isLibrary, location, sitesOf } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';

/** Threads with less CPU time than this do not compute. */
const MIN_CPU_NS = 40e6;
/** Together they must have computed this long before it matters. */
const MIN_TOTAL_CPU_NS = 200e6;
const MIN_THREADS = 2;
/** Together they use about one core, or what other programs leave of it … */
const MIN_CORE_SHARE = 0.55;
const MAX_CORE_SHARE = 1.25;
/**
 * On a machine that leaves them less they must have been seen to compute whenever they could, and have stood ready for a core
 * as those do who take turns: one of them always, but never all at once, as threads do that need no GIL.
 */
const MIN_BUSY_MACHINE_SHARE = 0.1;
const MIN_RUNNING_SHARE = 0.6;
const MIN_READY = 0.8;
const MAX_READY_EACH = 0.85;
const MIN_BUSY_MACHINE_GIL_SHARE = 0.6;
/** … and each had only part of the time it was there for. */
const MAX_THREAD_SHARE = 0.75;
/** Of a thread's CPU time, in code of the program. */
const MIN_OWN_SHARE = 0.25;
/** Waited for the GIL by all, of the time they computed. */
const MIN_GIL_SHARE = 0.25;
/** So many more computing threads or processes than cores. */
const OVERSUBSCRIBED = 4;
const MIN_OVERSUBSCRIBED = 8;
/** So much of all cores they used together, or what other programs leave of them: those that mostly wait are no crowd. */
const MIN_CROWD_SHARE = 0.06;
/** What starts a thread for whoever asks. */
const THREADING = /[\\/]threading\.py$/;
/** Many that compute little each crowd each other all the same … */
const MIN_CROWD_CPU_NS = 5e6;
/** … if they were seen at it: who serves short requests and waits in between uses as much and wants no core. */
const MIN_CROWD_RUNNING_SHARE = 0.25;

export const cpu: Rule = ({ trace }) => [...gilBound(trace), ...oversubscribed(trace)];

/** Threads of one process that computed side by side. */
function computing(threads: readonly Actor[], leastNs = MIN_CPU_NS): Actor[] {
  return threads.filter((thread) => thread.cpuNs >= leastNs);
}

/** Threads that had only a part of one core, because of other programs. */
function takeTurns(threads: readonly Actor[], coreShare: number, gilShare: number): boolean {
  if (coreShare < MIN_BUSY_MACHINE_SHARE || gilShare < MIN_BUSY_MACHINE_GIL_SHARE) return false;
  const shares = threads.flatMap((thread) => thread.readyShare ?? []);
  if (shares.length < MIN_THREADS || 2 * shares.length < threads.length) return false;
  const ready = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  if (ready > MAX_READY_EACH || ready * threads.length < MIN_READY) return false;
  const cpuNs = threads.reduce((sum, thread) => sum + thread.cpuNs, 0);
  return threads.reduce((sum, one) => sum + one.runningCpuNs, 0) >= MIN_RUNNING_SHARE * cpuNs;
}

export function gilBound(trace: Trace) {
  return trace.streams.flatMap((stream) => {
    if (stream.process?.gil === false) return [];
    const threads = computing(stream.threads).filter((thread) => isOfProgram(trace, thread));
    if (threads.length < MIN_THREADS) return [];
    // Workers that came one after another fight for nothing: their lives must overlap.
    const workers = threads.filter((thread) => !thread.main);
    const pairs = overlapNs(workers.length >= MIN_THREADS ? workers : threads, stream.lastNs);
    const cpuNs = pairs.reduce((sum, thread) => sum + thread.cpuNs, 0);
    if (pairs.length < MIN_THREADS || cpuNs < MIN_TOTAL_CPU_NS) return [];
    const start = Math.min(...pairs.map((thread) => thread.startNs));
    const end = Math.max(...pairs.map((thread) => thread.endNs ?? stream.lastNs));
    const coreShare = cpuNs / Math.max(1, end - start);
    const each = pairs.map(
      (thread) => thread.cpuNs / Math.max(1, (thread.endNs ?? stream.lastNs) - thread.startNs),
    );
    const most = Math.max(...each);
    const { gil } = trace.facts.cpu;
    const toldNs = gil.exactCount > 0 ? gil.exactNs : gil.waitedNs;
    // The estimate takes who stands at a lock for one who would have run, where that wait was too short to be told.
    const waitedNs = Math.min(toldNs, idleNs(trace, stream, pairs));
    const gilShare = waitedNs / Math.max(1, waitedNs + cpuNs);
    if (coreShare > MAX_CORE_SHARE || most > MAX_THREAD_SHARE) return [];
    const isServed = coreShare >= MIN_CORE_SHARE && gilShare >= MIN_GIL_SHARE;
    if (!isServed && !takeTurns(pairs, coreShare, gilShare)) return [];
    return [
      finding({
        rule: 'gil-bound',
        key: stream.name,
        title: `${pairs.length} computing threads share one core: the GIL lets them run one at a time`,
        detail: [
          `${listed(
            pairs.map((thread) => nameActor(trace, thread)),
            4,
          )} computed ${formatDuration(cpuNs)} within ${formatDuration(end - start)}: ${formatShare(coreShare)} of one core for all together, and about ${formatDuration(waitedNs)} of waiting for the GIL.`,
          'Use processes for computing (ProcessPoolExecutor, multiprocessing.Pool), or code that releases the GIL; threads help only while they wait.',
        ],
        locations: pairs.flatMap((thread) => [
          location(trace, busyStack(thread), `${nameActor(trace, thread)} computes here`),
          location(trace, thread.createStack, `${nameActor(trace, thread)} is started here`),
        ]),
        evidence: { threads: pairs.length, cpuNs, coreShare, gilWaitedNs: waitedNs, gilShare },
        spans: [{ from: start, to: end }],
        lostNs: waitedNs,
      }),
    ];
  });
}

/** What is left of the lives of threads without their computing and their waits: the most that they can have stood at the GIL. */
function idleNs(trace: Trace, stream: Stream, threads: readonly Actor[]): number {
  const untoldNs = trace.facts.locks
    .filter((lock) => lock.object.stream === stream)
    .reduce((sum, lock) => sum + Math.max(0, lock.totals.waitNs - lock.waitNs), 0);
  const leftNs = threads.reduce((sum, thread) => {
    const lifeNs = (thread.endNs ?? stream.lastNs) - thread.startNs;
    return sum + Math.max(0, lifeNs - thread.cpuNs - thread.lockWaitNs - thread.otherWaitNs);
  }, 0);
  return Math.max(0, leftNs - untoldNs);
}

/** Not those that the library started for itself and that run nothing else, such as what feeds the pipes of a process pool. */
function isOfProgram(trace: Trace, thread: Actor): boolean {
  // Not where it was seen last: between two items a pool's worker is in the library too.
  let ownNs = 0;
  let allNs = 0;
  for (const [stack, ns] of thread.busyStacks ?? [[thread.sampleStack, 1]]) {
    const sites = sitesOf(trace, stack);
    allNs += ns;
    if (sites.length === 0 || sites.some(({ file }) => !isLibrary(file))) ownNs += ns;
  }
  if (ownNs >= MIN_OWN_SHARE * allNs) return true;
  const starter = sitesOf(trace, thread.createStack).find(({ file }) => !THREADING.test(file));
  return starter === undefined || !isLibrary(starter.file);
}

/** Of the main thread of a process: where another started that process. */
function startedAt(trace: Trace, thread: Actor): number {
  return thread.main
    ? (trace.facts.children.get(thread.stream.pid)?.stack ?? 0)
    : thread.createStack;
}

/** Where it used most of its CPU time. */
function busyStack(thread: Actor): number {
  let best = thread.sampleStack;
  let most = 0;
  for (const [stack, ns] of thread.busyStacks ?? []) {
    if (ns <= most) continue;
    best = stack;
    most = ns;
  }
  return best;
}

/** Those whose lives overlap those of others for most of their CPU time. */
function overlapNs(threads: readonly Actor[], endNs: number): Actor[] {
  return threads.filter((thread) =>
    threads.some(
      (other) =>
        other !== thread &&
        Math.min(thread.endNs ?? endNs, other.endNs ?? endNs) -
          Math.max(thread.startNs, other.startNs) >=
          0.5 * thread.cpuNs,
    ),
  );
}

/** Those that lived at the moment when most of them did: workers that take others' places crowd nobody. */
function mostAtOnce(threads: readonly Actor[]): readonly Actor[] {
  // The main thread of a process counts from the trace's beginning, and is not there before its process is.
  const lives = threads.map((thread) => ({
    thread,
    from: Math.max(thread.startNs, thread.stream.startNs),
    to: thread.endNs ?? thread.stream.lastNs,
  }));
  const changes = lives
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((one, other) => one.at - other.at || one.by - other.by);
  let [living, most, when] = [0, 0, 0];
  for (const { at, by } of changes) {
    living += by;
    if (living > most) [most, when] = [living, at];
  }
  return lives.filter(({ from, to }) => from <= when && when < to).map(({ thread }) => thread);
}

function oversubscribed(trace: Trace) {
  const cores = trace.manifest?.host?.cores ?? trace.streams[0]?.process?.cores ?? 1;
  const busy = trace.streams.filter((stream) => stream.cpuNs >= MIN_CPU_NS);
  const threads = trace.streams
    .flatMap((stream) => computing(stream.threads, MIN_CROWD_CPU_NS))
    .filter((thread) => thread.runningCpuNs >= MIN_CROWD_RUNNING_SHARE * thread.cpuNs);
  const count = Math.max(busy.length, threads.length);
  if (count < Math.max(MIN_OVERSUBSCRIBED, OVERSUBSCRIBED * cores)) return [];
  const overlapping = overlapNs(threads, trace.durationNs).filter(
    (thread) => thread !== trace.streams[0]?.mainThread,
  );
  const crowd = mostAtOnce(overlapping);
  const cpuNs = overlapping.reduce((sum, thread) => sum + thread.cpuNs, 0);
  if (cpuNs < MIN_TOTAL_CPU_NS) return [];
  if (crowd.length < Math.max(MIN_OVERSUBSCRIBED, OVERSUBSCRIBED * cores)) return [];
  const start = Math.min(...overlapping.map((thread) => thread.startNs));
  const end = Math.max(...overlapping.map((thread) => thread.endNs ?? trace.durationNs));
  if (cpuNs < MIN_CROWD_SHARE * cores * (end - start)) return [];
  return [
    finding({
      rule: 'oversubscribed',
      key: 'all',
      title: `${crowd.length} computing threads or processes on ${cores} cores`,
      detail: [
        `${crowd.length} that compute were there at the same time where ${cores} can run: they wait for their turns and push each other out of the caches.`,
        `Use as many as there are cores (os.cpu_count() says ${cores}).`,
      ],
      locations: crowd
        .slice(0, 4)
        .flatMap((thread) => [
          location(trace, busyStack(thread), 'computes here'),
          location(trace, startedAt(trace, thread), 'started here'),
        ]),
      evidence: { computing: crowd.length, cores, cpuNs },
      spans: [{ from: start, to: end }],
    }),
  ];
}
