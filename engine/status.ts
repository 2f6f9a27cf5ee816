/** The few numbers a live run shows on one line. */
import { SAMPLE } from '../wire/recording.ts';
import { isLibrary, sitesOf } from './frames.ts';
import type { Actor } from './ingest/actor.ts';
import type { Trace } from './trace.ts';

/** A line that reads what somebody types, by itself or in a debugger. */
const ASKS = /\b(?:input|getpass|breakpoint|set_trace)\s*\(|\bsys\.stdin\b/;

export interface LiveStatus {
  /** Records taken in. */
  readonly events: number;
  readonly elapsedNs: number;
  /** Latest lateness of the latest event loop that said one; undefined without a running loop. */
  readonly lagNs: number | undefined;
  /** Threads in a recorded wait. */
  readonly waitingThreads: number;
  readonly runningProcesses: number;
  /** A main thread stands still on a line that reads what is typed: the program goes on when somebody has typed it. */
  readonly asks: boolean;
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
  let asks = false;
  for (const stream of trace.streams) {
    if (!stream.alive) continue;
    runningProcesses++;
    for (const thread of stream.threads) {
      if (thread.ended) continue;
      if (thread.wait !== undefined || thread.sampleState === SAMPLE.blocked) waitingThreads++;
      asks ||= thread.main && asksForInput(trace, thread);
    }
  }
  return {
    events: trace.columns.length,
    elapsedNs: trace.durationNs,
    lagNs,
    waitingThreads,
    runningProcesses,
    asks,
    deadlocked: trace.watch.found.size > 0,
  };
}

/** Innermost is the program's own line, or the library's on its behalf. */
function asksForInput(trace: Trace, thread: Actor): boolean {
  if (thread.wait !== undefined || thread.sampleState !== SAMPLE.blocked) return false;
  const own = sitesOf(trace, thread.sampleStack).find(({ file }) => !isLibrary(file));
  return own !== undefined && ASKS.test(trace.sourceLine(own.file, own.line) ?? '');
}
