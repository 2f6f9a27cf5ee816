/** What the panel counts is what the report counts: of loops that mostly wait, semaphores, and pools of processes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND, SAMPLE, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { MS, watch } from './panelWatcher.ts';
import { TraceWriter } from './traceWriter.ts';

/** Looked at each time it wakes, as a loop's thread is: it runs just then, and used a tenth of the time. */
function heartbeats(writer: TraceWriter, isLoop: boolean) {
  const process = writer.process();
  const main = process.thread('main');
  const loop = process.object('loop', 'EventLoop', { library: 'asyncio' });
  process.record(0, KIND.threadStart, main);
  for (let at = 100 * MS; at <= 1000 * MS; at += 100 * MS) {
    if (isLoop) process.record(at, KIND.loopBusy, main, { a: loop, b: 10_000, c: 90_000 });
    process.record(at, KIND.sample, main, {
      a: process.stack({ line: 7 }),
      b: 10_000,
      c: 100_000,
      aux: SAMPLE.running,
    });
  }
  writer.flush();
}

test('a loop that mostly waits is drawn as running no longer than it used the CPU', () => {
  for (const isLoop of [true, false]) {
    const writer = new TraceWriter();
    heartbeats(writer, isLoop);
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    panel.session.tick(1000 * MS);
    const row = panel.table('threads', 0, 1000).rows[0]!;
    // Of another thread nobody knows what it did instead.
    assert.equal(row.cells[4], isLoop ? 100 * MS : 1000 * MS);
  }
});

test('who sleeps between its waits is not drawn as running there', () => {
  for (const [cpuUs, aux, state] of [
    [300, SAMPLE.waiting, 'io'],
    [40_000, SAMPLE.waiting, 'running'],
    // Kept from the GIL by many others it runs, whatever little it gets.
    [300, SAMPLE.running, 'running'],
    [0, SAMPLE.waiting, 'running'],
  ] as const) {
    const writer = new TraceWriter();
    const process = writer.process();
    const main = process.thread('main');
    const lock = process.object('books');
    process.record(0, KIND.threadStart, main);
    process.record(0, KIND.sample, main, { b: 10, c: 10, aux: SAMPLE.waiting });
    for (const at of [10, 40, 70, 100]) {
      process.record(at * MS, KIND.waitBegin, main, { a: lock, aux: WAIT.acquire });
      writer.flush();
      if (at < 100)
        process.record((at + 10) * MS, KIND.waitEnd, main, { a: lock, aux: WAIT_RESULT.done });
    }
    process.record(105 * MS, KIND.sample, main, { b: cpuUs, c: 105_000, aux });
    writer.flush();
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    panel.session.tick(110 * MS);
    const states = panel.slices('main').map((one) => [one.start, one.end, one.state]);
    assert.deepEqual(states.slice(1), [
      [10, 20, 'lock'],
      [20, 40, state],
      [40, 50, 'lock'],
      [50, 70, state],
      [70, 80, 'lock'],
      [80, 100, state],
      [100, 110, 'lock'],
    ]);
  }
});

test('what a long step used is not counted twice', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const loop = process.object('loop', 'EventLoop', { library: 'asyncio' });
  process.record(0, KIND.threadStart, main);
  process.record(100 * MS, KIND.loopBusy, main, { a: loop, b: 100_000, c: 0 });
  process.record(100 * MS, KIND.sample, main, { b: 100_000, c: 100_000, aux: SAMPLE.running });
  process.record(140 * MS, KIND.loopStep, main, { a: loop, c: 30_000 });
  process.record(200 * MS, KIND.sample, main, { b: 40_000, c: 100_000, aux: SAMPLE.running });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(200 * MS);
  assert.deepEqual(panel.drawn('main'), ['0-140 running', '190-200 running']);
});

test('a semaphore that tasks waited for is among the locks, was got as often as waited for, and was all taken meanwhile', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const loop = process.object('loop', 'EventLoop', { library: 'asyncio' });
  const limit = process.object('limit', 'Semaphore', { library: 'asyncio', capacity: 8 });
  const tasks = [process.task('one', loop), process.task('two', loop)];
  const main = process.thread('main');
  process.record(0, KIND.threadStart, main);
  for (const task of tasks) {
    process.record(10 * MS, KIND.taskCreate, main, { a: task });
    process.record(20 * MS, KIND.waitBegin, task, { a: limit, aux: WAIT.semaphore });
  }
  for (const [index, task] of tasks.entries())
    process.record((50 + index * 20) * MS, KIND.waitEnd, task, {
      a: limit,
      aux: WAIT_RESULT.done,
    });
  process.record(90 * MS, KIND.hold, tasks[0]!, { a: limit, c: 40_000 });
  // Only some of the time is looked at: of three one was counted.
  process.record(100 * MS, KIND.counts, 0, { a: limit, b: 1, c: 1 });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(100 * MS);
  const table = panel.table('locks', 0, 100);
  assert.equal(table.counts.locks, 1);
  assert.deepEqual(table.rows[0]?.cells.slice(2, 5), [2, 1, 80 * MS]);
  assert.equal(table.rows[0]?.cells[7], 40 * MS, 'held');
  const lane = panel.lane('limit');
  assert.equal(lane.note, 'Semaphore of 8');
  const series = panel.view(0, 100, 500, [lane.id]).series[0]!;
  const steps = [...series.x].map((at, index) => [at / MS, series.y[0]![index]]);
  assert.deepEqual(steps.slice(0, 3), [
    [20, 8],
    [20, 8],
    [70, 0],
  ]);
});

test('a pool of processes is busy while its workers run something, not while they start', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const pool = process.object('pool', 'ProcessPoolExecutor', {
    library: 'concurrent.futures',
    capacity: 2,
  });
  const main = process.thread('main');
  process.record(0, KIND.threadStart, main);
  process.record(0, KIND.submit, main, { a: pool, c: 1 });
  process.record(0, KIND.poolSample, 0, { a: pool, b: 0, c: 1, aux: 2 });
  process.record(80 * MS, KIND.itemStart, main, { a: pool, c: 1 });
  process.record(100 * MS, KIND.itemEnd, main, { a: pool, c: 1 });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(100 * MS);
  assert.equal(panel.table('pools', 0, 100).rows[0]?.cells[3], 0.1);
});
