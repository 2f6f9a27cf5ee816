/** The report's tables say what was drawn, and its JSON holds no surprise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildReport } from '../../engine/report.ts';
import type { Trace } from '../../engine/trace.ts';
import { KIND } from '../../wire/recording.ts';
import { draw } from './traceText.ts';
import { MANIFEST, TraceWriter } from './traceWriter.ts';

const MS = 1e6;

const manifest = { ...MANIFEST, durationNs: 1000 * MS };

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

test('where only a part was told of, numbers are lower bounds', () => {
  const world = new TraceWriter();
  const stream = world.process(100, { partly: ['items', 'tasks', 'dreams'] });
  const threads = stream.object('T', 'ThreadPoolExecutor');
  const processes = stream.object('P', 'ProcessPoolExecutor');
  const main = stream.thread('main');
  for (const [pool, count] of [
    [threads, 600],
    [processes, 1],
  ] as const)
    for (let c = 1; c <= count; c++) {
      stream.record((c * MS) / 4, KIND.submit, main, { a: pool, c });
      stream.record((c * MS) / 4, KIND.itemStart, main, { a: pool, c });
      stream.record((c * MS) / 4, KIND.itemEnd, main, { a: pool, c });
    }
  stream.goodbye(300 * MS);
  const { pools, tasks, findings } = reportOf(world.trace);
  assert.deepEqual(
    pools.map((row) => [row.name, row.partly]),
    [
      ['T', true],
      ['P', false],
    ],
  );
  assert.equal(tasks.partly, true);
  assert.match(
    findings.find(({ rule }) => rule === 'tiny-tasks')?.title ?? '',
    /^More than 600 items/,
  );
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
  assert.match(reportOf(draw('main A+ A-')).advice.text, /too short to advise on/);
  const { text } = reportOf(draw('main A+ A-', { after: 900 })).advice;
  assert.match(text, /stood still nearly all the time/);
  const few = new TraceWriter();
  const busy = few.process();
  const main = busy.thread('main');
  for (let turn = 1; turn <= 10; turn++)
    busy.record(turn * 90e6, KIND.sample, main, { aux: 0, b: 60_000, c: 90_000 });
  few.flush();
  assert.match(reportOf(few.trace).advice.text, /^Too little of the work of this run/);
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

test('threads that take turns under the GIL on a machine with little time for them do not wait for anything', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const a = stream.stack({ line: 7 });
  for (const name of ['one', 'two']) {
    const thread = stream.thread(name);
    stream.record(0, KIND.threadStart, thread, { b: a });
    for (let tenth = 1; tenth <= 30; tenth++)
      stream.record(tenth * 100 * MS, KIND.sample, thread, { a, b: 30_000, c: 100_000, aux: 1 });
  }
  stream.record(3000 * MS, KIND.gil, 0, { a: 2000, b: 3_000_000, c: 3_000_000 });
  stream.flush();
  const { advice } = reportOf(world.trace);
  assert.equal(advice.model, 'processes');
  assert.match(advice.text, /take turns under the GIL: 60 % of one core for all together/);
});

test('computing spread over more processes than cores is in processes already', () => {
  const world = new TraceWriter();
  for (let pid = 1; pid <= 16; pid++) {
    const stream = world.process(pid);
    for (let tenth = 1; tenth <= 30; tenth++)
      stream.record(tenth * 100 * MS, KIND.sample, stream.thread('main'), { b: 4000, aux: 1 });
    stream.flush();
  }
  const { advice } = reportOf(world.trace);
  assert.match(
    advice.text,
    /runs in 16 processes already, .* more than 4 at a time will not be faster/,
  );
});

test('who stood ready for a core all the time computes, whatever others left of it', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const thread = stream.thread('main');
  for (let tenth = 1; tenth <= 30; tenth++)
    stream.record(tenth * 100 * MS, KIND.sample, thread, { b: 40_000, c: 100_000, aux: 1 });
  stream.record(3000 * MS, KIND.coreWait, thread, { a: 1_500_000, b: 1_200_000 });
  stream.flush();
  const { advice } = reportOf(world.trace);
  assert.match(
    advice.text,
    /^The work is computing: 40 % .*, and other programs kept it from more/,
  );
});

/** Three seconds of a pool of eight on four cores, whose threads were seen to compute for `shownMs` of each second. */
function pooled(shownMs: number, wholeMs: number) {
  const world = new TraceWriter();
  const stream = world.process();
  const main = stream.thread('main');
  const pool = stream.object('pool', 'ThreadPoolExecutor');
  for (let index = 0; index < 8; index++) {
    const worker = stream.thread(`w${index}`, { pool });
    stream.record(1 * MS, KIND.submit, main, { a: pool, c: index + 1 });
    stream.record(2 * MS, KIND.itemStart, worker, { a: pool, c: index + 1 });
    for (let second = 1; second <= 3; second++)
      stream.record(second * 1000 * MS - MS, KIND.sample, worker, {
        b: (shownMs * 1000) / 8,
        c: 1_000_000,
        aux: 1,
      });
    stream.record(3000 * MS, KIND.itemEnd, worker, { a: pool, c: index + 1 });
  }
  stream.record(3000 * MS, KIND.overhead, 0, { a: 50_000, b: 100, c: 3 * wholeMs });
  stream.flush();
  return reportOf(world.trace);
}

test('where native threads use up the cores no more threads are advised', () => {
  const { advice } = pooled(170, 3900);
  assert.match(advice.text, /3\.9 of 4 cores\. The cores are the limit/);
  assert.equal(advice.poolSize, 4);
  assert.equal(advice.speedUp, 1);
});

test('a pool that only waits may have more threads', () => {
  const { advice } = pooled(170, 190);
  assert.match(advice.text, /a pool may have up to 64 of them/);
});

test("the probe's cost is what it says it is, not the number of its records", () => {
  const world = new TraceWriter();
  const stream = world.process();
  stream.record(1000 * MS, KIND.overhead, 0, { a: 2000, b: 900_000 });
  stream.flush();
  assert.equal(reportOf(world.trace).probe.overheadNs, 2 * MS);
});

test('a queue whose puts nobody counts has none to show, and an untouched copy of one no row', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const main = stream.thread('main');
  const b = stream.stack({ line: 4 });
  const jobs = stream.object('jobs', 'Queue', { stack: b, name: '' });
  const copy = stream.object('copy', 'Queue', { name: '' });
  stream.record(10 * MS, KIND.waitBegin, main, { aux: 5, a: jobs, b });
  stream.record(20 * MS, KIND.queueDepth, 0, { a: jobs, b: 3 });
  stream.record(20 * MS, KIND.queueDepth, 0, { a: copy, b: 0, c: 5 });
  stream.flush();
  const { queues } = reportOf(world.trace);
  assert.deepEqual(
    queues.map((row) => [row.puts, row.gets, row.maxDepth]),
    [[null, null, 3]],
  );
});

test('how processes ended is what their parent saw, and helpers are called what they are', () => {
  const world = new TraceWriter();
  const parent = world.process(1);
  const main = parent.thread('main');
  const code = 'from multiprocessing.resource_tracker import main;main(5)';
  world.process(2, { service: true, argv: ['python3', '-c', code] }).killed();
  world.process(3, { name: 'ForkPoolWorker-1' }).killed();
  world.process(4).killed();
  world.process(5).killed();
  parent.record(10 * MS, KIND.processEnd, main, { a: 3, b: 1 });
  parent.record(10 * MS, KIND.processEnd, main, { a: 4, b: -9 >>> 0 });
  parent.goodbye(20 * MS);
  const { processes } = reportOf(world.trace);
  assert.deepEqual(
    processes.toSorted((a, b) => a.pid - b.pid).map((row) => [row.name, row.end, row.code]),
    [
      [null, 'closed', null],
      ['resource tracker', 'running', null],
      ['ForkPoolWorker-1', 'closed', 1],
      [null, 'killed', -9],
      [null, 'killed', null],
    ],
  );
});

test('a process that executes another program was not killed, and nobody of the program started it', () => {
  const world = new TraceWriter();
  world.process(7, { how: 'main' }).killed();
  const second = world.process(7, { how: 'exec', parent: 'x', ppid: 3 });
  second.goodbye(20 * MS);
  assert.deepEqual(
    reportOf(world.trace).processes.map((row) => [row.how, row.parent, row.end]),
    [
      ['main', null, 'exec'],
      ['exec', null, 'closed'],
    ],
  );
});

test('a program that went on unheard is said to have: it executed another without the probe', () => {
  const world = new TraceWriter();
  const stream = world.process(7, { how: 'main' });
  stream.record(40 * MS, KIND.threadStart, stream.thread('main'));
  stream.killed();
  const blind = (code: number | null, durationNs: number) =>
    buildReport(world.trace, {
      ...manifest,
      durationNs,
      exit: { code, signal: code === null ? 'SIGKILL' : null, reason: 'exited' },
    }).probe.blind.join();
  assert.match(blind(0, 7e9), /^Of process 7 nothing was told in the last 6\.96 s: /);
  assert.equal(blind(0, 1e9), '');
  assert.equal(blind(null, 7e9), '');
});

test('tasks whose end nobody saw are not counted as living together', () => {
  const world = new TraceWriter();
  const stream = world.process(1);
  const main = stream.thread('main');
  const loop = stream.object('loop', 'EventLoop');
  const b = stream.stack({ line: 5 });
  const exact = () => {
    world.flush();
    const { maxConcurrent, concurrentExact } = reportOf(world.trace).tasks;
    return [maxConcurrent, concurrentExact];
  };
  // Two live at once, one after another, and a look finds all but the last gone.
  for (let index = 1; index <= 20; index++)
    stream.record(index * MS, KIND.taskCreate, main, { a: stream.task(`t${index}`), b });
  assert.deepEqual(exact(), [20, true]);
  for (let index = 1; index <= 18; index++)
    stream.record(30 * MS, KIND.taskEnd, stream.task(`t${index}`), { a: loop });
  assert.deepEqual(exact(), [2, false]);
  stream.record(150 * MS, KIND.taskCreate, main, { a: stream.task('last'), b });
  assert.deepEqual(exact(), [3, false]);
});

test('computing that is spread over processes already is not advised to go there', () => {
  const world = new TraceWriter();
  for (const pid of [1, 2, 3]) {
    const stream = world.process(pid);
    const thread = stream.thread('main');
    for (let tenth = 1; tenth <= 30; tenth++)
      stream.record(tenth * 100 * MS, KIND.sample, thread, { b: 25_000, c: 100_000, aux: 1 });
  }
  world.flush();
  const { advice } = reportOf(world.trace);
  assert.equal(advice.model, 'processes');
  assert.match(advice.text, /in 3 processes already, which used 0\.8 of 4 cores/);
});
