/** Deadlocks and hangs between processes: a queue that nobody has read, a full pipe, a lock that a fork left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { edgeSentence } from '../../engine/rules/edges.ts';
import { KIND, OWNER, OWNER_REFRESH, WAIT } from '../../wire/recording.ts';
import { findings, MS } from './ruleFindings.ts';
import { draw } from './traceText.ts';

test('a process that is joined before its queue is read: who joins, which queue, what to do', () => {
  const trace = draw(
    `Q = multiprocessing.Queue
     main fork:2 . process:2
     main2%2 . . join:f
     f%2  . . Q?put`,
    { after: 1500 },
  );
  const [one, ...others] = analyze(trace).filter(({ severity }) => severity === 'error');
  assert.deepEqual(others, []);
  assert.match(
    one!.title,
    /^Deadlock: main of process 100 waits for the end of process \d+, which waits for room in Q$/,
  );
  assert.match(one!.detail, /Get all that was put into Q before you join: /);
});

test('what a forked process waits for and a thread left behind has is told as such', () => {
  const story = (left: number) =>
    findings((process) => {
      const [main, helper] = [process.thread('main'), process.thread('helper')];
      for (const actor of [main, helper]) process.record(0, KIND.threadStart, actor);
      const a = process.object('A');
      const aux = OWNER.holder | OWNER_REFRESH;
      process.record(10 * MS, KIND.waitBegin, main, {
        a,
        b: process.stack({ line: 12 }),
        aux: WAIT.acquire,
      });
      for (let at = 110; at < 2000; at += 100)
        process.record(at * MS, KIND.waitOwner, main, {
          a,
          b: left && process.stack({ line: left }),
          c: 0,
          aux,
        });
      process.record(20 * MS, KIND.waitBegin, helper, {
        b: process.stack({ line: 30 }),
        aux: WAIT.event,
      });
    }).filter(({ rule }) => rule === 'hang');
  const [told] = story(4);
  assert.match(told!.title, /, which a thread held when the process was forked$/);
  assert.match(
    told!.detail,
    /A, which a thread that the fork left behind took at demo\.py:4\..*'spawn' or 'forkserver'/,
  );
  assert.doesNotMatch(story(0)[0]!.detail, /fork/);
});

test('who waits for a child that waits for it to read is in a deadlock, unless another thread could', () => {
  const story = (helperWaits: boolean) =>
    findings((process) => {
      const [main, helper] = [process.thread('main'), process.thread('helper')];
      for (const actor of [main, helper]) process.record(0, KIND.threadStart, actor);
      const pipe = process.object('stdout of process 9', 'Connection', { library: 'subprocess' });
      const b = process.stack({ line: 12 });
      process.record(10 * MS, KIND.waitBegin, main, { b, aux: WAIT.processJoin });
      process.record(10 * MS, KIND.waitOwner, main, { c: 9, aux: OWNER.process });
      if (helperWaits) process.record(20 * MS, KIND.waitBegin, helper, { b, aux: WAIT.event });
      const aux = OWNER.process | OWNER_REFRESH;
      for (let at = 1100; at < 3000; at += 100)
        process.record(at * MS, KIND.waitOwner, main, { a: pipe, c: 9, aux });
    }).filter(({ severity }) => severity === 'error');
  const [told] = story(true);
  assert.equal(
    told?.title,
    'Deadlock: main waits for end of process 9, which waits for room in its stdout',
  );
  assert.match(
    told.detail,
    /Process 9 writes to its stdout, a pipe that is full .* communicate\(\)/,
  );
  assert.deepEqual(story(false), []);
});

test("a library's own thread is told of by the line that started it", () => {
  const actor = { stream: '1-a', kind: 'thread', id: 2 } as const;
  const waiterLocation = { file: '/home/ann/demo.py', line: 17, label: '' };
  const edge = { waiter: 'feeder', waiterActor: actor, resource: 'room in Q', waiterLocation };
  const told = { ...edge, owner: 'nobody', sinceNs: 0 };
  assert.equal(edgeSentence(told), 'feeder waits at demo.py:17 for room in Q.');
  assert.equal(
    edgeSentence({ ...told, waiterStarted: true }),
    'feeder, started at demo.py:17, waits for room in Q.',
  );
});
