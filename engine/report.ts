/** The report of a recording: every table of wire/report.ts, and the findings. */

import { formatDuration } from '../base/format.ts';
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
    probe: probeSummary(trace, manifest),
  };
}

/** The program's own process left without a goodbye so long before the run was over. */
const SILENT_NS = 1.5e9;

/** What became of a program that went on unheard, as one does that executes another which has no probe in it. */
function unheard(trace: Trace, { exit, durationNs = 0 }: Manifest): readonly string[] {
  const main = trace.streams.find((stream) => stream.process?.how === 'main');
  if (main === undefined || main.closedNs !== undefined || typeof exit?.code !== 'number')
    return [];
  const silentNs = durationNs - Math.max(main.lastNs, main.startNs);
  const goesOn = trace.streams.some((other) => other !== main && other.pid === main.pid);
  if (goesOn || silentNs < SILENT_NS) return [];
  return [
    `Of process ${main.pid} nothing was told in the last ${formatDuration(silentNs)}: it ended by os._exit(), or executed a program that the probe does not follow, such as Python with -E or -I.`,
  ];
}

function probeSummary(trace: Trace, manifest: Manifest): ProbeSummary {
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
    blind: [
      ...new Set(trace.streams.flatMap((stream) => stream.process?.blind ?? [])),
      ...unheard(trace, manifest),
    ],
  };
}
