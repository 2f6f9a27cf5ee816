/** Advice for programs of Node: what the loop computes itself, and what workers and processes could take off it. */
import { formatShare, plural } from '../base/format.ts';
import type { Advice } from '../wire/report.ts';
import type { Actor } from './ingest/actor.ts';
import type { Trace } from './trace.ts';

/** Of one core: more is work for workers, less is waiting. */
const CPU_BOUND = 0.8;
const IO_BOUND = 0.3;
/** Of all computing: less is no part of the work. */
const MIN_PART = 0.1;

export function nodeAdvice(trace: Trace, cores: number, evidence: Advice['evidence']): Advice {
  const { durationNs } = trace;
  const cpuNs = trace.streams.reduce(
    (sum, stream) => sum + (stream.processCpuNs || stream.cpuNs),
    0,
  );
  const threads = trace.streams.flatMap((stream) => stream.threads);
  const seenNs = threads.reduce((sum, thread) => sum + thread.cpuNs, 0);
  const parts = threads.filter((thread) => thread.cpuNs > MIN_PART * seenNs);
  const share = cpuNs / durationNs;
  const known = { ...evidence, cpuNs, cpuShare: share };
  const mainShare = Math.max(0, ...threads.filter(({ main }) => main).map(shareOf(durationNs)));
  if (share >= CPU_BOUND && (parts.length > 1 || mainShare < IO_BOUND)) {
    const spread = parts.length > 1 ? plural(parts.length, 'thread') : 'the threads of the pool';
    return {
      model: 'threads',
      text: `The work is computing (${formatShare(share)} of one core) and runs in ${spread} already: that fits. More than ${cores} at a time will not be faster here.`,
      poolSize: cores,
      speedUp: Math.max(1, Math.min(cores / share, cores)),
      evidence: known,
    };
  }
  if (mainShare >= CPU_BOUND) {
    return {
      model: 'threads',
      text: `The main thread computed for ${formatShare(mainShare)} of the run, and its loop served nothing else meanwhile. ${cores > 1 ? `Workers (node:worker_threads) could use all ${cores} cores, if the work can be cut in parts; a server can run once for each core (node:cluster).` : 'A worker (node:worker_threads) keeps the loop free for others; on one core it makes nothing faster.'}`,
      poolSize: cores,
      speedUp: cores > 1 ? Math.max(1, cores / Math.max(1, share)) : 1,
      evidence: known,
    };
  }
  if (mainShare > IO_BOUND) {
    return {
      model: 'mixed',
      text: `The main thread computes for ${formatShare(mainShare)} of the time and waits for the rest, which the loop overlaps by itself: hand what computes long to a worker, and start together what does not depend on each other (Promise.all).`,
      poolSize: null,
      speedUp: null,
      evidence: known,
    };
  }
  return {
    model: 'event-loop',
    text: `The program used ${formatShare(share)} of one core and waited otherwise: one event loop fits this well. Workers would make nothing faster.`,
    poolSize: null,
    speedUp: null,
    evidence: known,
  };
}

function shareOf(durationNs: number) {
  return ({ cpuNs }: Actor): number => cpuNs / durationNs;
}
