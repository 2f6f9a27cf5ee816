/** Where records are missing, and why, as sentences. */
import { formatCount } from '../../base/format.ts';
import type { Loss } from '../../wire/panel.ts';
import type { Stream } from '../ingest/stream.ts';
import type { Trace } from '../trace.ts';

const TEXTS: Readonly<Record<string, string>> = {
  overwritten: 'older detail was overwritten because the recording reached its budget',
  torn: 'records were torn: the program was stopped in the middle of writing them',
  corrupt: 'the file is damaged here',
};

/** When a process ended, as far as anybody knows; the launcher that ended a run ended all of it. */
export function endOfStream(trace: Trace, stream: Stream): number {
  return (
    stream.closedNs ?? stream.endSeen?.atNs ?? (wasEnded(trace) ? trace.durationNs : stream.lastNs)
  );
}

/** The run was stopped from outside, so that no process of it could say goodbye. */
export function wasEnded(trace: Trace): boolean {
  const reason = trace.manifest?.exit?.reason;
  return reason !== undefined && reason !== 'exited';
}

export function lossesOf(trace: Trace): readonly Loss[] {
  return trace.streams.flatMap((stream) => ofStream(trace, stream));
}

/** Nobody knows what became of its process. */
export function isSilent(trace: Trace, stream: Stream): boolean {
  return (
    stream.ended &&
    stream.closedNs === undefined &&
    stream.endSeen === undefined &&
    !wasEnded(trace)
  );
}

function ofStream(trace: Trace, stream: Stream): Loss[] {
  const found: Loss[] = stream.gaps.map(({ reason, count, from, to }) =>
    loss(stream, reason, count, from, to ?? stream.lastNs),
  );
  // What could not be written is only counted: it may be missing anywhere.
  const dropped = stream.losses.get('notWritten') ?? 0;
  if (dropped > 0) found.push(loss(stream, 'notWritten', dropped, stream.startNs, stream.lastNs));
  if (isSilent(trace, stream))
    found.push({
      pid: stream.pid,
      from: stream.lastNs,
      to: trace.durationNs,
      count: 0,
      reason: 'truncated',
      text: `Process ${stream.pid} ended without a word (killed, or crashed): what it did after its last record is not known.`,
    });
  return found;
}

function loss(stream: Stream, reason: string, count: number, from: number, to: number): Loss {
  return {
    pid: stream.pid,
    from,
    to: Math.max(to, from),
    count,
    reason:
      reason === 'overwritten' || reason === 'torn' || reason === 'corrupt' ? reason : 'dropped',
    text: `${formatCount(count)} records of process ${stream.pid} are missing: ${TEXTS[reason] ?? 'they could not be written'}.`,
  };
}
