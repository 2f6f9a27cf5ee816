/** The numbers of two whole runs. */
import type { Measure, RunFacts } from '../../wire/comparison.ts';
import type { Report } from '../../wire/report.ts';
import { type Basis, sum } from './basis.ts';
import { addUp, percentile } from './distributions.ts';
import { EXTREME_NS, type Meaning, measure } from './measures.ts';

/** What neither run has is left out. */
export function runMeasures(before: RunFacts, after: RunFacts, basis: Basis): readonly Measure[] {
  const { noise } = basis;
  const whole = basis.kind === 'total';
  const at = (meaning: Meaning, of: (run: RunFacts) => number | null): Measure =>
    measure(meaning, of(before), of(after), noise);
  const over = (meaning: Meaning, of: (run: RunFacts) => number | null): Measure =>
    sum(basis, meaning, of(before), of(after));
  const lag = { unit: 'ns', good: 'less', tail: true } as const;
  const all: readonly Measure[] = [
    at(
      {
        id: 'runTime',
        title: 'run time',
        unit: 'ns',
        good: whole ? 'less' : 'neither',
        least: 200e6,
      },
      ({ report }) => report.durationNs,
    ),
    over(
      // Per second of run it says how busy the program was, and that is no fault.
      {
        id: 'cpu',
        title: 'CPU time',
        unit: 'ns',
        good: whole ? 'less' : 'neither',
        least: 50e6,
        tail: true,
      },
      ({ report }) => report.processes.reduce((all, { cpuNs }) => all + cpuNs, 0),
    ),
    over(
      { id: 'lockWait', title: 'waited for locks', unit: 'ns', good: 'less', least: 20e6 },
      ({ report }) => report.locks.reduce((all, row) => all + (row.internal ? 0 : row.waitNs), 0),
    ),
    over(
      {
        id: 'gilWait',
        title: 'waited for the GIL',
        unit: 'ns',
        // An estimate is good enough to see, not to judge by.
        good: exact(before) && exact(after) ? 'less' : 'neither',
        least: 500e6,
        tail: true,
      },
      ({ report }) => (report.gil.method === 'none' ? null : report.gil.waitedNs),
    ),
    at({ ...lag, id: 'lagP50', title: 'loop lag p50' }, lagAt(0.5)),
    at({ ...lag, id: 'lagP99', title: 'loop lag p99', least: 10e6 }, lagAt(0.99)),
    at({ ...lag, id: 'lagMax', title: 'loop lag max', least: EXTREME_NS }, ({ report }) =>
      report.loops.length === 0 ? null : mostLag(report),
    ),
    over(
      { id: 'tasks', title: 'tasks', unit: 'count', good: 'neither' },
      ({ report }) => report.tasks.created,
    ),
    over(
      { id: 'tasksFailed', title: 'tasks failed', unit: 'count', good: 'less', least: 0 },
      ({ report }) => report.tasks.failed,
    ),
    over({ id: 'items', title: 'pool items done', unit: 'count', good: 'neither' }, ({ report }) =>
      report.pools.reduce((all, { finished }) => all + finished, 0),
    ),
    at(
      { id: 'threads', title: 'threads', unit: 'count', good: 'neither' },
      ({ report }) => report.threads.length,
    ),
    at(
      { id: 'processes', title: 'processes', unit: 'count', good: 'neither', least: 0 },
      ({ report }) => report.processes.length,
    ),
  ];
  return all.filter(({ before: one, after: other }) => (one ?? 0) !== 0 || (other ?? 0) !== 0);
}

function exact({ report }: RunFacts): boolean {
  return report.gil.method === 'exact';
}

function lagAt(share: number): (run: RunFacts) => number | null {
  return ({ lag, report }) => percentile(addUp(lag), share, mostLag(report));
}

function mostLag({ loops }: Report): number {
  return loops.reduce((most, { lag }) => Math.max(most, lag.max), 0);
}
