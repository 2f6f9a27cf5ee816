/** The report as text that one would paste into a bug report: the verdict, the findings, the numbers, the fine print. */
import { formatCount, formatDuration, plural, printable } from '../base/format.ts';
import { interpreters } from '../engine/report/interpreters.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Finding, Report } from '../wire/report.ts';
import { drawn } from './table.ts';
import type { Look } from './terminal.ts';
import { findingText } from './textFinding.ts';
import { reportTables, tasksLine } from './textTables.ts';
import { wrap } from './wrap.ts';

/** Why a program says nothing, and what to do. */
export const NOTHING_SEEN =
  'No Python or Node process of this program loaded the probe, so nothing is known of it. That happens when Python is started with ' +
  '-I, -E or -S, when the program clears its environment (INTERLEAVE_RECORDING, PYTHONPATH and NODE_OPTIONS carry the probe), when it is a ' +
  'frozen or static binary, another interpreter than CPython or a Node before 18, or when neither Python nor Node runs in it at all. ' +
  'Start the file itself with `interleave run FILE`, without those options.';

/** So many findings are told in full; the rest of a kind that repeats itself is counted. */
const MOST_FINDINGS = 30;

export function textReport(
  report: Report,
  look: Look,
  source: SourceLine,
  unseen: boolean,
): string {
  const sections = [
    verdict(report, look, unseen),
    ...(unseen ? [nothingSeen(look)] : []),
    ...report.findings
      .slice(0, MOST_FINDINGS)
      .map((one) => findingText(one, report.durationNs, look, source)),
    ...(report.findings.length > MOST_FINDINGS
      ? [
          `… and ${plural(report.findings.length - MOST_FINDINGS, 'more finding')}: see --format json.`,
        ]
      : []),
    ...(unseen
      ? []
      : [
          ...reportTables(report).map((table) => drawn(table, look)),
          tasks(report, look),
          advice(report, look),
          finePrint(report, look),
        ]),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function verdict(report: Report, look: Look, unseen: boolean): string {
  const command = printable(report.command.join(' '));
  const about = [
    ending(report),
    interpreters(report).join(', '),
    ...(report.processes.length > 1
      ? [plural(report.processes.length, 'process', 'processes')]
      : []),
  ]
    .filter((part) => part !== '')
    .join(' · ');
  return [
    headline(report.findings, look, unseen),
    look.paint('dim', command),
    look.paint('dim', about),
  ].join('\n');
}

function headline(findings: readonly Finding[], look: Look, unseen: boolean): string {
  if (unseen) return look.paint('warning', 'Nothing was recorded.');
  const [worst] = findings;
  if (worst === undefined) return look.paint('good', 'No concurrency faults were seen.');
  const count = (severity: Finding['severity']): number =>
    findings.filter((one) => one.severity === severity).length;
  const counts = [
    count('error') > 0 ? plural(count('error'), 'error') : '',
    count('warning') > 0 ? plural(count('warning'), 'warning') : '',
    count('info') > 0 ? plural(count('info'), 'hint') : '',
  ].filter(Boolean);
  const rest = findings.length > 1 ? ` (${counts.join(', ')})` : '';
  return look.paint(worst.severity, printable(worst.title)) + rest;
}

export function ending({ exit, durationNs }: Report): string {
  const after = `after ${formatDuration(durationNs)}`;
  switch (exit.reason) {
    case 'timeout':
      return `stopped ${after}, at its --timeout`;
    case 'deadlock':
      return `stopped ${after}, because it was deadlocked`;
    case 'stopped':
      return `stopped ${after} by hand${exit.code === null ? '' : `, with exit status ${exit.code}`}`;
    case 'signal':
      return `killed ${after} by ${exit.signal ?? 'a signal'}`;
    default:
      return exit.code === null
        ? `recorded for ${formatDuration(durationNs)}; how it ended is not known`
        : `ended ${after} with exit status ${exit.code}`;
  }
}

function nothingSeen(look: Look): string {
  return wrap(NOTHING_SEEN, look.columns);
}

function tasks(report: Report, look: Look): string {
  const line = tasksLine(report);
  return line === '' ? '' : `${look.paint('strong', 'Tasks')}\n  ${line}`;
}

function advice({ advice: { model, text } }: Report, look: Look): string {
  // What says nothing is no advice.
  if (text === '' || model === 'unclear') return '';
  return `${look.paint('strong', 'Advice')}\n${wrap(printable(text), look.columns - 2, '  ')}`;
}

function finePrint({ probe, durationNs, gil, loops }: Report, look: Look): string {
  // Most of it is spent at the start, before the run's clock: of a run of milliseconds it is no share.
  const share =
    durationNs > 200e6
      ? ` (${((probe.overheadNs / durationNs) * 100).toFixed(1)} % of the run)`
      : '';
  const lines = [
    `${formatCount(probe.records)} records; the probe used ${formatDuration(probe.overheadNs)} of CPU${share}`,
    ...(probe.dropped > 0
      ? [
          `${plural(probe.dropped, 'record')} lost: ${probe.losses.map((one) => `${formatCount(one.count)} ${printable(one.reason)} in process ${one.pid}`).join(', ')}`,
        ]
      : ['nothing was lost']),
    ...(loops.length === 0
      ? []
      : ['Lag is how late a loop came to what was due: of each tenth of a second the worst.']),
    ...(gil.note === '' ? [] : [printable(gil.note)]),
    ...probe.blind.map((sentence) => `not seen: ${printable(sentence)}`),
  ];
  const text = lines.map((line) => wrap(line, look.columns - 2, '  ')).join('\n');
  return `${look.paint('strong', 'About this recording')}\n${look.paint('dim', text)}`;
}
