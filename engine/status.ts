/** The few numbers a live run shows on one line. */
import { SAMPLE } from '../wire/recording.ts';
import type { Trace } from './trace.ts';

export interface LiveStatus {
  /** Records taken in. */
  readonly events: number;
  readonly elapsedNs: number;
  /** Latest lateness of the latest event loop that said one; undefined without a running loop. */
  readonly lagNs: number | undefined;
  /** Threads in a recorded wait. */
  readonly waitingThreads: number;
  readonly runningProcesses: number;
  /** Some actors wait in a circle, or did. */
  readonly deadlocked: boolean;
}

export function liveStatus(trace: Trace): LiveStatus {
  let lagNs: number | undefined;
  let lagAt = -1;
  for (const loop of trace.facts.loops) {
    const last = loop.lastLag;
    if (!loop.running || last === undefined || last.at < lagAt) continue;
    lagAt = last.at;
    // A blocked loop cannot say how late it is: its running step is the least it will be.
    const step = loop.openStep;
    lagNs = Math.max(last.ns, step === undefined ? 0 : step.toNs - step.fromNs);
  }
  let waitingThreads = 0;
  let runningProcesses = 0;
  for (const stream of trace.streams) {
    if (!stream.alive) continue;
    runningProcesses++;
    for (const thread of stream.threads) {
      if (thread.ended) continue;
      if (thread.wait !== undefined || thread.sampleState === SAMPLE.blocked) waitingThreads++;
    }
  }
  return {
    events: trace.columns.length,
    elapsedNs: trace.durationNs,
    lagNs,
    waitingThreads,
    runningProcesses,
    deadlocked: trace.watch.found.size > 0,
  };
}
