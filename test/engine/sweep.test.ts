/** Sweeps: what throughput is counted in, where it stops growing, and what is said to be in the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../engine/histogram.ts';
import type { RunWork, Work } from '../../engine/sweep/runWork.ts';
import { sweepOf } from '../../engine/sweep/sweep.ts';
import type { LockRow } from '../../wire/report.ts';

const MS = 1e6;

interface Drawn {
  /** Pieces a second, for one second. */
  readonly rate: number;
  /** Of one piece. */
  readonly ms?: number;
  readonly cpuShare?: number;
  readonly processes?: number;
  readonly lockShare?: number;
  readonly failed?: number;
  readonly ok?: boolean;
  readonly kind?: 'items' | 'tasks' | 'runs';
}

function run(level: string, drawn: Drawn): RunWork {
  const { rate, ms = 10, cpuShare = 0, processes = 1, lockShare = 0, kind = 'items' } = drawn;
  const times = new Histogram();
  for (let piece = 0; piece < rate; piece++) times.add(ms * MS);
  const work: Work = {
    count: rate,
    failed: drawn.failed ?? 0,
    spanNs: 1e9,
    times: times.distribution(),
    totalNs: times.total,
    maxNs: times.max,
    cpuNs: cpuShare * times.total,
  };
  const lock = { name: 'gate', type: 'Lock', waitNs: lockShare * times.total, created: null };
  return {
    level,
    ok: drawn.ok ?? true,
    durationNs: kind === 'runs' ? 1e9 / rate : 1.2e9,
    cpuNs: work.cpuNs,
    cores: 4,
    computing: processes,
    gilWaitNs: 0,
    locks: [lock as LockRow],
    items: kind === 'items' ? work : undefined,
    tasks: kind === 'tasks' ? new Map([['fetch', work]]) : new Map(),
    threadNs: times.total,
  };
}

const knee = (...levels: readonly Drawn[]) =>
  sweepOf(
    'N',
    ['job.py'],
    levels.map((drawn, index) => run(String(2 ** index), drawn)),
  ).knee;

test('the knee is the last level that brought a tenth more, and p95 tells what it costs to go on', () => {
  const found = knee({ rate: 100 }, { rate: 190 }, { rate: 195, ms: 20 });
  assert.equal(found?.level, '2');
  assert.equal(found.reached, true);
  assert.match(
    found.text,
    /^More than N=2 does not pay: at 4 throughput grows by 2\.6 % only, while p95 goes from 10 ms to 20 ms\. Neither/,
  );
  assert.equal(found.cause, 'unknown');
});

test('throughput that grows to the end has no knee', () => {
  const found = knee({ rate: 100 }, { rate: 200 }, { rate: 390 });
  assert.equal(found?.reached, false);
  assert.equal(found.level, '4');
  assert.match(found.text, /3\.9 times of that at 1/);
});

test('what is in the way is said: a lock, the GIL, the cores, errors', () => {
  const flat = { rate: 100 };
  assert.equal(knee(flat, { rate: 101, lockShare: 0.5 })?.cause, 'lock');
  const computing = { rate: 100, cpuShare: 0.9 };
  assert.equal(knee(computing, { rate: 101 })?.cause, 'gil');
  assert.equal(knee(computing, { rate: 101, processes: 2 })?.cause, 'cores');
  assert.equal(knee(flat, { rate: 101 })?.cause, 'unknown', 'nothing computes');
  assert.equal(knee(flat, { rate: 101, failed: 30 })?.cause, 'errors');
  const dead = knee({ rate: 4, kind: 'runs' }, { rate: 4, kind: 'runs', ok: false });
  assert.equal(dead?.text, 'N=2 gets nothing done. Every run fails there.');
});

test('repeats that differ much are no growth, and that is said', () => {
  const runs = [100, 160, 100].map((rate) => run('1', { rate }));
  const more = [125, 120, 130].map((rate) => run('2', { rate }));
  const found = sweepOf('N', [], [...runs, ...more]).knee;
  assert.equal(found?.level, '1');
  assert.match(found.text, /But the repeats differ by 29 %/);
});

test('work is counted in what every run has', () => {
  const basis = (...kinds: readonly Drawn['kind'][]) =>
    sweepOf(
      'N',
      [],
      kinds.map((kind, index) => run(String(index), { rate: 10, ...(kind && { kind }) })),
    ).basis;
  assert.deepEqual(basis('items', 'items'), { kind: 'items', name: 'items of its pools' });
  assert.deepEqual(basis('tasks', 'tasks'), { kind: 'tasks', name: 'tasks of fetch' });
  assert.equal(basis('items', 'tasks').kind, 'runs');
});

test('five numbers of the repeats', () => {
  const runs = [90, 100, 110, 140].map((rate) => run('1', { rate }));
  const { throughput } = sweepOf('N', [], runs).levels[0]!;
  assert.deepEqual(
    { ...throughput, stdev: throughput.stdev.toFixed(1) },
    { mean: 110, median: 105, stdev: '21.6', min: 90, max: 140 },
  );
});

test('a GIL that nobody computes under is not waited for, whatever the estimate says', () => {
  const of = (cpuShare: number): number => {
    const drawn = run('1', { rate: 100, cpuShare });
    const sweep = sweepOf('N', [], [{ ...drawn, gilWaitNs: drawn.threadNs / 2 }]);
    return sweep.levels[0]!.gilWaitShare;
  };
  assert.equal(of(0), 0, 'all of them sleep');
  assert.equal(of(0.9), 0.5);
});
