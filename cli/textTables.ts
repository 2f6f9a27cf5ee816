/** The tables of the text report: what there was to see of each thing, the most telling rows first. */
import { formatCount, formatDuration, formatShare, plural } from '../base/format.ts';
import type { Location, PoolRow, ProcessRow, Report } from '../wire/report.ts';
import { type Column, left, placed, right, type TextTable, textTable } from './table.ts';

/** What there was to see of each thing, as texts. */
export function reportTables(report: Report): TextTable[] {
  const several = report.processes.length > 1;
  const pid = <T extends { readonly pid: number }>(): Column<T>[] =>
    several ? [right('process', (row) => String(row.pid))] : [];
  return [
    several
      ? textTable('Processes', report.processes, [
          right('process', (row) => String(row.pid)),
          right('parent', (row) => (row.parent === null ? '' : String(row.parent))),
          left('started by', (row) => row.how),
          left('name', (row) => row.name ?? ''),
          left('end', endOf),
          right('CPU', (row) => time(row.cpuNs)),
        ])
      : undefined,
    textTable(
      'Threads',
      byMost(report.threads, (row) => row.lockWaitNs + row.otherWaitNs + row.cpuNs),
      [
        left('name', (row) => (several ? bare(row.name, row.pid) : row.name)),
        ...pid(),
        right('CPU', (row) => time(row.cpuNs)),
        right('lock waits', (row) => time(row.lockWaitNs)),
        right('other waits', (row) => time(row.otherWaitNs)),
        left('at the end waits for', (row) => row.waitsFor ?? ''),
        placed('', (row) => place(row.location)),
      ],
    ),
    textTable(
      'Locks',
      byMost(
        report.locks.filter((row) => !row.internal || row.waitNs > 0),
        (row) => row.waitNs * 1e3 + (row.acquired ?? 0),
      ),
      [
        left('name', (row) => row.name),
        left('type', (row) => row.type),
        ...pid(),
        right('acquired', (row) => (row.acquired === null ? '' : formatCount(row.acquired))),
        right('contended', (row) => count(row.contended)),
        right('waited', (row) => time(row.waitNs)),
        right('max wait', (row) => time(row.longestWaitNs)),
        right('max hold', (row) => time(row.longestHoldNs)),
        left('owner', (row) => row.owner ?? ''),
        placed('made at', (row) => place(row.created)),
      ],
    ),
    textTable('Event loops', report.loops, [
      left('name', (row) => row.name),
      ...pid(),
      right('lag p50', (row) => formatDuration(row.lag.p50)),
      right('p99', (row) => formatDuration(row.lag.p99)),
      right('max', (row) => formatDuration(row.lag.max)),
      right('busy', (row) => formatShare(row.utilization)),
      right('long steps', (row) => count(row.longSteps)),
      right('longest', (row) => time(row.longestStepNs)),
      placed('at', (row) => place(row.longestStep)),
    ]),
    textTable('Pools', report.pools, [
      left('name', (row) => row.name),
      left('type', (row) => row.type),
      ...pid(),
      right('workers', (row) => formatCount(row.workers)),
      right('busy', (row) => formatShare(row.utilization)),
      right('done', doneOf),
      right('queued p90', (row) => time(row.queueWait.p90)),
      right('runs p50', (row) => time(row.run.p50)),
      right('most queued', (row) => count(row.maxQueued)),
    ]),
    textTable(
      'Queues',
      byMost(report.queues, (row) => row.maxDepth * 1e9 + (row.puts ?? 0)),
      [
        left('name', (row) => row.name),
        left('type', (row) => row.type),
        ...pid(),
        right('size', (row) => (row.capacity > 0 ? formatCount(row.capacity) : '∞')),
        right('puts', (row) => known(row.puts)),
        right('gets', (row) => known(row.gets)),
        right('deepest', (row) => formatCount(row.maxDepth)),
        right('left over', (row) => count(row.lastDepth)),
      ],
    ),
  ].filter((one) => one !== undefined);
}

/** The next column says which process. */
function bare(name: string, pid: number): string {
  return name.replace(` of process ${pid}`, '').replace(` (process ${pid})`, '');
}

export function doneOf({ finished, submitted, partly }: PoolRow): string {
  const more = partly ? '+' : '';
  return `${formatCount(finished)}${more} of ${formatCount(submitted)}${more}`;
}

function endOf({ end, code }: ProcessRow): string {
  if (code !== null) return code < 0 ? `signal ${-code}` : `exit status ${code}`;
  if (end === 'closed') return 'by itself';
  // Killed, or by os._exit(), or a daemon that goes on: where nobody asked how it ended that is all there is to say.
  return end === 'killed' ? 'no goodbye' : end;
}

/** Of a program's tasks, a line; empty when there were none. */
export function tasksLine({ tasks: row }: Report): string {
  if (row.created === 0) return '';
  const parts = [
    `${row.partly ? 'more than ' : ''}${plural(row.created, 'task')}${atOnce(row)}`,
    `${formatCount(row.done)} done`,
    ...(row.failed > 0 ? [`${formatCount(row.failed)} failed`] : []),
    ...(row.exceptionsLost > 0
      ? [`${formatCount(row.exceptionsLost)} with an exception nobody saw`]
      : []),
    ...(row.cancelled > 0 ? [`${formatCount(row.cancelled)} cancelled`] : []),
    ...(row.pendingAtExit > 0 ? [`${formatCount(row.pendingAtExit)} pending at exit`] : []),
  ];
  return parts.join(' · ');
}

function atOnce({ maxConcurrent, concurrentExact }: Report['tasks']): string {
  if (concurrentExact) return `, at most ${formatCount(maxConcurrent)} at a time`;
  return maxConcurrent > 1 ? `, ${formatCount(maxConcurrent)} or more at a time` : '';
}

/** Nothing rather than a column of zeros. */
function time(nanoseconds: number): string {
  return nanoseconds > 0 ? formatDuration(nanoseconds) : '';
}

/** Nothing where it was not counted. */
function known(value: number | null): string {
  return value === null ? '' : formatCount(value);
}

function count(value: number): string {
  return value > 0 ? formatCount(value) : '';
}

function place(location: Location | null): string {
  if (location === null) return '';
  const { file, line } = location;
  return `${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}:${line}`;
}

function byMost<T>(rows: readonly T[], weight: (row: T) => number): readonly T[] {
  return [...rows].sort((a, b) => weight(b) - weight(a));
}
