/** Rules about event loops and tasks: each speaks when it must, and a near miss leaves it silent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KIND, TASK_END, WAIT } from '../../wire/recording.ts';
import { findings, MS, rules } from './ruleFindings.ts';
import type { FrameText, StreamWriter } from './traceWriter.ts';

/** A step of `ms`, with stacks taken in it at `lines` (innermost, then the coroutine's line 10). */
function block(
  stream: StreamWriter,
  ms: number,
  lines: readonly number[],
  from = 100,
  ended = true,
) {
  const main = stream.thread('main');
  const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
  stream.record(0, KIND.loopStart, main, { a: loop });
  lines.forEach((line, index) => {
    const ran = 50 + ((ms - 50) * (index + 1)) / (lines.length + 1);
    const stack = stream.stack(
      { file: '/usr/lib/python3.11/ssl.py', line: 1, function: 'read' },
      { line, function: 'helper' },
      { line: 10, function: 'handler' },
    );
    stream.record((from + ran) * MS, KIND.loopStack, main, { a: loop, b: stack, c: ran * 1000 });
  });
  if (!ended) return;
  const task = stream.task('handler', loop);
  stream.record((from + ms) * MS, KIND.loopStep, task, { a: loop, c: ms * 1000 });
}

const LIB = '/usr/lib/python3.12';
/** What stands below every step of a loop. */
const LOOP_FRAMES: readonly FrameText[] = [
  { file: `${LIB}/asyncio/events.py`, line: 84, function: 'Handle._run' },
  { file: `${LIB}/asyncio/base_events.py`, line: 1971, function: 'BaseEventLoop._run_once' },
  { file: `${LIB}/asyncio/runners.py`, line: 194, function: 'run' },
  { line: 42, function: '<module>' },
];

/** A step of 300 ms with this stack taken in it, and what the step itself said at its end. */
function blockAt(
  stream: StreamWriter,
  taken: readonly FrameText[],
  said: readonly FrameText[] = [],
  looks = 2,
) {
  const main = stream.thread('main');
  const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
  const stack = stream.stack(...taken);
  stream.record(0, KIND.loopStart, main, { a: loop });
  for (let look = 0; look < looks; look++) {
    const words = { a: loop, b: stack, c: 100_000 + look * 20_000 };
    stream.record((200 + look * 20) * MS, KIND.loopStack, main, words);
  }
  const b = said.length > 0 ? stream.stack(...said) : 0;
  const step = { a: loop, b, c: 300_000 };
  stream.record(400 * MS, KIND.loopStep, stream.task('handler', loop), step);
}

describe('loop-blocked', () => {
  test('names the innermost line of the program, then the library and the caller', () => {
    const [one] = findings((stream) => block(stream, 300, [7, 7, 7, 8]));
    assert.equal(one?.rule, 'loop-blocked');
    assert.deepEqual(
      one.locations.map((at) => `${at.file}:${at.line}`),
      ['/app/demo.py:7', '/usr/lib/python3.11/ssl.py:1', '/app/demo.py:10'],
    );
    assert.equal(one.evidence.count, 1);
  });
  test('work spread over lines is blamed on the line that called all of it', () => {
    const [one] = findings((stream) => block(stream, 300, [21, 22, 23, 24, 25]));
    assert.equal(one?.locations[0]?.line, 10);
  });
  test('several blocks at one line are one finding', () => {
    const found = findings((stream) => {
      block(stream, 150, [7, 7], 100);
      block(stream, 200, [7, 7], 600);
    });
    assert.equal(found.length, 1);
    assert.match(found[0]!.title, /blocked 2 times, up to 200 ms, at demo\.py:7/);
  });
  test('a block that never ends is seen', () => {
    const [one] = findings((stream) => block(stream, 3000, [7, 7, 7], 100, false));
    assert.equal(one?.rule, 'loop-blocked');
    assert.equal(one.evidence.unfinished, true);
  });
  test('a cell of a notebook that runs is no blocked loop: who wrote it waits for just that', () => {
    const file = `${LIB}/site-packages/IPython/core/interactiveshell.py`;
    const cell: readonly FrameText[] = [
      { file: '/tmp/ipykernel_7/1.py', line: 2, function: '<module>' },
      { file, line: 3500, function: 'InteractiveShell.run_code' },
      ...LOOP_FRAMES,
    ];
    assert.equal(
      rules((stream) => blockAt(stream, cell)),
      '',
    );
  });

  test("who started the loop is not to blame for a step that is all the library's", () => {
    const frames = [
      { file: `${LIB}/asyncio/selector_events.py`, line: 80, function: 'Transport.write' },
      { file: `${LIB}/site-packages/uvicorn/h11_impl.py`, line: 490, function: 'Cycle.send' },
      ...LOOP_FRAMES,
    ];
    assert.equal(
      rules((stream) => blockAt(stream, frames, [], 1)),
      '',
    );
    const [one] = findings((stream) => blockAt(stream, frames));
    assert.equal(one?.title, 'Event loop blocked for 300 ms at h11_impl.py:490');
    assert.ok(one.locations.every((at) => at.file !== '/app/demo.py'));
  });
  test('an import in a step, too deep for its stack, is told at the line of the step', () => {
    const found = findings((stream) =>
      blockAt(
        stream,
        [
          { file: '<frozen importlib._bootstrap_external>', line: 1, function: '_path_stat' },
          { file: `${LIB}/site-packages/attrs/__init__.py`, line: 3, function: '<module>' },
        ],
        [{ line: 30, function: 'load' }, ...LOOP_FRAMES],
      ),
    );
    assert.deepEqual(
      found.map(({ title }) => title),
      ['Event loop blocked for 300 ms at demo.py:30'],
    );
    assert.match(found[0]!.detail, /which imports modules.*Import what is needed before the loop/s);
    assert.deepEqual(
      found[0]!.locations.map(({ line }) => line),
      [30],
    );
  });
  test('99 ms are fine', () =>
    assert.equal(
      rules((stream) => block(stream, 99, [7, 7])),
      '',
    ));
  test('a long step with no stack taken is a machine that was stopped', () =>
    assert.equal(
      rules((stream) => block(stream, 3000, [])),
      '',
    ));
});

test('loop-saturated: busy all the time, and late', () => {
  const busy = (lagMs: number, busyMs: number) => (stream: StreamWriter) => {
    const main = stream.thread('main');
    const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
    stream.record(0, KIND.loopStart, main, { a: loop });
    for (let tenth = 1; tenth <= 20; tenth++) {
      stream.record(tenth * 100 * MS, KIND.loopLag, main, { a: loop, b: lagMs * 1000, c: 9 });
      const words = { a: loop, b: busyMs * 1000, c: (100 - busyMs) * 1000, aux: 50 };
      stream.record(tenth * 100 * MS, KIND.loopBusy, main, words);
    }
  };
  assert.equal(rules(busy(40, 98)), 'loop-saturated');
  assert.equal(rules(busy(2, 98)), '');
  assert.equal(rules(busy(40, 50)), '');
});

test('no-overlap: awaits of one task one after another, with nothing beside it', () => {
  const awaits =
    (tasks: number, inner?: FrameText | string, beside?: string) => (stream: StreamWriter) => {
      const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
      const main = stream.thread('main');
      const file = typeof inner === 'string' ? { file: inner } : {};
      const frames = typeof inner === 'object' ? [inner, { line: 14 }] : [{ line: 14, ...file }];
      const stack = stream.stack(...frames);
      const all = Array.from({ length: tasks }, (_, index) => stream.task(`t${index}`, loop));
      for (const task of all) stream.record(0, KIND.taskCreate, main, { a: task });
      for (let index = 0; index < 6; index++) {
        const at = index * 200 * MS;
        stream.record(at, KIND.waitBegin, all[0]!, { b: stack, aux: WAIT.await });
        if (beside !== undefined) {
          const a = stream.task(`beside${index}`, loop);
          stream.record(at + MS, KIND.taskCreate, main, { a, c: stream.string(beside) });
          stream.record(at + 2 * MS, KIND.taskEnd, a, { a: loop, aux: TASK_END.done });
        }
        stream.record(at + 190 * MS, KIND.waitEnd, all[0]!, { aux: 1 });
      }
      for (const task of all)
        stream.record(1300 * MS, KIND.taskEnd, task, { a: loop, aux: TASK_END.done });
    };
  assert.equal(rules(awaits(1)), 'no-overlap');
  assert.match(
    findings(awaits(1))[0]?.title ?? '',
    /^t0 awaits at least 6 times one after another/,
  );
  const full = findings(awaits(1), { detail: 'full' });
  assert.match(full[0]?.title ?? '', /^t0 awaits 6 times one after another/);
  // Lines of one stream come one after another.
  const streams = { file: '/usr/lib/python3.13/asyncio/streams.py', line: 711 };
  assert.equal(rules(awaits(1, { ...streams, function: 'StreamReader.__anext__' })), '');
  assert.equal(rules(awaits(1, { ...streams, function: 'StreamReader.read' })), 'no-overlap');
  // Beside a server's task another that is made each time a connection comes in.
  assert.equal(rules(awaits(2, undefined, 'Loop._accept_connection2')), 'no-overlap');
  assert.equal(rules(awaits(2, undefined, 'handle')), '');
  assert.equal(rules(awaits(10)), '');
  // A server's own tick: nobody here can change it.
  assert.equal(rules(awaits(1, '/venv/lib/python3.13/site-packages/uvicorn/server.py')), '');
  /** A task that sleeps itself, or calls what does. */
  const sleeps = (...callers: readonly string[]) => {
    const library = { file: '/usr/lib/python3.13/asyncio/tasks.py', function: 'sleep', line: 718 };
    const own = callers.map((name, index) => ({ line: 14 + index, function: name }));
    return (stream: StreamWriter) => {
      const b = stream.stack(library, ...own);
      const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
      const task = stream.task('t', loop);
      stream.record(0, KIND.taskCreate, stream.thread('main'), { a: task });
      for (let index = 0; index < 6; index++) {
        stream.record(index * 200 * MS, KIND.waitBegin, task, { b, aux: WAIT.await });
        stream.record((index + 0.9) * 200 * MS, KIND.waitEnd, task, { aux: 1 });
      }
    };
  };
  assert.equal(rules(sleeps('ticks')), '');
  assert.equal(rules(sleeps('fetch', 'main')), 'no-overlap');
  /** The same, and a pool that gets its items all at once, or each when the one before has ended. */
  const pooled = (atOnce: boolean) => (stream: StreamWriter) => {
    const pool = stream.object('P', 'ProcessPoolExecutor', { capacity: 2 });
    const main = stream.thread('main');
    for (let item = 0; item < 6; item++) {
      const worker = stream.thread(`w${item % 2}`);
      const at = item * 200 * MS;
      stream.record(atOnce ? 0 : at, KIND.submit, main, { a: pool, b: 0, c: item + 1 });
      stream.record(at, KIND.itemStart, worker, { a: pool, c: item + 1 });
      stream.record(at + 190 * MS, KIND.itemEnd, worker, { a: pool, c: item + 1 });
    }
    awaits(1)(stream);
  };
  assert.equal(rules(pooled(true)), '');
  assert.equal(rules(pooled(false)), 'no-overlap');
});
