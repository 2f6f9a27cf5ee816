/** Rules about pools, queues and the CPU: each speaks when it must, and a near miss leaves it silent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KIND, SAMPLE, WAIT } from '../../wire/recording.ts';
import { findings, MS, rules } from './ruleFindings.ts';
import { type StreamWriter, TraceWriter } from './traceWriter.ts';

/** `count` items of `runMs` on `workers`, all submitted at once. */
function poolOf(
  count: number,
  runMs: number,
  workers: number,
  type = 'ThreadPoolExecutor',
  gapMs = 0,
  lockedMs = 0,
) {
  return (stream: StreamWriter) => {
    const pool = stream.object('P', type, { capacity: workers });
    const lock = stream.object('L', 'Lock');
    const main = stream.thread('main');
    const b = stream.stack({ line: 30 });
    for (let item = 1; item <= count; item++)
      stream.record(item * gapMs * MS, KIND.submit, main, { a: pool, b, c: item });
    for (let item = 1; item <= count; item++) {
      const worker = stream.thread(`worker_${item % workers}`, { pool });
      const start = Math.max(item * gapMs, Math.floor((item - 1) / workers) * runMs) * MS;
      stream.record(start, KIND.itemStart, worker, { a: pool, c: item });
      if (lockedMs > 0) {
        stream.record(start, KIND.waitBegin, worker, { a: lock, aux: WAIT.acquire });
        stream.record(start + lockedMs * MS, KIND.waitEnd, worker, { a: lock, aux: 1 });
      }
      stream.record(start + runMs * MS, KIND.itemEnd, worker, { a: pool, c: item });
    }
  };
}

/** A hundred items that four processes compute on four cores, handed in so far apart. */
function computed(gapMs: number) {
  return (stream: StreamWriter) => {
    poolOf(100, 100, 4, 'ProcessPoolExecutor', gapMs)(stream);
    for (let index = 0; index < 4; index++) {
      const worker = stream.thread(`worker_${index}`);
      stream.record(2500 * MS, KIND.sample, worker, { b: 2.2e6, aux: 1 });
    }
  };
}

/** A pool whose workers are there from the start, one of which runs an item for two seconds. */
function single(workers: number) {
  return (stream: StreamWriter) => {
    const pool = stream.object('P', 'Pool', { capacity: workers });
    const worker = stream.thread('worker', { pool });
    stream.record(0, KIND.poolSample, 0, { a: pool, aux: workers });
    stream.record(0, KIND.submit, stream.thread('main'), { a: pool, c: 1 });
    stream.record(0, KIND.itemStart, worker, { a: pool, c: 1 });
    stream.record(2000 * MS, KIND.itemEnd, worker, { a: pool, c: 1 });
  };
}

/** Ten items of a pool with that much room, of which eight workers ran some. */
function replaced(room: number) {
  return (stream: StreamWriter) => {
    const pool = stream.object('P', 'Pool', { capacity: room });
    const main = stream.thread('main');
    const b = stream.stack({ line: 30 });
    for (let item = 1; item <= 10; item++) {
      const at = item * 200 * MS;
      const worker = stream.thread(`worker_${item % 8}`, { pool });
      stream.record(at, KIND.submit, main, { a: pool, b, c: item });
      stream.record(at, KIND.itemStart, worker, { a: pool, c: item });
      stream.record(at + 20 * MS, KIND.itemEnd, worker, { a: pool, c: item });
    }
  };
}

describe('pools', () => {
  const cases: readonly (readonly [string, string, (stream: StreamWriter) => void])[] = [
    ['a hundred slow items on two workers', 'pool-saturated', poolOf(100, 100, 2)],
    [
      'items that mostly wait for a lock',
      'lock-contention',
      poolOf(100, 100, 2, 'ThreadPoolExecutor', 0, 90),
    ],
    ['work that comes all the time', 'pool-saturated', poolOf(40, 60, 2, 'ThreadPoolExecutor', 10)],
    ['the same for processes, which compute', '', poolOf(40, 60, 2, 'ProcessPoolExecutor', 10)],
    ['as much of it handed in at once', '', poolOf(36, 50, 2)],
    [
      'the same, and one more at the end',
      '',
      (stream) => {
        poolOf(36, 50, 2)(stream);
        const words = { a: stream.object('P', 'ThreadPoolExecutor', { capacity: 2 }), c: 99 };
        stream.record(950 * MS, KIND.submit, stream.thread('main'), words);
      },
    ],
    ['the same on enough workers', '', poolOf(100, 100, 50)],
    ['a batch that as many processes as there are cores compute', '', computed(0)],
    ['the same as it comes in', 'pool-saturated', computed(10)],
    ['one long item in a pool of eight', 'pool-idle', single(8)],
    ['one long item in a pool of four', '', single(4)],
    [
      'eight workers for hardly any work',
      'pool-idle',
      poolOf(10, 20, 8, 'ThreadPoolExecutor', 200),
    ],
    ['eight workers, each in the place of another, of a pool with room for two', '', replaced(2)],
    ['the same with room for eight', 'pool-idle', replaced(8)],
    ['thousands of items that do nothing', 'tiny-tasks', poolOf(1000, 0.01, 4)],
    ['small items in processes', 'tiny-tasks', poolOf(1000, 0.1, 4, 'ProcessPoolExecutor')],
    ['items of the same size in threads', '', poolOf(1000, 0.1, 4)],
    ['a few tiny items', '', poolOf(20, 0.01, 4)],
  ];
  for (const [title, expected, write] of cases)
    test(title, () => assert.equal(rules(write), expected));
});

describe('queue-growth', () => {
  const depths =
    (list: readonly number[], capacity = 0, gets = 100) =>
    (stream: StreamWriter) => {
      const queue = stream.object('jobs', 'Queue', { capacity });
      list.forEach((depth, index) => {
        stream.record(index * 100 * MS, KIND.queueDepth, 0, { a: queue, b: depth });
      });
      stream.record(list.length * 100 * MS, KIND.queueCounts, 0, { a: queue, b: 2000, c: gets });
    };
  const rising = [10, 60, 130, 190, 260, 320, 390, 450, 520];
  test('rises all the time', () => assert.equal(rules(depths(rising)), 'queue-growth'));
  test('is bounded', () => assert.equal(rules(depths(rising, 1000)), ''));
  test('what was got is told a little too high, and then as it was', () => {
    const [one] = findings((stream) => {
      const queue = stream.object('jobs', 'Queue');
      for (const gets of [190, 120])
        stream.record(0, KIND.queueCounts, 0, { a: queue, b: 200, c: gets });
      depths(rising, 0, 190)(stream);
    });
    assert.match(one?.detail ?? '', / put, 190 got\)/);
  });
  test('goes up and down', () =>
    assert.equal(rules(depths([0, 300, 20, 310, 10, 305, 30, 320, 0])), ''));
  test('stays small', () => assert.equal(rules(depths(rising.map((depth) => depth / 10))), ''));
  test('is filled before anybody takes', () => assert.equal(rules(depths(rising, 0, 0)), ''));
  test('nobody counts what is taken, but a consumer has come for it before', () => {
    const consumed = (waits: boolean) => (stream: StreamWriter) => {
      const queue = { a: stream.object('jobs', 'SimpleQueue'), aux: WAIT.get };
      const consumer = stream.thread('consumer');
      if (waits) stream.record(0, KIND.waitBegin, consumer, queue);
      stream.record(50 * MS, KIND.waitEnd, consumer, queue);
      depths(rising, 0, 0)(stream);
    };
    assert.equal(rules(consumed(true)), 'queue-growth');
    assert.equal(rules(consumed(false)), '');
  });
});

const LIB = '/usr/lib/python3.12';

/** Threads that each compute `cpuMs` in a second, in these files, innermost first. */
function computing(
  count: number,
  cpuMs: number,
  gilWaitMs: number,
  files: readonly string[] = ['/app/demo.py'],
  aux: number = SAMPLE.running,
) {
  return (stream: StreamWriter) => {
    const b = stream.stack(...files.map((file) => ({ file, line: 77 })));
    for (let index = 0; index < count; index++) {
      const thread = stream.thread(`cpu_${index}`);
      stream.record(0, KIND.threadStart, thread, { b });
      for (let tenth = 1; tenth <= 10; tenth++) {
        const words = { a: b, b: cpuMs * 100, c: 100_000, aux };
        stream.record(tenth * 100 * MS, KIND.sample, thread, words);
      }
    }
    stream.record(1000 * MS, KIND.gil, 0, { a: count * 1000, b: 1_000_000, c: gilWaitMs * 1000 });
    for (let index = 0; index < count; index++)
      stream.record(1000 * MS, KIND.threadEnd, stream.thread(`cpu_${index}`));
  };
}

describe('gil-bound and oversubscribed', () => {
  test('four threads share a core', () =>
    assert.equal(rules(computing(4, 240, 2800)), 'gil-bound'));
  describe('on a machine that leaves them a third of a core', () => {
    /** Four that were seen running or not, and stood ready or ran for this share of their lives. */
    const crowded =
      (readyShare: number | undefined, aux = 1) =>
      (stream: StreamWriter) => {
        const b = stream.stack({ line: 77 });
        for (let index = 0; index < 4; index++) {
          const thread = stream.thread(`cpu_${index}`);
          stream.record(0, KIND.threadStart, thread, { b });
          for (let tenth = 1; tenth <= 20; tenth++) {
            const words = { a: b, b: 8000, c: 100_000, aux };
            stream.record(tenth * 100 * MS, KIND.sample, thread, words);
          }
          if (readyShare === undefined) continue;
          const ready = 2_000_000 * readyShare;
          stream.record(2000 * MS, KIND.coreWait, thread, { a: ready - 160_000, b: 160_000 });
        }
        stream.record(2000 * MS, KIND.gil, 0, { a: 4000, b: 2_000_000, c: 5_000_000 });
      };
    test('they take turns', () => assert.equal(rules(crowded(0.6)), 'gil-bound'));
    test('all were ready all the time: no GIL keeps them', () =>
      assert.equal(rules(crowded(0.97)), ''));
    test('hardly ever ready: they wait for something else', () =>
      assert.equal(rules(crowded(0.15)), ''));
    test('not seen running: they compute in between', () =>
      assert.equal(rules(crowded(0.6, 2)), ''));
    test('nobody knows what they were ready for', () =>
      assert.equal(rules(crowded(undefined)), ''));
  });
  test('four threads in code that releases the GIL', () =>
    assert.equal(rules(computing(4, 900, 0)), ''));
  test('four that stand at a lock most of the time', () => {
    const locked = (stream: StreamWriter) => {
      const lock = stream.object('L', 'Lock');
      computing(4, 240, 2800)(stream);
      for (let index = 0; index < 4; index++) {
        const thread = stream.thread(`cpu_${index}`);
        stream.record(10 * MS, KIND.waitBegin, thread, { a: lock, aux: WAIT.acquire });
        stream.record(710 * MS, KIND.waitEnd, thread, { a: lock, aux: 1 });
      }
    };
    assert.doesNotMatch(rules(locked), /gil-bound/);
  });
  test('what a process pool feeds its pipes with', () =>
    assert.equal(rules(computing(2, 300, 1000, [`${LIB}/multiprocessing/queues.py`])), ''));
  test('workers of a pool that were in the library last, between two items', () => {
    const between = (stream: StreamWriter) => {
      computing(4, 240, 2800, ['/app/demo.py', `${LIB}/concurrent/futures/thread.py`])(stream);
      const pool = { file: `${LIB}/concurrent/futures/thread.py`, line: 199 };
      const last = stream.stack(pool);
      for (let index = 0; index < 4; index++) {
        const thread = stream.thread(`cpu_${index}`);
        stream.record(0, KIND.threadStart, thread, { b: last });
        stream.record(999 * MS, KIND.sample, thread, { a: last, b: 5000, c: 9000, aux: 1 });
      }
    };
    assert.equal(rules(between), 'gil-bound');
  });
  test("a library's function as a thread of the program", () =>
    assert.equal(
      rules(computing(2, 300, 1000, [`${LIB}/threading.py`, '/app/demo.py'])),
      'gil-bound',
    ));
  test('no GIL here', () => assert.equal(rules(computing(4, 240, 2800), { gil: false }), ''));
  test('one thread alone', () => assert.equal(rules(computing(1, 950, 0)), ''));
  test('thirty threads on four cores', () =>
    assert.equal(rules(computing(30, 200, 0)), 'oversubscribed'));
  test('thirty threads of which two live at once, each in the place of another', () => {
    const replaced = (stream: StreamWriter) => {
      const a = stream.stack({ line: 77 });
      for (let index = 0; index < 30; index++) {
        const thread = stream.thread(`cpu_${index}`);
        stream.record(index * 100 * MS, KIND.threadStart, thread, { b: a });
        for (let tenth = 1; tenth <= 10; tenth++) {
          const at = (index * 100 + tenth * 19) * MS;
          stream.record(at, KIND.sample, thread, { a, b: 8000, c: 19_000, aux: 1 });
        }
        stream.record((index * 100 + 199) * MS, KIND.threadEnd, thread);
      }
    };
    assert.equal(rules(replaced), '');
  });
  test('thirty workers that serve short requests and are seen between two of them', () =>
    assert.equal(rules(computing(30, 20, 0, ['/app/demo.py'], SAMPLE.waiting)), ''));
  test('forty threads that mostly wait for something', () =>
    assert.equal(rules(computing(40, 5.5, 0)), ''));
});

test('one thread alone cannot wait for the GIL', () => {
  const world = new TraceWriter();
  const stream = world.process(100);
  const main = stream.thread('main', { main: true });
  stream.record(900 * MS, KIND.sample, main, { a: stream.stack({ line: 3 }), b: 9, c: 9 });
  const words = { a: 900, b: 1_000_000, c: 900_000 };
  stream.record(1000 * MS, KIND.gil, 0, words);
  stream.record(1500 * MS, KIND.threadStart, stream.thread('other'), { a: main });
  stream.record(2000 * MS, KIND.gil, 0, words);
  stream.flush();
  assert.equal(world.trace.facts.cpu.gil.periodNs, 2e9);
  assert.equal(world.trace.facts.cpu.gil.waitedNs, 9e8);
});

test('thread-churn: hundreds of threads from one line', () => {
  const churn = (count: number, lifeMs: number) => (stream: StreamWriter) => {
    const b = stream.stack({ line: 21 });
    for (let index = 0; index < count; index++) {
      const thread = stream.thread(`t${index}`);
      stream.record(index * MS, KIND.threadStart, thread, { b });
      stream.record((index + lifeMs) * MS, KIND.threadEnd, thread);
    }
  };
  assert.equal(rules(churn(300, 5)), 'thread-churn');
  assert.equal(rules(churn(20, 5)), '');
  assert.equal(rules(churn(300, 800)), '');
});
