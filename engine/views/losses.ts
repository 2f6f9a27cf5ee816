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

function ofStream(trace: Trace, stream: Stream): Loss[] {
  const found: Loss[] = [];
  for (const [reason, count] of stream.losses) {
    if (count <= 0) continue;
    // Overwriting takes the oldest; what else is lost is lost where the stream was at the time, so all of it is marked.
    const to = reason === 'overwritten' ? firstKept(trace, stream) : stream.lastNs;
    found.push({
      pid: stream.pid,
      from: stream.startNs,
      to: Math.max(to, stream.startNs),
      count,
      reason:
        reason === 'overwritten' || reason === 'torn' || reason === 'corrupt' ? reason : 'dropped',
      text: `${formatCount(count)} records of process ${stream.pid} are missing: ${TEXTS[reason] ?? 'they could not be written'}.`,
    });
  }
  if (
    stream.ended &&
    stream.closedNs === undefined &&
    stream.endSeen === undefined &&
    !wasEnded(trace)
  )
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

const firsts = new WeakMap<Stream, number>();

/** Time of the first record that is still there. */
function firstKept(trace: Trace, stream: Stream): number {
  const known = firsts.get(stream);
  if (known !== undefined) return known;
  for (let row = 0; row < trace.columns.length; row++) {
    if (trace.columns.stream(row) !== stream.index) continue;
    firsts.set(stream, trace.columns.at(row));
    return trace.columns.at(row);
  }
  return stream.lastNs;
}
