/** Deadlocks, starved pools and hangs, drawn; beside each a near miss that must stay silent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { chainsOf } from '../../wire/waitChains.ts';
import { MS } from './ruleFindings.ts';
import { type DrawingOptions, draw } from './traceText.ts';

/** `deadlock 103 203`: the rule and the lines of the waits, in order of the findings. */
function verdict(text: string, options: DrawingOptions = {}): string {
  const findings = analyze(draw(text, { after: 1500, ...options }));
  return findings
    .filter((one) => one.severity === 'error')
    .map((one) => {
      const edges = one.evidence.edges ?? [];
      const shown = one.evidence.cyclic ? edges : edges.slice(0, 1);
      return [one.rule, ...shown.map((edge) => edge.waiterLocation?.line ?? '-')].join(' ');
    })
    .join('; ');
}

const cases: readonly (readonly [title: string, expected: string, text: string])[] = [
  [
    'two locks in opposite order',
    'deadlock 203 303',
    `main start:a start:b join:a
     a    A+ . B?
     b    B+ . A?`,
  ],
  [
    'two locks, but one waits with a timeout',
    '',
    `main start:a start:b join:a
     a    A+ . B?
     b    B+ . A?t`,
  ],
  [
    'three locks in a ring',
    'deadlock 103 203 303',
    `a  A+ . B?
     b  B+ . C?
     c2 C+ . A?`,
  ],
  ['a lock taken twice by its owner', 'deadlock 102', 'main A+ A?'],
  [
    'a lock that another thread gives back later is a signal',
    '',
    `main A+ start:w A? . . A!
     w    .  .      sleep . A- end`,
  ],
  [
    'the same after a long time',
    '',
    `main A+ start:w A? ${'. '.repeat(38)} A!
     w    .  .      sleep ${'. '.repeat(37)} A- end`,
  ],
  [
    'the owner is busy elsewhere',
    '',
    `a  A+ . sleep
     b  .  . A?`,
  ],
  [
    'a lock that was not given back where the work of a pool ended',
    'hang 104',
    `main  .       .  .      A?
     w[P]  begin:P A+ done:P`,
  ],
  [
    'a lock that a pool holds while it works',
    '',
    `main  .       .  .      A?
     w[P]  begin:P A+ sleep`,
  ],
  [
    'join while holding what the other needs',
    'deadlock 103 202',
    `main A+ start:w join:w
     w    .  A?`,
  ],
  [
    'a thread that joins itself by way of another',
    'deadlock 102 202',
    `a . join:b
     b . join:a`,
  ],
  [
    'tasks with two asyncio locks, beside a ticking timer',
    'deadlock 203 303',
    `A = asyncio.Lock
     B = asyncio.Lock
     main . . . idle:L:1:0
     @t   A+ . B?
     @u   B+ . A?`,
  ],
  [
    'a task blocks its loop with a lock that another task holds across an await',
    'deadlock 203 302',
    `e = asyncio.Event
     main .
     @t   .  . A?
     @u   A+ e?event`,
  ],
  [
    'waiting for the loop on its own thread',
    'deadlock 202 -',
    `main .
     @t   . loop:L`,
  ],
  [
    'work in a full pool waits for work in its queue',
    'pool-starvation 202 -',
    `P = ThreadPoolExecutor:1
     main  queued:P
     w[P]  begin:P queued:P`,
  ],
  [
    'the same with a free worker',
    '',
    `P = ThreadPoolExecutor:2
     main  queued:P
     w[P]  begin:P queued:P
     v[P]  begin:P done:P`,
  ],
  [
    'main holds a lock, the worker it waits for needs it',
    'deadlock 103 203',
    `P = ThreadPoolExecutor:1
     main  A+ . result:w
     w[P]  begin:P . A?`,
  ],
  [
    'a lock shared by two processes',
    'deadlock 103 203',
    `A = multiprocessing.Lock
     B = multiprocessing.Lock
     main    A+ . B?
     main2%2 B+ . A?`,
  ],
  [
    'a process waits for its child, which waits for its lock',
    'deadlock 103 - 203',
    `A = multiprocessing.Lock
     main    A+ . process:2
     main2%2 .  . A?`,
  ],
  [
    'get without a put',
    'hang 202',
    `main start:w join:w
     w    .       q?get`,
  ],
  [
    'get while another thread may put',
    '',
    `main start:w sleep
     w    .       q?get`,
  ],
  ['get while the program handles signals', '', 'main q?get'],
  [
    'a daemon waits for work while main has ended',
    '',
    `main start:w . end
     w~   .       q?get`,
  ],
  [
    'an idle loop with a watched connection',
    '',
    `e = asyncio.Event
     main . . idle:L:0:1
     @t   . e?event`,
  ],
  [
    'an idle loop with nothing to wake it',
    'hang 202',
    `e = asyncio.Event
     main . . idle:L:0:0
     @t   . e?event`,
  ],
  [
    'an idle loop while a thread works for it',
    '',
    `e = asyncio.Event
     main . . idle:L:0:0
     w    . .
     @t   . e?event`,
  ],
  [
    'a consumer waits under the lock that its producer needs',
    'deadlock 202 303',
    `main join:a
     a    A+ q?get
     b    . . A?`,
  ],
  [
    'a condition is waited for under another lock that its notifier needs',
    'deadlock 202 303',
    `main join:a
     a    A+ c?condition
     b    . . A?`,
  ],
  [
    "two fill each other's queue",
    'deadlock 202 302',
    `q1 = Queue:1
     q2 = Queue:1
     main join:a
     a    . q2?put
     b    . q1?put`,
  ],
  [
    'a producer with no consumer left',
    'hang 202',
    `q1 = Queue:1
     main join:a
     a    . q1?put`,
  ],
  [
    'a sleeping task holds the lock that another blocks the loop on',
    'deadlock 203 302',
    `main .
     @t   .  . A?
     @u   A+ sleep`,
  ],
  [
    'the owner ended with the lock in its hand',
    'hang 103',
    `main start:w . A?
     w    .       A+ end`,
  ],
  [
    'permits of one semaphore all held by those who want another',
    'deadlock 203 303',
    `s = Semaphore:2
     main join:a
     a s+ . s?semaphore
     b s+ . s?semaphore`,
  ],
  [
    'a semaphore that counts items: its taker waits while the giver works',
    '',
    `s = Semaphore:2
     main sleep
     a s+ s+ s?semaphore`,
  ],
];

describe('stuck', () => {
  for (const [title, expected, text] of cases) {
    const options = title.includes('handles signals') ? { process: { signals: true } } : {};
    test(title, () => assert.equal(verdict(text, options), expected));
  }
});

test('a deadlock that was broken is still told of', () => {
  const text = `A = asyncio.Lock
     B = asyncio.Lock
     main .
     @t   A+ . B? . . . . . . . . . . end
     @u   B+ . A? . . . . . . . . . . end`;
  assert.equal(verdict(text), 'deadlock 203 303');
});

test('a knot that grows is one deadlock', () => {
  const text = `s = Semaphore:2
     main join:a
     a    s+ . A?
     b    A+ . .  s?semaphore
     c    .  . .  ${'. '.repeat(14)} s+ A?`;
  assert.equal(verdict(text), 'deadlock 203 304');
});

test('of a hang each row ends with nobody, and who stands behind comes before', () => {
  const text = `main start:a start:b join:a
     a    .       q?get
     b    .       q?get`;
  const [one] = analyze(draw(text, { after: 1500 })).filter(({ rule }) => rule === 'hang');
  const rows = chainsOf(one?.evidence.edges ?? [], false);
  assert.deepEqual(
    rows.map((row) => [...row.map((edge) => edge.waiter), row.at(-1)?.owner]),
    [
      ['main', 'a', 'nobody'],
      ['b', 'nobody'],
    ],
  );
});

test('who waits for the end of a process that hangs stands before those in it', () => {
  const text = `main    fork:2 . process:2
     main2%2 .      q?get`;
  const [one] = analyze(draw(text, { after: 1500 })).filter(({ rule }) => rule === 'hang');
  const rows = chainsOf(one?.evidence.edges ?? [], false);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.length, 2);
});

test('work left in the queue of a pool whose workers all hang is told of', () => {
  const text = `P = ThreadPoolExecutor:1
     main queued:P
     x[P] begin:P e?event`;
  const trace = draw(text, { after: 1500 });
  trace.facts.pools[0]!.submit(undefined, 1e6, 0, 7);
  const [one] = analyze(trace).filter(({ rule }) => rule === 'hang');
  assert.match(
    one?.detail ?? '',
    /1 item more stands in the queue of P, whose workers all hang here\. If what they wait for is in that queue, .*; else set the event on every path/,
  );
});

test('a circle that opens again at once is none', () => {
  const text = `main .
     a    A+ . B? . B!
     b    B+ . A?t ! B-`;
  assert.equal(verdict(text), '');
});

test('who has ended with the lock is named, though nobody is left to give it back', () => {
  const text = `main start:a start:b join:b
                a    .       A+      end
                b    .       .       .      A?`;
  const [one] = analyze(draw(text, { after: 1500 })).filter(({ rule }) => rule === 'hang');
  assert.match(
    one?.detail ?? '',
    /b waits at demo\.py:304 for A, which a took at demo\.py:202 and had not given back when it ended\./,
  );
});

test('each edge of a circle says since when its lock is held, which is longer than it is waited for', () => {
  const [one] = analyze(draw('a A+ . B?\nb B+ . . A?', { after: 1500 }));
  const since = one?.evidence.edges?.map((edge) => [edge.heldSinceNs, edge.sinceNs]);
  assert.deepEqual(
    since?.map((two) => two.map((ns) => ns! / MS)),
    [
      [50, 150],
      [50, 200],
    ],
  );
});
