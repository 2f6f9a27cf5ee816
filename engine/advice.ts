/** Which model of concurrency fits what was measured; refuses when the data is thin. */
import { formatShare } from '../base/format.ts';
import type { Advice } from '../wire/report.ts';
import { mostAtOnce, toldPartly } from './facts/tasks.ts';
import type { Actor } from './ingest/actor.ts';
import type { Stream } from './ingest/stream.ts';
import { nodeAdvice } from './nodeAdvice.ts';
import { gilBound } from './rules/cpu.ts';
import { isNodeRun } from './runtime.ts';
import type { Trace } from './trace.ts';

/** Below these a run says nothing about its program. */
const MIN_DURATION_NS = 500e6;
const MIN_SAMPLES = 20;
/** Of the wall time of one core: more is work for processes, less is waiting. */
const CPU_BOUND = 0.8;
const IO_BOUND = 0.3;
/** Less is standing still. */
const STILL = 0.1;
const MIN_BLOCKED_SHARE = 0.2;
/** Of all cores: then they are the limit, whoever uses them. */
const CORES_FULL = 0.8;
/** Of the CPU time, by threads that Python does not know. */
const MIN_NATIVE_SHARE = 0.3;
/** Less than this is nobody's in particular. */
const MIN_NATIVE_NS = 200e6;
/** So many connections or waits at once want tasks, not threads. */
const MANY_WAITS = 100;
/** Smaller items say more of what it costs to hand them over than of the work. */
const MIN_ITEM_NS = 1e6;
/** With so many tasks at once the waiting overlaps. */
const MANY_TASKS = 8;

export function adviceOf(trace: Trace): Advice {
  const { facts } = trace;
  const durationNs = trace.durationNs;
  const seenNs = trace.streams.reduce((sum, stream) => sum + stream.cpuNs, 0);
  const nativeNs = trace.streams.reduce((sum, stream) => sum + nativeCpuNs(stream), 0);
  const cpuNs = seenNs + nativeNs;
  const cores = trace.manifest?.host?.cores ?? trace.streams[0]?.process?.cores ?? 1;
  const threads = trace.streams.flatMap((stream) => stream.threads);
  const working = threads.filter((thread) => thread.cpuNs > 0.05 * seenNs && thread.cpuNs > 50e6);
  const cpuShare = durationNs === 0 ? 0 : cpuNs / durationNs;
  const lockWaitNs = threads.reduce((sum, thread) => sum + thread.lockWaitNs, 0);
  // Ready to run, on a core or in the queue for one: what the work would have used on a machine of its own.
  const readyNs = threads.reduce(
    (sum, thread) => sum + (thread.readyShare ?? 0) * lifeOf(thread),
    0,
  );
  const wantedShare = Math.max(cpuShare, durationNs === 0 ? 0 : readyNs / durationNs);
  const kept =
    wantedShare >= CPU_BOUND && cpuShare < CPU_BOUND
      ? ', and other programs kept it from more'
      : '';
  const workPools = facts.pools.filter((pool) => pool.run.percentile(0.5) >= MIN_ITEM_NS);
  const poolRun = workPools.reduce((sum, pool) => sum + pool.run.total, 0);
  const evidence = {
    durationNs,
    cpuNs,
    cpuShare,
    nativeCpuNs: nativeNs,
    cores,
    threads: threads.length,
    workingThreads: working.length,
    processes: trace.streams.length,
    tasks: facts.tasks.created,
    maxTasks: mostAtOnce(trace),
    lockWaitNs,
    poolRunNs: poolRun,
    samples: facts.cpu.samples,
  };
  const unclear = (text: string): Advice => ({
    model: 'unclear',
    text,
    poolSize: null,
    speedUp: null,
    evidence,
  });
  if (durationNs >= MIN_DURATION_NS && facts.cpu.samples < MIN_SAMPLES)
    return unclear(
      cpuShare < STILL
        ? 'The program stood still nearly all the time: too little of its work was seen to advise on.'
        : 'Too little of the work of this run was seen to advise on: a longer one is needed.',
    );
  if (durationNs < MIN_DURATION_NS)
    return unclear(
      'This run was too short to advise on: half a second and more of its usual work is needed.',
    );
  if (trace.watch.found.size > 0)
    return unclear('This run stood in a deadlock: its times say nothing of the program at work.');

  if (isNodeRun(trace)) {
    // A worker that waits for work, or that hangs: neither says how the program works.
    const stands = [...facts.waits.open].some(
      ({ sinceNs }) => durationNs - sinceNs > durationNs / 2,
    );
    return stands
      ? unclear('A thread of this run waited for most of it: its times say little of the program.')
      : nodeAdvice(trace, cores, evidence);
  }

  const coresFull = cpuShare >= CORES_FULL * cores;
  if (nativeNs > MIN_NATIVE_SHARE * cpuNs && cpuShare > IO_BOUND)
    return {
      model: 'threads',
      text: `${formatShare(nativeNs / cpuNs)} of the computing was done by threads of native code (BLAS, OpenMP and the like), and the program used ${cpuShare.toFixed(1)} of ${cores} cores. ${coresFull ? 'The cores are the limit: more threads or processes will not make it faster.' : 'Such code has a thread for each core by itself.'} Where several workers call it at once, give each fewer native threads (OMP_NUM_THREADS=1 and the like), so that workers times native threads come to ${cores}.`,
      poolSize: cores,
      speedUp: coresFull ? 1 : null,
      evidence,
    };

  const gil = trace.streams.some((stream) => stream.process?.gil !== false);
  const least = Math.min(0.1, 0.5 / trace.streams.length) * cpuNs;
  const spread = trace.streams.filter((stream) => stream.cpuNs > least);
  if (wantedShare >= CPU_BOUND) {
    if (spread.length >= 2 && (cpuShare > 1.2 || areSideBySide(spread)))
      return {
        model: 'processes',
        text: `The work is computing (${formatShare(cpuShare)} of one core${kept}) and runs in ${spread.length} processes already: that fits. More than ${cores} at a time will not be faster here.`,
        poolSize: cores,
        speedUp: Math.max(1, Math.min(cores / cpuShare, cores)),
        evidence,
      };
    return {
      model: gil ? 'processes' : 'threads',
      text: `The work is computing: ${formatShare(cpuShare)} of one core over the whole run${kept}. ${gil ? 'Under the GIL threads only take turns; a pool of processes' : 'Without a GIL a pool of threads'} of ${cores} could use all ${cores} cores, if the work can be cut in parts.`,
      poolSize: cores,
      speedUp: cores > 1 ? Math.max(1, cores / Math.max(1, cpuShare)) : 1,
      evidence,
    };
  }
  if (gilBound(trace).length > 0)
    return {
      model: 'processes',
      text: `The work is computing, in threads that take turns under the GIL: ${formatShare(cpuShare)} of one core for all together. A pool of ${cores} processes could use all ${cores} cores, if the work can be cut in parts.`,
      poolSize: cores,
      speedUp: null,
      evidence,
    };
  if (cpuShare > IO_BOUND && spread.length > 1)
    return {
      model: 'processes',
      text: `The computing runs in ${spread.length} processes already, which used ${cpuShare.toFixed(1)} of ${cores} cores: ${spread.length > cores ? `more than ${cores} at a time will not be faster here.` : 'that fits. More of them help as long as cores are free and there is work for them.'}`,
      poolSize: cores,
      speedUp: null,
      evidence,
    };
  if (cpuShare > IO_BOUND) {
    const ratio = (1 - cpuShare) / cpuShare;
    return {
      model: 'mixed',
      text: `The work computes for ${formatShare(cpuShare)} of the time and waits for the rest: ${mostAtOnce(trace) >= MANY_TASKS ? `${tasksAtOnce(trace)} at once overlap the waiting already; hand the computing to processes, or run several of this one.` : 'overlap the waiting with threads or tasks, and hand the computing to processes.'}`,
      poolSize: Math.max(1, Math.round(cores * (1 + ratio))),
      speedUp: null,
      evidence,
    };
  }
  const busyPools = workPools.filter((pool) => pool.run.count >= 5);
  if (mostAtOnce(trace) >= MANY_WAITS)
    return {
      model: 'asyncio',
      text: `The program had ${tasksAtOnce(trace)} at once, and used ${formatShare(cpuShare)} of one core: tasks on one loop fit this well.`,
      poolSize: null,
      speedUp: null,
      evidence,
    };
  if (!coresFull && busyPools.length > 0 && poolRun / durationNs > MIN_BLOCKED_SHARE) {
    const ratio = poolRun / Math.max(cpuNs, 1e6);
    return {
      model: 'threads',
      text: `The work waits: it used ${formatShare(cpuShare)} of one core. Threads fit; a pool may have up to ${Math.min(64, Math.round(cores * ratio))} of them before computing becomes the limit, if what is waited for can take it.`,
      poolSize: Math.max(2, Math.min(64, Math.round(cores * ratio))),
      speedUp: null,
      evidence,
    };
  }
  return unclear(
    `The run used ${formatShare(cpuShare)} of one core and waited otherwise, but too little of it was work handed out to say what would be faster.`,
  );
}

function lifeOf(thread: Actor): number {
  return Math.max(0, (thread.endNs ?? thread.stream.lastNs) - thread.startNs);
}

/** CPU time of threads that only the operating system knows. */
function nativeCpuNs(stream: Stream): number {
  if (stream.processCpuNs === 0) return 0;
  const others = stream.processCpuNs - stream.overheadNs - stream.cpuNs;
  // What the interpreter did before the probe was there, and between two samples, is no native thread's.
  return others > MIN_NATIVE_NS ? others : 0;
}

function tasksAtOnce(trace: Trace): string {
  const maxLive = mostAtOnce(trace);
  return trace.facts.tasks.isExact && !toldPartly(trace)
    ? `up to ${maxLive} tasks`
    : `${maxLive} tasks or more`;
}

/** Whether any two of the processes lived together for most of the shorter one's life. */
function areSideBySide(streams: readonly Stream[]): boolean {
  return streams.some((one, index) =>
    streams.slice(index + 1).some((other) => {
      const [ends, starts] = [
        Math.min(one.lastNs, other.lastNs),
        Math.max(one.startNs, other.startNs),
      ];
      const shorter = Math.min(one.lastNs - one.startNs, other.lastNs - other.startNs);
      return ends - starts > 0.5 * shorter;
    }),
  );
}
