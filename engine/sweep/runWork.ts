/** What one run got done: the pieces of work that its throughput is counted in. Plain, so that the trace need not be kept. */
import type { Distribution } from '../../wire/comparison.ts';
import type { LockRow, Report } from '../../wire/report.ts';
import { Histogram } from '../histogram.ts';
import type { Trace } from '../trace.ts';

/** Pieces of one kind. */
export interface Work {
  readonly count: number;
  readonly failed: number;
  /** From the first one's beginning to the last one's end, ns. */
  readonly spanNs: number;
  /** What one took, from its beginning to its end. */
  readonly times: Distribution;
  readonly totalNs: number;
  readonly maxNs: number;
  /** CPU time of the whole run while there was work. */
  readonly cpuNs: number;
}

export interface RunWork {
  readonly level: string;
  /** It ended by itself, with status 0. */
  readonly ok: boolean;
  readonly durationNs: number;
  /** Of all threads and processes. */
  readonly cpuNs: number;
  /** Of the machine. */
  readonly cores: number;
  /** Processes that did a good part of the computing; two at least where there is no GIL. */
  readonly computing: number;
  /** Time that threads wanted the GIL and did not have it, summed over threads. */
  readonly gilWaitNs: number;
  readonly locks: readonly LockRow[];
  /** Of all pools of the program; undefined where not every item was told. */
  readonly items: Work | undefined;
  /** By function; none where not every task was told. */
  readonly tasks: ReadonlyMap<string, Work>;
  /** Time of all threads, ns. */
  readonly threadNs: number;
}

/** Locks below the first few make no knee. */
const MOST_LOCKS = 8;

export function runWork(trace: Trace, report: Report, level: string): RunWork {
  return {
    level,
    ok: report.exit.code === 0 && report.exit.reason === 'exited',
    durationNs: report.durationNs,
    cpuNs: report.processes.reduce((sum, { cpuNs }) => sum + cpuNs, 0),
    cores: trace.manifest?.host?.cores ?? 1,
    computing: computing(report),
    gilWaitNs: report.gil.waitedNs,
    locks: report.locks.filter(({ internal }) => !internal).slice(0, MOST_LOCKS),
    items: itemsOf(trace),
    tasks: tasksOf(trace),
    threadNs: report.threads.reduce(
      (sum, { startNs, endNs }) => sum + ((endNs ?? report.durationNs) - startNs),
      0,
    ),
  };
}

/** Of all CPU time: then a process computes. */
const MIN_CPU_SHARE = 0.1;

function computing({ processes, gil }: Report): number {
  const cpuNs = processes.reduce((sum, process) => sum + process.cpuNs, 0);
  const count = processes.filter((process) => process.cpuNs > MIN_CPU_SHARE * cpuNs).length;
  // Without a GIL threads compute side by side as processes do.
  return gil.method === 'none' ? Math.max(2, count) : count;
}

function itemsOf(trace: Trace): Work | undefined {
  const pools = trace.facts.pools.filter(
    ({ object, finished }) => !object.internal && finished > 0,
  );
  if (pools.length === 0 || pools.some(({ partly }) => partly)) return undefined;
  const times = new Histogram();
  for (const { run } of pools) times.addAll(run);
  const from = Math.min(...pools.map(({ firstNs }) => firstNs));
  const to = Math.max(...pools.map(({ lastNs }) => lastNs));
  const failed = pools.reduce((sum, pool) => sum + pool.failed, 0);
  return workOf(trace, times, from, to, failed);
}

function workOf(trace: Trace, times: Histogram, from: number, to: number, failed: number): Work {
  return {
    count: times.count,
    failed,
    spanNs: to - from,
    times: times.distribution(),
    totalNs: times.total,
    maxNs: times.max,
    cpuNs: trace.facts.cpu.between(from, to),
  };
}

function tasksOf(trace: Trace): ReadonlyMap<string, Work> {
  if (trace.streams.some(({ process }) => process?.partly?.includes('tasks'))) return new Map();
  const byFunction = new Map<string, { times: Histogram; from: number; to: number }>();
  for (const actor of trace.actors) {
    if (actor?.kind !== 'task' || actor.endNs === undefined) continue;
    const name = trace.strings.get(actor.target);
    let known = byFunction.get(name);
    if (known === undefined) {
      known = { times: new Histogram(), from: actor.startNs, to: actor.endNs };
      byFunction.set(name, known);
    }
    known.times.add(actor.endNs - actor.startNs);
    known.from = Math.min(known.from, actor.startNs);
    known.to = Math.max(known.to, actor.endNs);
  }
  return new Map(
    [...byFunction].map(([name, { times, from, to }]) => [name, workOf(trace, times, from, to, 0)]),
  );
}
