/** The report as one page that needs nothing else: no script, no font, no network; light and dark as the reader has it. */
import { formatCount, formatDuration, plural } from '../base/format.ts';
import type { Timeline } from '../engine/export/timeline.ts';
import { interpreters } from '../engine/report/interpreters.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Finding, Location, Report, WaitEdge } from '../wire/report.ts';
import { ownership } from '../wire/waitChains.ts';
import { escaped } from './html.ts';
import { STYLE } from './htmlStyle.ts';
import { htmlTimeline } from './htmlTimeline.ts';
import type { TextTable } from './table.ts';
import { ending, NOTHING_SEEN } from './textReport.ts';
import { reportTables, tasksLine } from './textTables.ts';

const MOST_FINDINGS = 100;
const MOST_LOCATIONS = 8;
/** Lines quoted before and after the one meant. */
const AROUND = 2;

export function htmlReport(
  report: Report,
  timeline: Timeline,
  source: SourceLine,
  unseen: boolean,
): string {
  const command = report.command.join(' ');
  const verdict = verdictOf(report, unseen);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(verdict)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(verdict)}</h1>
<p><code>${escaped(command)}</code></p>
<p>${escaped(aboutOf(report))}</p>
</header>
<main>
${unseen ? `<p>${escaped(NOTHING_SEEN)}</p>` : sections(report, timeline, source)}
</main>
</body>
</html>
`;
}

function verdictOf({ findings }: Report, unseen: boolean): string {
  if (unseen) return 'Nothing was recorded';
  return findings[0]?.title ?? 'No concurrency faults were seen';
}

function aboutOf(report: Report): string {
  return [
    ending(report),
    interpreters(report).join(', '),
    plural(report.processes.length, 'process', 'processes'),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function sections(report: Report, timeline: Timeline, source: SourceLine): string {
  const { findings } = report;
  const drawing = htmlTimeline(timeline);
  const tasks = tasksLine(report);
  const { model, text } = report.advice;
  return [
    findings
      .slice(0, MOST_FINDINGS)
      .map((one) => findingHtml(one, report.durationNs, source))
      .join('\n'),
    findings.length > MOST_FINDINGS
      ? `<p>… and ${plural(findings.length - MOST_FINDINGS, 'more finding')}.</p>`
      : '',
    drawing === '' ? '' : `<section><h2>Timeline</h2>\n${drawing}</section>`,
    ...reportTables(report).map(tableHtml),
    tasks === '' ? '' : `<section><h2>Tasks</h2><p>${escaped(tasks)}</p></section>`,
    text === '' || model === 'unclear'
      ? ''
      : `<section><h2>Advice</h2><p>${escaped(text)}</p></section>`,
    finePrint(report),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function findingHtml(finding: Finding, durationNs: number, source: SourceLine): string {
  const { severity, rule, title, detail, locations, evidence } = finding;
  const { edges = [], cyclic = false } = evidence;
  return `<article class="finding ${severity}">
<h2><span>${severity} ${rule}</span> ${escaped(title)}</h2>
<p>${escaped(detail)}</p>
${edges.length === 0 ? '' : cycleHtml(edges, cyclic, durationNs)}${locations
  .slice(0, MOST_LOCATIONS)
  .map((one, index) => placeHtml(one, index === 0 ? AROUND : 0, source))
  .join('')}</article>`;
}

function cycleHtml(edges: readonly WaitEdge[], cyclic: boolean, durationNs: number): string {
  const items = edges.map((edge) => {
    const { waiter, resource, owner, sinceNs, heldSinceNs, waiterLocation } = edge;
    const lasts = sinceNs > 0 ? durationNs - sinceNs : 0;
    const how = ownership(edge);
    const held =
      heldSinceNs === undefined ? '' : ` for ${formatDuration(durationNs - heldSinceNs)}`;
    const whose = how === undefined ? '' : `, ${how} <b>${escaped(owner)}</b>${held}`;
    const since = lasts > 0 ? ` for ${formatDuration(lasts)}` : '';
    const where =
      waiterLocation === undefined ? '' : ` <code>${escaped(placeOf(waiterLocation))}</code>`;
    return `<li><b>${escaped(waiter)}</b> waits for ${escaped(resource)}${since}${whose}${where}</li>`;
  });
  return `<ol class="chain${cyclic ? ' cycle' : ''}">${items.join('')}</ol>\n`;
}

function placeHtml(location: Location, around: number, source: SourceLine): string {
  const lines: string[] = [];
  for (let line = location.line - around; line <= location.line + around; line++) {
    const text = line < 1 ? undefined : source(location.file, line);
    if (text === undefined) continue;
    const quoted = `${String(line).padStart(5)}  ${escaped(text)}`;
    lines.push(line === location.line ? `<mark>${quoted}</mark>` : quoted);
  }
  const where = `<p class="place"><code>${escaped(placeOf(location))}</code> ${escaped(location.label)}</p>`;
  return `${where}${lines.length === 0 ? '' : `<pre>${lines.join('\n')}</pre>`}\n`;
}

function placeOf({ file, line }: Location): string {
  return `${file}:${line}`;
}

function tableHtml({ title, columns, rows, more }: TextTable): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const side = columns[index]?.align === 'right' ? ' class="number"' : '';
        return `<${tag}${side}>${escaped(text)}</${tag}>`;
      })
      .join('');
  const head = cells(
    'th',
    columns.map((column) => column.title),
  );
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  const rest = more > 0 ? `<p>… and ${formatCount(more)} more.</p>` : '';
  return `<section><h2>${escaped(title)}</h2><div class="wide"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>${rest}</section>`;
}

function finePrint({ probe, gil }: Report): string {
  const lost = probe.losses.map(
    ({ count, reason, pid }) => `${formatCount(count)} ${reason} in process ${pid}`,
  );
  const lines = [
    `${formatCount(probe.records)} records; the probe used ${formatDuration(probe.overheadNs)} of CPU.`,
    probe.dropped > 0
      ? `${plural(probe.dropped, 'record')} lost: ${lost.join(', ')}.`
      : 'Nothing was lost.',
    gil.note,
    ...probe.blind.map((sentence) => `Not seen: ${sentence}`),
  ].filter((line) => line !== '');
  const items = lines.map((line) => `<li>${escaped(line)}</li>`).join('');
  return `<section class="quiet"><h2>About this recording</h2><ul>${items}</ul></section>`;
}
