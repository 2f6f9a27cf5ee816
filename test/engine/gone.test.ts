/** Who ended with an exception is named under the hang of those who wait for it; nobody else is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND, TASK_END, WAIT } from '../../wire/recording.ts';
import { findings, MS } from './ruleFindings.ts';
import type { StreamWriter } from './traceWriter.ts';

/** main waits in `kind` on `jobs`; `end` says who ended before. */
function hang(end: (stream: StreamWriter, jobs: number) => void, kind: number = WAIT.queueJoin) {
  const [found] = findings((stream) => {
    const main = stream.thread('main');
    const jobs = stream.object('jobs', 'Queue', { library: 'queue' });
    end(stream, jobs);
    const b = stream.stack({ line: 12 });
    stream.record(100 * MS, KIND.waitBegin, main, { aux: kind, a: jobs, b });
    stream.record(3000 * MS, KIND.sample, main, { a: b, aux: 3 });
  });
  assert.equal(found?.rule, 'hang');
  return found;
}

function consumer(name: string, text: string) {
  return (stream: StreamWriter, jobs: number) => {
    const thread = stream.thread(name);
    stream.record(10 * MS, KIND.waitBegin, thread, { aux: WAIT.get, a: jobs });
    stream.record(20 * MS, KIND.waitEnd, thread, { aux: 1, a: jobs });
    stream.record(30 * MS, KIND.failed, thread, {
      a: stream.string(text),
      b: stream.stack({ line: 7 }),
    });
    stream.record(31 * MS, KIND.threadEnd, thread);
  };
}

test('a consumer that had used the queue is named with its exception and its line', () => {
  const found = hang(consumer('worker', 'ValueError: bad job 3'));
  assert.equal(
    found.title,
    'Hang: main waits for task_done() for every item of jobs, and worker has ended with ValueError',
  );
  assert.match(
    found.detail,
    /worker, which had used jobs, ended with ValueError: bad job 3 at demo\.py:7\./,
  );
  assert.deepEqual(
    found.locations.map((one) => one.line),
    [12, 7],
  );
  const [gone] = found.evidence['ended'] as readonly { name: string; why: string }[];
  assert.equal(gone?.name, 'worker');
  assert.equal(gone?.why, 'ValueError: bad job 3');
});

test('a task that failed without a wait before is told, but not blamed in the title', () => {
  const found = hang((stream) => {
    const task = stream.task('consume');
    stream.record(30 * MS, KIND.taskEnd, task, {
      aux: TASK_END.failed,
      b: stream.string('KeyError: 1'),
      c: stream.stack({ line: 6 }),
    });
  });
  assert.match(found.title, /and nobody is left to \w+( it| one)?$/);
  assert.match(found.detail, /consume ended with KeyError: 1 at demo\.py:6\./);
});

test('who used what is waited for hides who did not', () => {
  const found = hang((stream, jobs) => {
    consumer('logger', 'OSError: 5')(stream, stream.object('log', 'Queue', { library: 'queue' }));
    consumer('worker', 'ValueError: bad job 3')(stream, jobs);
  });
  assert.match(found.detail, /worker, which had used jobs/);
  assert.doesNotMatch(found.detail, /logger/);
});

test('threads that end well are not named', () => {
  const found = hang((stream) => {
    stream.record(31 * MS, KIND.threadEnd, stream.thread('worker'));
  });
  assert.doesNotMatch(found.detail, /worker|exception/);
  assert.equal(found.evidence['ended'], undefined);
});
