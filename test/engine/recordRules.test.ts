/** Rules that tell what one record says: calls from another thread, what was lost, left over, forked or killed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KIND, TASK_END, WAIT } from '../../wire/recording.ts';
import { findings, MS } from './ruleFindings.ts';
import type { StreamWriter } from './traceWriter.ts';

describe('single records', () => {
  const at = (line: number) => (stream: StreamWriter) => stream.stack({ line });
  const cases: readonly (readonly [string, (stream: StreamWriter) => void])[] = [
    [
      'unsafe-loop-call 5',
      (stream) => {
        const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
        const method = stream.string('call_soon');
        const words = { a: loop, b: at(5)(stream), c: method };
        stream.record(MS, KIND.unsafeCall, stream.thread('w'), words);
      },
    ],
    [
      'task-exception-lost 6',
      (stream) => {
        const words = { a: stream.string('ValueError: no'), b: at(6)(stream), c: at(3)(stream) };
        stream.record(MS, KIND.taskExceptionLost, stream.task('t'), words);
      },
    ],
    [
      'task-exception-lost 9',
      (stream) => {
        const pool = stream.object('P', 'ThreadPoolExecutor', { stack: at(2)(stream) });
        const words = { a: pool, b: at(9)(stream), c: 1 };
        stream.record(0, KIND.submit, stream.thread('main'), words);
        const lost = { a: pool, b: stream.string('OSError'), c: 1 };
        stream.record(MS, KIND.itemExceptionLost, 0, lost);
      },
    ],
    [
      'task-pending-at-exit 4',
      (stream) => {
        const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
        const words = { a: loop, b: at(7)(stream), c: at(4)(stream) };
        stream.record(MS, KIND.taskPending, stream.task('t', loop), words);
      },
    ],
    [
      'coroutine-never-awaited 8',
      (stream) => {
        const words = { a: stream.string('save'), b: at(8)(stream) };
        stream.record(MS, KIND.coroutineNeverAwaited, stream.thread('main'), words);
      },
    ],
    [
      'fork-with-threads 11',
      (stream) => {
        const words = { a: 4711, b: at(11)(stream), c: 2 };
        stream.record(MS, KIND.processFork, stream.thread('main'), words);
      },
    ],
    [
      '',
      (stream) => {
        const words = { a: 4711, b: at(11)(stream), c: 0 };
        stream.record(MS, KIND.processFork, stream.thread('main'), words);
      },
    ],
    [
      '', // a pool's own thread replaces a worker that has ended
      (stream) => {
        const file = '/usr/lib/python3.13/multiprocessing/pool.py';
        const b = stream.stack(
          { file, function: 'Pool._repopulate_pool_static', line: 329 },
          { file, function: 'Pool._handle_workers', line: 516 },
        );
        stream.record(MS, KIND.processFork, stream.thread('t'), { a: 4711, b, c: 3 });
      },
    ],
    [
      '', // a connection of a server that asyncio.run cancels when the program ends
      (stream) => {
        const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
        const file = '/usr/lib/python3.13/asyncio/streams.py';
        const made = { file, function: 'StreamReaderProtocol.connection_made', line: 254 };
        const task = stream.task('serve', loop);
        const words = { a: loop, b: at(7)(stream), c: stream.stack(made) };
        stream.record(MS, KIND.taskPending, task, words);
        stream.record(2 * MS, KIND.taskEnd, task, { a: loop, aux: TASK_END.cancelled });
      },
    ],
    [
      'daemon-killed 12',
      (stream) => {
        const words = { a: stream.object('file_lock'), b: at(12)(stream) };
        stream.record(MS, KIND.daemonKilled, stream.thread('d', { daemon: true }), words);
      },
    ],
    [
      '',
      (stream) => {
        const words = { b: at(12)(stream) };
        stream.record(MS, KIND.daemonKilled, stream.thread('d', { daemon: true }), words);
      },
    ],
    [
      '', // its own wait for that lock shows that it is told by it to go on
      (stream) => {
        const [lock, idle] = [stream.object('jobs'), stream.thread('d', { daemon: true })];
        const words = { aux: WAIT.acquire, a: lock, b: at(11)(stream), c: 10_000 };
        stream.record(MS, KIND.waitBegin, idle, words);
        stream.record(2 * MS, KIND.daemonKilled, idle, { a: lock, b: at(12)(stream) });
        stream.record(3 * MS, KIND.threadEnd, idle);
      },
    ],
    [
      'data-race 13',
      (stream) => {
        const words = { b: at(13)(stream), c: stream.thread('w2') };
        stream.record(MS, KIND.race, stream.thread('w1'), words);
      },
    ],
  ];
  for (const [expected, write] of cases)
    test(expected || 'and what is none', () => {
      const told = findings(write).map((one) => `${one.rule} ${one.locations[0]?.line}`);
      assert.equal(told.join('; '), expected);
    });
});

test('what was raised at one line is one finding, whatever each said', () => {
  const [one, ...rest] = findings((stream) => {
    for (const name of ['a', 'b', 'c']) {
      const b = stream.stack({ line: 7 });
      const words = {
        a: stream.string(`ValueError: job ${name}`),
        b,
        c: stream.stack({ line: 4 }),
      };
      stream.record(MS, KIND.taskExceptionLost, stream.task(name), words);
    }
  });
  assert.deepEqual(rest, []);
  assert.equal(
    one?.title,
    'Nobody looked at the exceptions of a and 2 others: ValueError, the first with “job a”',
  );
  assert.equal(one.evidence.count, 3);
});

test('work items that fail differently in one pool are told by the type of their exceptions', () => {
  const told = findings((stream) => {
    const pool = stream.object('P', 'ThreadPoolExecutor', { stack: stream.stack({ line: 2 }) });
    const text = ['OSError: 1', 'OSError: 2', 'KeyError: 3'];
    for (const one of text)
      stream.record(MS, KIND.itemExceptionLost, 0, { a: pool, b: stream.string(one), c: 1 });
  });
  assert.deepEqual(
    told.map((one) => one.detail.split('.')[0]),
    [
      '2 work items of P ended with OSError, the first with “1”; their results were never asked for',
      '1 work item of P ended with KeyError: 3; its result was never asked for',
    ],
  );
});

test('a call that two methods of the loop notice is one, named as the program calls it', () => {
  const [one, ...rest] = findings((stream) => {
    const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
    const set = { file: '/usr/lib/python3.13/asyncio/locks.py', function: 'Event.set', line: 192 };
    const b = stream.stack(set, { line: 21, function: 'watch' });
    for (const name of ['set_result', 'call_soon']) {
      const words = { a: loop, b, c: stream.string(name) };
      stream.record(MS, KIND.unsafeCall, stream.thread('watcher'), words);
    }
  });
  assert.deepEqual(rest, []);
  assert.match(one?.title ?? '', /^Event\.set called from watcher/);
});

test('what several tasks left at one line is told once, and counted', () => {
  const [one, ...rest] = findings((stream) => {
    const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
    const words = { a: loop, b: stream.stack({ line: 7 }), c: stream.stack({ line: 4 }) };
    for (const name of ['beat 1', 'beat 2', 'beat 3'])
      stream.record(MS, KIND.taskPending, stream.task(name, loop), words);
  });
  assert.deepEqual(rest, []);
  assert.equal(one?.title, 'beat 1 and 2 others were still pending when their loop closed');
  assert.equal(one.evidence.count, 3);
});
