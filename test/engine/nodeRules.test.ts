/** What is said of Node programs: in their words, and nothing of what only Python would be blamed for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildReport } from '../../engine/report.ts';
import { KIND, WAIT } from '../../wire/recording.ts';
import { findings, MS, rules } from './ruleFindings.ts';
import { type FrameText, MANIFEST, type StreamWriter, TraceWriter } from './traceWriter.ts';

const NODE = { runtime: 'node', core: 'node', version: '24.21.0', gil: false };
const HANDLER: readonly FrameText[] = [
  { file: 'node:internal/crypto/pbkdf2', line: 78, function: 'pbkdf2Sync' },
  { file: '/app/node_modules/auth/index.js', line: 5, function: 'hash' },
  { file: '/app/server.mjs', line: 17, function: 'signIn' },
  { file: 'node:events', line: 524, function: 'emit' },
];

function blockedBy(frames: readonly FrameText[]) {
  return (stream: StreamWriter): void => {
    const main = stream.thread('main');
    const loop = stream.object('L', 'EventLoop', { library: 'node' });
    const stack = stream.stack(...frames);
    stream.record(0, KIND.loopStart, main, { a: loop });
    for (const ran of [100, 150, 200]) {
      stream.record((100 + ran) * MS, KIND.loopStack, main, { a: loop, b: stack, c: ran * 1000 });
    }
    stream.record(400 * MS, KIND.loopStep, main, { a: loop, b: stack, c: 300_000 });
  };
}

/** A loop that was busy for all of two seconds, and late. */
function busy(name: string, lateMs: number, everyMs = 100) {
  return (stream: StreamWriter): void => {
    const thread = stream.thread(name);
    const loop = stream.object('L', 'EventLoop', { library: 'node' });
    stream.record(0, KIND.loopStart, thread, { a: loop });
    for (let at = everyMs; at <= 2000; at += everyMs) {
      stream.record(at * MS, KIND.loopLag, thread, { a: loop, b: lateMs * 1000, c: 1 });
      stream.record(at * MS, KIND.loopBusy, thread, { a: loop, b: 990 * everyMs, c: 10 * everyMs });
    }
  };
}

function churn(stream: StreamWriter): void {
  const b = stream.stack({ file: '/app/jobs.mjs', line: 21 });
  for (let index = 0; index < 150; index++) {
    const thread = stream.thread(`worker ${index}`);
    stream.record(index * 50 * MS, KIND.threadStart, thread, { b });
    stream.record((index * 50 + 300) * MS, KIND.threadEnd, thread);
  }
}

describe('a Node program', () => {
  test('whose loop is blocked is shown its own line, and ways that Node has', () => {
    const [one] = findings(blockedBy(HANDLER), NODE);
    assert.equal(one?.rule, 'loop-blocked');
    assert.equal(`${one.locations[0]?.file}:${one.locations[0]?.line}`, '/app/server.mjs:17');
    assert.match(one.detail, /worker \(node:worker_threads\)/);
    assert.doesNotMatch(one.detail, /asyncio|Await an|process pool/);
  });

  test('is not blamed for what Node does by itself', () => {
    const own = [{ file: 'node:internal/deps/undici/undici', line: 6, function: '' }];
    assert.equal(rules(blockedBy(own), NODE), '');
  });

  test('may have workers that compute all the time, and batches on its main thread', () => {
    assert.equal(rules(busy('main', 40), NODE), 'loop-saturated');
    assert.equal(rules(busy('worker 1', 40), NODE), '');
    assert.equal(rules(busy('main', 900), NODE), '');
    assert.equal(rules(busy('main', 40, 1000), NODE), '');
  });

  test('that makes a worker for each item is told to keep some', () => {
    const [one] = findings(churn, NODE);
    assert.equal(one?.rule, 'thread-churn');
    assert.match(one.title, /^150 workers /);
    assert.match(one.detail, /Make a few workers once/);
    // As threads of Python they lived long enough.
    assert.equal(rules(churn), '');
  });

  test('has loops called after their threads, no word on the GIL, and advice that fits', () => {
    const world = new TraceWriter();
    const stream = world.process(100, NODE);
    busy('main', 900)(stream);
    const main = stream.thread('main');
    const stack = stream.stack({ file: '/app/server.mjs', line: 3 });
    for (let at = 20; at <= 2000; at += 20) {
      stream.record(at * MS, KIND.sample, main, { aux: 0, a: stack, b: 20_000 });
    }
    world.flush();
    const report = buildReport(world.trace, { ...MANIFEST, durationNs: 2000 * MS });
    assert.deepEqual(
      report.loops.map(({ name }) => name),
      ['loop of main'],
    );
    assert.equal(report.gil.note, '');
    assert.equal(report.processes[0]?.runtime, 'node');
    assert.equal(report.advice.model, 'threads');
    assert.match(report.advice.text, /Workers \(node:worker_threads\) could use all 4 cores/);
    const said = JSON.stringify([report.advice, report.findings, report.probe]);
    assert.doesNotMatch(said, /GIL|asyncio|executor/);
  });

  test('is told of a libuv pool that gives nothing back, as long as it does not', () => {
    const calls = (backMs: number | undefined) => (stream: StreamWriter) => {
      const main = stream.thread('main');
      const libuv = stream.thread('libuv 1');
      const pool = stream.object('the libuv pool', 'ThreadPool', { library: 'libuv', capacity: 4 });
      const stack = stream.stack({ file: '/app/server.mjs', line: 8 });
      for (let item = 1; item <= 6; item++)
        stream.record(item * MS, KIND.submit, main, { a: pool, b: stack, c: item });
      if (backMs !== undefined) {
        stream.record(backMs * MS, KIND.itemStart, libuv, { a: pool, c: 1 });
        stream.record(backMs * MS, KIND.itemEnd, libuv, { a: pool, c: 1 });
      }
      stream.record(4000 * MS, KIND.exit, main);
    };
    const [one] = findings(calls(undefined), NODE);
    assert.match(one?.title ?? '', /^6 calls have waited up to 4 s .* none has come back$/);
    assert.equal(one?.locations[0]?.line, 8);
    // Of the others nothing more was said: the pool is in time again, and no longer followed.
    assert.equal(rules(calls(1500), NODE), '');
  });

  test('gets no advice from a run in which a worker stood for most of the time', () => {
    const world = new TraceWriter();
    const stream = world.process(100, NODE);
    busy('main', 900)(stream);
    const main = stream.thread('main');
    const worker = stream.thread('worker 2');
    const cell = stream.object('cell', 'Other', { library: 'Atomics' });
    stream.record(100 * MS, KIND.waitBegin, worker, { aux: WAIT.condition, a: cell });
    for (let at = 20; at <= 2000; at += 20) {
      stream.record(at * MS, KIND.sample, main, { aux: 0, a: 0, b: 2_000 });
    }
    world.flush();
    const report = buildReport(world.trace, { ...MANIFEST, durationNs: 2000 * MS });
    assert.equal(report.advice.model, 'unclear');
  });
});
