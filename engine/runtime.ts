/** Whether a process is one of Node: what helps there has other names than in Python. */
import type { Stream } from './ingest/stream.ts';
import type { Trace } from './trace.ts';

export function isNode(stream: Stream | undefined): boolean {
  return stream?.process?.runtime === 'node';
}

/** Nothing but Node ran, as far as it was recorded. */
export function isNodeRun(trace: Trace): boolean {
  const known = trace.streams.filter(({ process }) => process !== undefined);
  return known.length > 0 && known.every(isNode);
}
