/** The report as Markdown, for the comment on a pull request: what was found, with lines, and a table of the run. */
import { formatCount, formatDuration, formatShare, plural } from '../base/format.ts';
import { code, row, safe, table } from '../engine/markdown.ts';
import type { Finding, Location, Report } from '../wire/report.ts';
import type { Severity } from '../wire/rules.ts';
import { pathIn } from './sarif.ts';
import { ending } from './textReport.ts';
import { doneOf } from './textTables.ts';

const MOST_FINDINGS = 50;
const MOST_LOCATIONS = 6;
const MOST_ROWS = 10;

const MARKS: Readonly<Record<Severity, string>> = { error: '🔴', warning: '🟠', info: '🔵' };

/** Ends with a line break. Paths are shown from `folder` on. */
export function markdownReport(report: Report, folder: string, unseen: boolean): string {
  const { findings } = report;
  const parts = [
    '# Concurrency report',
    unseen
      ? '**No Python or Node process of this program loaded the probe, so nothing is known of it.**'
      : `**${verdict(findings)}**`,
    `${code(report.command.join(' '))} ${safe(ending(report))}`,
    findings
      .slice(0, MOST_FINDINGS)
      .map((one) => item(one, folder))
      .join('\n'),
    findings.length > MOST_FINDINGS
      ? `… and ${plural(findings.length - MOST_FINDINGS, 'more finding')}.`
      : '',
    measured(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function verdict(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No concurrency faults were seen.';
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity === 'info' ? 'hint' : severity)];
  });
  return counts.join(', ');
}

function item(finding: Finding, folder: string): string {
  const places = finding.locations
    .slice(0, MOST_LOCATIONS)
    .map((one) => `  - ${code(place(one, folder))} ${safe(one.label)}`);
  return [
    `- ${MARKS[finding.severity]} **${finding.severity} ${code(finding.rule)}** ${safe(finding.title)}`,
    `  ${safe(finding.detail)}`,
    ...places,
  ]
    .filter((line) => line.trim() !== '')
    .join('\n');
}

function place({ file, line }: Location, folder: string): string {
  return `${pathIn(file, folder) ?? file.split(/[\\/]/).at(-1)}:${line}`;
}

/** Loops, pools and contended locks in one table, folded away. */
function measured({ loops, pools, locks }: Report): string {
  const rows = [
    ...loops.map((one) => [
      safe(one.name),
      'event loop',
      `busy ${formatShare(one.utilization)}, lag p99 ${formatDuration(one.lag.p99)}`,
    ]),
    ...pools.map((one) => [
      safe(one.name),
      safe(one.type),
      `${doneOf(one)} done, workers busy ${formatShare(one.utilization)}`,
    ]),
    ...locks
      .filter((one) => one.waitNs > 0 && !one.internal)
      .map((one) => [
        safe(one.name),
        safe(one.type),
        `contended ${formatCount(one.contended)}${one.acquired === null ? '' : ` of ${formatCount(one.acquired)}`}, waited ${formatDuration(one.waitNs)}`,
      ]),
  ].slice(0, MOST_ROWS);
  if (rows.length === 0) return '';
  const head = table(['', 'type', 'measured'], ['left', 'left', 'left']);
  return `<details><summary>Loops, pools and locks</summary>\n\n${[head, ...rows.map(row)].join('\n')}\n\n</details>`;
}
