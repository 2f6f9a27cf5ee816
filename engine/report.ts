/** The report of a recording: every table of wire/report.ts, and the findings. */

import type { Manifest } from '../wire/recording.ts';
import type { ProbeSummary, Report } from '../wire/report.ts';
import { REPORT_VERSION } from '../wire/report.ts';
import { adviceOf } from './advice.ts';
import { analyze } from './analyze.ts';
import { gilSummary, processRows, taskSummary, threadRows } from './report/actors.ts';
import { lockRows, loopRows, poolRows, queueRows } from './report/objects.ts';
import type { Trace } from './trace.ts';

/** @param manifest as read last; without an `exit` the program still runs or nobody saw its end. */
export function buildReport(trace: Trace, manifest: Manifest): Report {
  return {
    version: REPORT_VERSION,
    command: manifest.command,
    exit: manifest.exit ?? { code: null, signal: null, reason: 'stopped' },
    durationNs: Math.max(trace.durationNs, manifest.durationNs ?? 0),
    processes: processRows(trace),
    threads: threadRows(trace),
    loops: loopRows(trace),
    pools: poolRows(trace),
    locks: lockRows(trace),
    queues: queueRows(trace),
    tasks: taskSummary(trace),
    gil: gilSummary(trace),
    findings: analyze(trace, { ended: true }),
    advice: adviceOf(trace),
    probe: probeSummary(trace),
  };
}

function probeSummary(trace: Trace): ProbeSummary {
  const losses = trace.streams.flatMap((stream) =>
    [...stream.losses].flatMap(([reason, count]) =>
      count > 0 ? [{ pid: stream.pid, reason, count }] : [],
    ),
  );
  const refused = [...trace.refusals].map(([what, count]) => ({
    pid: 0,
    reason: `unreadable ${what}`,
    count,
  }));
  const all = [...losses, ...refused];
  return {
    core: [...new Set(trace.streams.flatMap((stream) => stream.process?.core ?? []))],
    overheadNs: trace.streams.reduce((sum, stream) => sum + stream.overheadNs, 0),
    records: trace.columns.length,
    dropped: all.reduce((sum, loss) => sum + loss.count, 0),
    losses: all,
    blind: [...new Set(trace.streams.flatMap((stream) => stream.process?.blind ?? []))],
  };
}
