/** A sweep as a table, with its knee and the reason: for a terminal, and as a page. */
import { formatCount, formatDuration, formatShare, plural, printable } from '../base/format.ts';
import { code, row, safe, table as tableHead } from '../engine/markdown.ts';
import type { Sweep, SweepLevel } from '../wire/sweep.ts';
import { type Column, drawn, left, right, textTable } from './table.ts';
import type { Look } from './terminal.ts';
import { wrap } from './wrap.ts';

const MOST_LEVELS = 64;

const NOTHING = 'No run came to its end: there is nothing to compare.';

/** Ends with a line break. */
export function textSweep(sweep: Sweep, look: Look): string {
  const { levels, knee } = sweep;
  if (levels.length === 0) return `${NOTHING}\n`;
  const table = textTable(titleOf(sweep), levels, columnsOf(sweep), MOST_LEVELS);
  const said =
    knee === null
      ? ''
      : `\n${wrap(`${look.paint('strong', knee.reached ? 'Knee.' : 'No knee.')} ${printable(knee.text)}`, look.columns)}\n`;
  return `${table === undefined ? '' : `${drawn(table, look)}\n`}${said}`;
}

/** For a page: what the columns mean stands below. Ends with a line break. */
export function markdownSweep(sweep: Sweep): string {
  const { levels, knee, parameter, command } = sweep;
  const table = textTable(titleOf(sweep), levels, columnsOf(sweep), MOST_LEVELS);
  const parts = [
    `# Sweep of ${safe(parameter)}`,
    levels.length === 0 ? NOTHING : '',
    knee === null ? '' : `**${knee.reached ? 'Knee.' : 'No knee.'}** ${safe(printable(knee.text))}`,
    table === undefined ? '' : safe(table.title),
    table === undefined
      ? ''
      : [
          tableHead(
            table.columns.map(({ title }) => title),
            table.columns.map(({ align }) => align),
          ),
          ...table.rows.map((cells) => row(cells.map(safe))),
        ].join('\n'),
    table === undefined ? '' : LEGEND,
    code(command.join(' ')),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const LEGEND = `**per second** is the median of the runs, **±** their standard deviation, **×** the gain over the first level. **p50**, **p95** and
**p99** are of one piece of work; **cores** is what was used of the machine while there was work; **GIL** is the share of the work's time
that went into waiting for it, an estimate; **waits for** names what was waited for longest.`;

function titleOf({ parameter, levels, basis }: Sweep): string {
  const repeats = Math.max(...levels.map(({ runs }) => runs));
  return `${parameter} over ${plural(levels.length, 'level')}, ${plural(repeats, 'run')} each by turns, in ${printable(basis.name)}`;
}

function columnsOf({ parameter, levels, knee, basis }: Sweep): Column<SweepLevel>[] {
  const failed = levels.some(({ failedRuns, failedWork }) => failedRuns + failedWork > 0);
  const first = levels[0]?.throughput.median ?? 0;
  return [
    right(parameter, ({ level }) => level),
    left('', ({ level }) => (level === knee?.level ? (knee.reached ? 'knee' : 'best') : ' ')),
    right('per second', ({ throughput }) => rate(throughput.median)),
    right('±', ({ throughput }) => spread(throughput)),
    right('×', ({ throughput }) => factor(throughput.median, first)),
    right('p50', ({ latency }) => duration(latency?.p50)),
    right('p95', ({ latency }) => duration(latency?.p95)),
    right('p99', ({ latency }) => duration(latency?.p99)),
    right('run', (level) => (basis.kind === 'runs' ? formatDuration(level.durationNs.median) : '')),
    right('failed', (level) => (failed ? failures(level) : '')),
    right('cores', (level) => level.cores.toFixed(1)),
    right('GIL', ({ gilWaitShare }) => shareOf(gilWaitShare)),
    left('waits for', ({ lock }) =>
      lock === null || lock.waitShare < 0.01
        ? ''
        : `${lock.name} ${formatShare(Math.min(lock.waitShare, 1))}`,
    ),
  ];
}

function rate(value: number): string {
  return value >= 1000 ? formatCount(value) : value.toPrecision(3);
}

/** Standard deviation of the repeats, as a share. */
function spread({ stdev, mean }: SweepLevel['throughput']): string {
  return mean > 0 && stdev > 0 ? formatShare(stdev / mean) : '';
}

function factor(value: number, first: number): string {
  return first > 0 ? (value / first).toFixed(2) : '';
}

function duration(ns: number | undefined): string {
  return ns === undefined ? '' : formatDuration(ns);
}

function shareOf(share: number): string {
  return share < 0.01 ? '' : formatShare(share);
}

function failures({ work, failedWork, failedRuns, runs }: SweepLevel): string {
  const parts = [];
  if (failedWork > 0) parts.push(`${formatCount(failedWork)} of ${formatCount(work)}`);
  if (failedRuns > 0 && work !== runs) parts.push(plural(failedRuns, 'run'));
  return parts.join(', ');
}
