/** Runs of one program at several levels of one knob, brought into one table with its knee. */
import {
  type Summary,
  SWEEP_VERSION,
  type Sweep,
  type SweepLevel,
  type SweepLock,
} from '../../wire/sweep.ts';
import { addUp, percentile } from '../compare/distributions.ts';
import { kneeOf } from './knee.ts';
import type { RunWork, Work } from './runWork.ts';

type Basis = Sweep['basis'];

/** Fewer tasks of one function are a program's structure, not its work. */
const FEWEST_TASKS = 4;

/** `runs` in any order; levels stand in the order of their first run. */
export function sweepOf(
  parameter: string,
  command: readonly string[],
  runs: readonly RunWork[],
): Sweep {
  const basis = basisOf(runs);
  const cores = runs[0]?.cores ?? 1;
  const names = [...new Set(runs.map(({ level }) => level))];
  const levels = names.map((name) =>
    levelOf(
      name,
      runs.filter(({ level }) => level === name),
      basis,
    ),
  );
  return {
    version: SWEEP_VERSION,
    command,
    parameter,
    basis,
    cores,
    levels,
    knee: kneeOf(levels, parameter, cores),
  };
}

/** The finest kind of work that every run has. */
function basisOf(runs: readonly RunWork[]): Basis {
  if (runs.length > 0 && runs.every(({ items }) => items !== undefined))
    return { kind: 'items', name: 'items of its pools' };
  const [first, ...others] = runs;
  const functions = [...(first?.tasks ?? [])]
    .filter(
      ([name, { count }]) => count >= FEWEST_TASKS && others.every((run) => run.tasks.has(name)),
    )
    .sort(([, one], [, other]) => other.count - one.count);
  const [name] = functions[0] ?? [];
  if (name !== undefined) return { kind: 'tasks', name: `tasks of ${name}` };
  return { kind: 'runs', name: 'whole runs' };
}

function workOf(run: RunWork, { kind, name }: Basis): Work | undefined {
  if (kind === 'items') return run.items;
  return kind === 'tasks' ? run.tasks.get(name.slice('tasks of '.length)) : undefined;
}

function levelOf(level: string, runs: readonly RunWork[], basis: Basis): SweepLevel {
  const works = runs.flatMap((run) => workOf(run, basis) ?? []);
  const wholeRuns = basis.kind === 'runs';
  const times = addUp(works.map((work) => work.times));
  const maxNs = Math.max(0, ...works.map((work) => work.maxNs));
  const share = (part: number): number => percentile(times, part, maxNs) ?? 0;
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  const durations = runs.map((run) => run.durationNs);
  const cpuNs = sum(wholeRuns ? runs.map((run) => run.cpuNs) : works.map((work) => work.cpuNs));
  const spanNs = sum(wholeRuns ? durations : works.map((work) => work.spanNs));
  // What the pieces took all together: the time that waits are shares of.
  const timeNs = sum(
    wholeRuns ? runs.map((run) => run.threadNs) : works.map((work) => work.totalNs),
  );
  const good = runs.filter(({ ok }) => ok);
  return {
    level,
    runs: runs.length,
    failedRuns: runs.length - good.length,
    durationNs: summary(durations),
    throughput: summary(
      wholeRuns
        ? good.map((run) => 1e9 / Math.max(run.durationNs, 1))
        : works.map((work) => (work.count * 1e9) / Math.max(work.spanNs, 1)),
    ),
    latency: wholeRuns ? null : { p50: share(0.5), p95: share(0.95), p99: share(0.99) },
    work: wholeRuns ? runs.length : sum(works.map(({ count }) => count)),
    failedWork: wholeRuns ? runs.length - good.length : sum(works.map(({ failed }) => failed)),
    cores: cpuNs / Math.max(spanNs, 1),
    computing: Math.max(...runs.map((run) => run.computing)),
    computeShare: Math.min(1, cpuNs / Math.max(timeNs, 1)),
    // Nobody waits for a lock that nobody holds, and who holds this one computes. On a machine with other work to do the
    // estimate takes the wait for a core for one for the GIL.
    gilWaitShare: Math.min(
      sum(runs.map((run) => run.gilWaitNs)) / Math.max(timeNs, 1),
      cpuNs / Math.max(spanNs, 1),
    ),
    lock: worstLock(runs, timeNs),
  };
}

/** Locks of several runs are the same when they have one name and were made on one line. */
function worstLock(runs: readonly RunWork[], timeNs: number): SweepLock | null {
  const waits = new Map<string, { lock: SweepLock; waitNs: number }>();
  for (const { name, type, created, waitNs } of runs.flatMap(({ locks }) => locks)) {
    const key = `${name} ${created?.file}:${created?.line}`;
    const known = waits.get(key);
    if (known !== undefined) known.waitNs += waitNs;
    else waits.set(key, { lock: { name, type, created, waitShare: 0 }, waitNs });
  }
  const [worst] = [...waits.values()].sort((one, other) => other.waitNs - one.waitNs);
  if (worst === undefined || worst.waitNs === 0) return null;
  return { ...worst.lock, waitShare: worst.waitNs / Math.max(timeNs, 1) };
}

function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const { length } = sorted;
  if (length === 0) return { mean: 0, median: 0, stdev: 0, min: 0, max: 0 };
  const mean = sorted.reduce((sum, value) => sum + value, 0) / length;
  const middle = length >> 1;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    median: length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2,
    stdev: length > 1 ? Math.sqrt(squares / (length - 1)) : 0,
    min: sorted[0]!,
    max: sorted[length - 1]!,
  };
}
