/** The report's tables say what was drawn, and its JSON holds no surprise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildReport } from '../../engine/report.ts';
import type { Trace } from '../../engine/trace.ts';
import { KIND, type Manifest } from '../../wire/recording.ts';
import { draw } from './traceText.ts';
import { TraceWriter } from './traceWriter.ts';

const MS = 1e6;

const manifest: Manifest = {
  format: 'interleave',
  version: 1,
  command: ['python3', 'demo.py'],
  cwd: '/app',
  startedAt: { monotonic: 0, wall: 0 },
  budgetBytes: 1 << 28,
  exit: { code: 0, signal: null, reason: 'exited' },
  durationNs: 1000 * MS,
  host: { platform: 'linux', arch: 'x64', cores: 4 },
};

const reportOf = (trace: Trace) => buildReport(trace, manifest);

test('threads and locks of a drawing', () => {
  const report = reportOf(
    draw(
      `main start:w A+ . . A- end
       w    . . A? . A! A-`,
    ),
  );
  assert.deepEqual(
    report.threads.map((row) => [row.name, row.lockWaitNs / MS, row.waitsFor]),
    [
      ['main', 0, null],
      ['w', 100, null],
    ],
  );
  const [lock] = report.locks;
  assert.deepEqual(
    [lock?.name, lock?.acquired, lock?.contended, lock?.longestWaitNs, lock?.mostWaits],
    ['A', 2, 1, 100 * MS, 'w'],
  );
  assert.equal(lock?.longestHoldNs, 150 * MS);
  assert.equal(report.processes[0]?.end, 'closed');
  assert.equal(report.exit.code, 0);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test('who still waits at the end, for what and since when', () => {
  const report = reportOf(draw('main A+ A?', { after: 400 }));
  const [thread] = report.threads;
  assert.equal(thread?.waitsFor, 'A');
  assert.equal(thread?.location?.line, 102);
  assert.equal(thread?.lockWaitNs, 400 * MS);
  assert.deepEqual(report.locks[0]?.waiters, ['main']);
  assert.equal(report.processes[0]?.end, 'killed');
});

test('pools, loops, queues and tasks', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const main = stream.thread('main');
  const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
  const pool = stream.object('P', 'ThreadPoolExecutor', { capacity: 2 });
  const queue = stream.object('jobs', 'Queue', { capacity: 5 });
  const task = stream.task('fetch', loop);
  stream.record(0, KIND.loopStart, main, { a: loop });
  stream.record(0, KIND.taskCreate, main, { a: task });
  stream.record(100 * MS, KIND.loopLag, main, { a: loop, b: 3000 });
  stream.record(100 * MS, KIND.loopBusy, main, { a: loop, b: 25_000, c: 75_000, aux: 40 });
  stream.record(100 * MS, KIND.submit, main, { a: pool, c: 1 });
  const worker = stream.thread('worker', { pool });
  stream.record(150 * MS, KIND.itemStart, worker, { a: pool, c: 1 });
  stream.record(200 * MS, KIND.itemEnd, worker, { a: pool, b: stream.string('OSError'), c: 1 });
  stream.record(200 * MS, KIND.queueDepth, 0, { a: queue, b: 4, c: 6 });
  stream.record(200 * MS, KIND.queueCounts, 0, { a: queue, b: 10, c: 6 });
  stream.record(250 * MS, KIND.taskEnd, task, { a: loop, aux: 1 });
  stream.goodbye(300 * MS);
  const report = reportOf(world.trace);
  assert.equal(report.loops[0]?.utilization, 0.25);
  assert.equal(report.loops[0]?.lag.max, 3 * MS);
  assert.equal(report.loops[0]?.turns, 40);
  const [row] = report.pools;
  assert.deepEqual([row?.submitted, row?.finished, row?.failed, row?.workers], [1, 1, 1, 2]);
  assert.equal(row?.queueWait.max, 50 * MS);
  assert.deepEqual(row?.perWorker, [{ name: 'worker', busyNs: 50 * MS, items: 1 }]);
  const [jobs] = report.queues;
  assert.deepEqual([jobs?.puts, jobs?.gets, jobs?.maxDepth, jobs?.unfinished], [10, 6, 4, 6]);
  assert.deepEqual([report.tasks.created, report.tasks.done], [1, 1]);
});

test('what was lost or unreadable is told of', () => {
  const world = new TraceWriter();
  const stream = world.process(7);
  stream.record(0, 200, stream.thread('main'));
  stream.flush();
  world.trace.add({ type: 'loss', stream: stream.name, count: 12, reason: 'overwritten' });
  const { probe } = reportOf(world.trace);
  assert.equal(probe.dropped, 13);
  assert.deepEqual(probe.losses, [
    { pid: 7, reason: 'overwritten', count: 12 },
    { pid: 0, reason: 'unreadable kind', count: 1 },
  ]);
});

test('advice refuses when the data is thin, and names processes for computing under a GIL', () => {
  assert.equal(reportOf(draw('main A+ A-')).advice.model, 'unclear');
  const world = new TraceWriter();
  const stream = world.process();
  const thread = stream.thread('main');
  for (let tenth = 1; tenth <= 30; tenth++)
    stream.record(tenth * 100 * MS, KIND.sample, thread, { b: 97_000, c: 100_000, aux: 1 });
  stream.flush();
  const { advice } = reportOf(world.trace);
  assert.equal(advice.model, 'processes');
  assert.equal(advice.poolSize, 4);
  assert.match(advice.text, /97 % of one core/);
});
