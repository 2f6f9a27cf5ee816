/** A sweep as a table, with its knee and the reason. */
import { formatCount, formatDuration, formatShare, plural, printable } from '../base/format.ts';
import type { Sweep, SweepLevel } from '../wire/sweep.ts';
import { drawn, left, right, textTable } from './table.ts';
import type { Look } from './terminal.ts';
import { wrap } from './wrap.ts';

const MOST_LEVELS = 64;

/** Ends with a line break. */
export function textSweep(sweep: Sweep, look: Look): string {
  const { levels, knee, parameter, basis } = sweep;
  const [first] = levels;
  if (first === undefined) return 'No run came to its end: there is nothing to compare.\n';
  const repeats = Math.max(...levels.map(({ runs }) => runs));
  const title = `${parameter} over ${plural(levels.length, 'level')}, ${plural(repeats, 'run')} each by turns, in ${printable(basis.name)}`;
  const failed = levels.some(({ failedRuns, failedWork }) => failedRuns + failedWork > 0);
  const table = textTable(
    title,
    levels,
    [
      right(parameter, ({ level }) => level),
      left('', ({ level }) => (level === knee?.level ? (knee.reached ? 'knee' : 'best') : ' ')),
      right('per second', ({ throughput }) => rate(throughput.median)),
      right('±', ({ throughput }) => spread(throughput)),
      right('×', ({ throughput }) => factor(throughput.median, first.throughput.median)),
      right('p50', ({ latency }) => duration(latency?.p50)),
      right('p95', ({ latency }) => duration(latency?.p95)),
      right('p99', ({ latency }) => duration(latency?.p99)),
      right('run', (level) =>
        basis.kind === 'runs' ? formatDuration(level.durationNs.median) : '',
      ),
      right('failed', (level) => (failed ? failures(level) : '')),
      right('cores', (level) => level.cores.toFixed(1)),
      right('GIL', ({ gilWaitShare }) => shareOf(gilWaitShare)),
      left('waits for', ({ lock }) =>
        lock === null || lock.waitShare < 0.01
          ? ''
          : `${lock.name} ${formatShare(Math.min(lock.waitShare, 1))}`,
      ),
    ],
    MOST_LEVELS,
  );
  const said =
    knee === null
      ? ''
      : `\n${wrap(`${look.paint('strong', knee.reached ? 'Knee.' : 'No knee.')} ${printable(knee.text)}`, look.columns)}\n`;
  return `${table === undefined ? '' : `${drawn(table, look)}\n`}${said}`;
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
