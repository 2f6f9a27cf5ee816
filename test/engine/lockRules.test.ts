/** Rules about locks: each speaks when it must, and a near miss leaves it silent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { KIND, OWNER, WAIT } from '../../wire/recording.ts';
import { findings, MS, rules } from './ruleFindings.ts';
import { draw } from './traceText.ts';
import type { StreamWriter } from './traceWriter.ts';

/** `lock-order-inversion 203 303`: rule and first lines. */
function ofDrawing(text: string): string {
  return analyze(draw(text))
    .map((one) => [one.rule, ...one.locations.slice(0, 2).map((at) => at.line)].join(' '))
    .join('; ');
}

test('a deadlock that closed is not said to have gone well', () => {
  const trace = draw(`main start:a start:b . . . . . . . . . . . . . . . . . . . . . .
                      a    A+ B+ B- A- .  .  .  .  A+ .  B?
                      b    .  .  .  .  B+ A+ A- B- .  B+ .  A?`);
  const told = analyze(trace).map((one) => one.title);
  assert.ok(told.some((title) => title.startsWith('Deadlock: a and b')));
  assert.ok(told.some((title) => title.endsWith('opposite orders: so it came to the deadlock')));
});

describe('lock-order-inversion', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'opposite orders, one after the other by luck',
      'lock-order-inversion 202 306',
      `main start:a start:b
       a    A+ B+ B- A- .  .  .  .
       b    .  .  .  .  B+ A+ A- B-`,
    ],
    [
      'a gate lock around both',
      '',
      `main start:a start:b
       a    G+ A+ B+ B- A- G-
       b    .  .  .  .  .  .  G+ B+ A+ A- B- G-`,
    ],
    ['one actor alone', '', 'main A+ B+ B- A- B+ A+ A- B-'],
    [
      'the first has ended before the second starts',
      '',
      `main start:a . . . . join:a ! start:b
       a    . A+ B+ B- A- end
       b    . . . . . . . . B+ A+ A- B-`,
    ],
    [
      'the first has ended, but nobody waited for it',
      'lock-order-inversion 203 310',
      `main start:a . . . . . . start:b
       a    . A+ B+ B- A- end
       b    . . . . . . . . B+ A+ A- B-`,
    ],
    [
      'the inner lock is tried with a timeout',
      '',
      `main start:a start:b
       a    A+ B+ B- A-
       b    .  .  .  .  B+ A+t A- B-`,
    ],
    [
      'hand over hand along a list',
      '',
      `a A+ B+ A- C+ B- C-
       b .  .  .  A+ .  B+ A- C+ B- C-`,
    ],
    [
      'three locks in a ring',
      'lock-order-inversion 102 204',
      `a A+ B+ B- A-
       b .  .  B+ C+ C- B-
       d .  .  .  .  .  C+ . . A+ A- C-`,
    ],
    [
      'semaphores of many permits are no locks',
      '',
      `s = Semaphore:3
       t = Semaphore:3
       a s+ t+ t- s-
       b .  .  .  .  t+ s+ s- t-`,
    ],
    [
      'a lock that others give back, as the last of several readers does',
      '',
      `a A+ B+ B- A- B+ .  .  .  .  .
       b .  .  .  .  .  B- B+ A+ A- B-`,
    ],
    [
      'locks of two processes, apart in time',
      'lock-order-inversion 204 308',
      `A = multiprocessing.Lock
       B = multiprocessing.Lock
       main    fork:2 fork:3
       main2%2 . . A+ B+ B- A-
       main3%3 . . . . . . B+ A+ A- B-`,
    ],
    [
      'the second process is forked after the first was waited for',
      '',
      `A = multiprocessing.Lock
       B = multiprocessing.Lock
       main    fork:2 . . . . . process:2 ! fork:3
       main2%2 . . A+ B+ B- A-
       main3%3 . . . . . . . . . B+ A+ A- B-`,
    ],
    [
      'the second process acts before its parent comes to say that it forked',
      '',
      `A = multiprocessing.Lock
       B = multiprocessing.Lock
       main    fork:2 . . . . . process:2 ! . . fork:3
       main2%2 . . A+ B+ B- A-
       main3%3 . . . . . . . . B+ A+ A- B-`,
    ],
    [
      'all items of a queue were done before',
      '',
      `q = queue.Queue
       main start:a q?queueJoin . . . . ! B+ A+ A- B-
       a    .       A+ B+ B- A- q?get . .  .  .  .`,
    ],
    [
      'one item of a queue was got before',
      'lock-order-inversion 203 308',
      `q = queue.Queue
       main start:a start:b . .  .  .
       a    .       A+ B+ B- A- q?get
       b    .       . q?get . . ! B+ A+ A- B-`,
    ],
    [
      'tasks awaited one after another',
      '',
      `A = asyncio.Lock
       B = asyncio.Lock
       main start:t . . . . . start:u
       @t   . A+ B+ B- A- end
       @u   . . . . . . . B+ A+ A- B- end`,
    ],
  ];
  for (const [title, expected, text] of cases)
    test(title, () => assert.equal(ofDrawing(text), expected));
});

test('two items of one worker may have been two workers, when both were handed in before', () => {
  const items = (waited: boolean, capacity: number, workers: number) => (stream: StreamWriter) => {
    const pool = stream.object('P', 'ThreadPoolExecutor', { capacity });
    const main = stream.thread('main');
    const worker = stream.thread('worker', { pool });
    const locks = [stream.object('A'), stream.object('B')];
    stream.record(0, KIND.submit, main, { a: pool, c: 1 });
    stream.record(waited ? 50 * MS : 0, KIND.submit, main, { a: pool, c: 2 });
    stream.record(0, KIND.poolSample, 0, { a: pool, aux: workers });
    for (const item of [1, 2]) {
      const at = item * 30 * MS;
      const [outer, inner] = item === 1 ? locks : [...locks].reverse();
      const stack = stream.stack({ line: item * 10 });
      stream.record(at, KIND.itemStart, worker, { a: pool, c: item });
      const chain = stream.chain([[outer!, stack]]);
      stream.record(at + MS, KIND.nest, worker, { a: inner!, b: stack, c: chain });
      stream.record(at + 2 * MS, KIND.itemEnd, worker, { a: pool, c: item });
    }
  };
  assert.equal(rules(items(false, 2, 2)), 'lock-order-inversion');
  // One worker has done all the work, and there could have been another.
  assert.equal(rules(items(false, 2, 1)), 'lock-order-inversion');
  assert.equal(rules(items(false, 1, 1)), '');
  assert.equal(rules(items(true, 2, 2)), '');
});

test('an item that was handed in when another had ended is not run beside it', () => {
  const phases =
    (apartMs: number, endMs = 10) =>
    (stream: StreamWriter) => {
      const pool = stream.object('P', 'ThreadPoolExecutor', { capacity: 2 });
      const main = stream.thread('main');
      const locks = [stream.object('A'), stream.object('B')];
      for (const item of [1, 2]) {
        const [outer, inner] = item === 1 ? locks : [...locks].reverse();
        const worker = stream.thread(`worker ${item}`, { pool });
        const stack = stream.stack({ line: item * 10 });
        const at = (item - 1) * apartMs * MS;
        const chain = stream.chain([[outer!, stack]]);
        stream.record(at, KIND.submit, main, { a: pool, c: item });
        stream.record(at + MS, KIND.itemStart, worker, { a: pool, c: item });
        stream.record(at + 2 * MS, KIND.nest, worker, { a: inner!, b: stack, c: chain });
        stream.record(at + endMs * MS, KIND.itemEnd, worker, { a: pool, c: item });
      }
    };
  // The other was handed in before the first came to its locks, or long before it ended.
  assert.equal(rules(phases(1)), 'lock-order-inversion');
  assert.equal(rules(phases(5, 50)), 'lock-order-inversion');
  // Its result was there before the worker came to say that it had ended.
  assert.equal(rules(phases(9)), '');
  assert.equal(rules(phases(20)), '');
});

/** `count` waits of `waitMs` for a lock that `owner` took, by two threads that live for `lifeMs`. */
function fought(
  stream: StreamWriter,
  count: number,
  waitMs: number,
  lifeMs: number,
  type = 'Lock',
  library = 'threading',
) {
  const lock = stream.object('cache_lock', type, { library });
  const owner = stream.thread('owner');
  const waiters = [stream.thread('w1'), stream.thread('w2')];
  const held = stream.stack({ line: 40 });
  const asked = stream.stack({ line: 50 });
  for (const waiter of waiters) stream.record(0, KIND.threadStart, waiter);
  for (let index = 0; index < count; index++) {
    const waiter = waiters[index % 2]!;
    const at = (index * lifeMs * MS) / count;
    stream.record(at, KIND.waitBegin, waiter, { a: lock, b: asked, aux: WAIT.acquire });
    stream.record(at, KIND.waitOwner, waiter, { a: lock, b: held, c: owner, aux: OWNER.holder });
    stream.record(at + waitMs * MS, KIND.waitEnd, waiter, { a: lock, aux: 1 });
  }
  stream.record(lifeMs * MS, KIND.overhead, 0);
}

describe('lock-contention and long-hold', () => {
  test('many short waits that eat the time of the waiters', () => {
    const [one] = findings((stream) => fought(stream, 200, 4, 1000));
    assert.equal(one?.rule, 'lock-contention');
    assert.equal(one.locations[0]?.line, 50);
    assert.match(one.title, /^40 % of the time of w1 and w2 went into waiting for cache_lock$/);
  });
  test('the advice fits who waits', () => {
    const advice = (library: string) =>
      findings((stream) => fought(stream, 1000, 4, 5000, 'Lock', library))[0]?.detail ?? '';
    assert.match(advice('threading'), /each thread its own copy/);
    assert.match(advice('multiprocessing'), /each process its own copy/);
    assert.match(advice('asyncio'), /between two awaits no other task of the loop runs/);
    assert.doesNotMatch(advice('asyncio'), /own copy/);
  });
  test('few long waits name the line that took the lock', () => {
    const one = findings((stream) => fought(stream, 6, 150, 1000)).find(
      (found) => found.rule === 'long-hold',
    );
    assert.ok(one !== undefined);
    assert.equal(one.locations[0]?.line, 40);
  });
  test('held all the time by many in turn, though hardly a wait is on record', () => {
    const turns = (holdMs: number, everyMs: number) => (stream: StreamWriter) => {
      fought(stream, 2, 1, 1000);
      for (let index = 0; index < 60; index++) {
        const words = {
          a: stream.object('cache_lock'),
          b: stream.stack({ line: 40 }),
          c: holdMs * 1000,
        };
        stream.record((index + 1) * everyMs * MS, KIND.hold, stream.thread(`h${index % 6}`), words);
      }
    };
    assert.equal(rules(turns(10, 10)), 'lock-contention');
    assert.equal(rules(turns(5, 10)), '');
  });
  test('long waits for short holds, since many want it, are no long hold', () => {
    const crowd = (holdMs: number) => (stream: StreamWriter) => {
      const [lock, b] = [stream.object('table_lock'), stream.stack({ line: 40 })];
      for (let turn = 0; turn < 400; turn++) {
        const thread = stream.thread(`w${turn % 40}`);
        if (turn < 40) stream.record(0, KIND.waitBegin, thread, { a: lock, b, aux: WAIT.acquire });
        const at = (turn + 1) * holdMs * MS;
        stream.record(at, KIND.waitEnd, thread, { a: lock, aux: 1 });
        stream.record(at, KIND.hold, thread, { a: lock, b, c: holdMs * 1000 });
        stream.record(at, KIND.waitBegin, thread, { a: lock, b, aux: WAIT.acquire });
      }
    };
    const [one, ...rest] = findings(crowd(2));
    assert.match(one!.title, /^\d+ % of the time of 40 threads went into waiting for table_lock$/);
    assert.deepEqual(rest, []);
    assert.ok(rules(crowd(10)).includes('long-hold'));
  });
  test('the same waits in a long life are nothing', () =>
    assert.equal(
      rules((stream) => fought(stream, 200, 4, 20_000)),
      '',
    ));
  test('little time lost is nothing', () =>
    assert.equal(
      rules((stream) => fought(stream, 20, 4, 200)),
      '',
    ));
  test('waiting for a permit is what a semaphore is for', () =>
    assert.equal(
      rules((stream) => fought(stream, 200, 4, 1000, 'Semaphore')),
      '',
    ));
});

test('lock-across-await: a lock of threads held over an await of its task', () => {
  const held = (library: string, suspendMs: number) => (stream: StreamWriter) => {
    const lock = stream.object('A', 'Lock', { library });
    const task = stream.task('t');
    stream.record(suspendMs * MS, KIND.taskSuspend, task, { b: stream.stack({ line: 9 }) });
    const words = { a: lock, b: stream.stack({ line: 8 }), c: 200_000 };
    stream.record(400 * MS, KIND.hold, task, words);
  };
  const [one] = findings(held('threading', 300));
  assert.equal(one?.rule, 'lock-across-await');
  assert.deepEqual(
    one.locations.map((at) => at.line),
    [8, 9],
  );
  assert.equal(rules(held('threading', 100)), '');
  assert.equal(rules(held('asyncio', 300)), '');
});
