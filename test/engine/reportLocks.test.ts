/** What the report says of locks: who waits since when, what was held how long, how often it was taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildReport } from '../../engine/report.ts';
import type { Trace } from '../../engine/trace.ts';
import { KIND, OWNER, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { draw } from './traceText.ts';
import { MANIFEST, TraceWriter } from './traceWriter.ts';

const MS = 1e6;

const manifest = { ...MANIFEST, durationNs: 1000 * MS };

const reportOf = (trace: Trace) => buildReport(trace, manifest);

test('who still waits at the end, for what and since when', () => {
  const report = reportOf(draw('main A+ A?', { after: 400 }));
  const [thread] = report.threads;
  assert.equal(thread?.waitsFor, 'A');
  assert.equal(thread?.location?.line, 102);
  assert.equal(thread?.lockWaitNs, 400 * MS);
  const [lock] = report.locks;
  assert.deepEqual([lock?.waiters, lock?.contended], [['main'], 1]);
  assert.deepEqual(
    [lock?.holdNs, lock?.longestHoldNs, lock?.mostHeldBy],
    [450 * MS, 450 * MS, 'main'],
  );
  assert.equal(report.processes[0]?.end, 'killed');
});

test('the only acquire there was came before the wait for it, whenever it was counted', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const [holder, waiter] = [process.thread('holder'), process.thread('waiter')];
  const lock = process.object('A');
  process.record(0, KIND.threadStart, holder);
  process.record(0, KIND.threadStart, waiter);
  process.record(100 * MS, KIND.waitBegin, waiter, {
    a: lock,
    b: process.stack({ line: 3 }),
    aux: 1,
  });
  process.record(100 * MS, KIND.waitOwner, waiter, { a: lock, c: holder, aux: OWNER.holder });
  process.record(600 * MS, KIND.counts, holder, { a: lock, b: 1, c: 1 });
  process.record(900 * MS, KIND.overhead, holder, { a: 1 });
  writer.flush();
  const held = () => reportOf(writer.trace).locks[0]?.longestHoldNs;
  assert.equal(held(), 800 * MS);
  // Of two one may have come after a release in between.
  process.record(950 * MS, KIND.counts, holder, { a: lock, b: 2, c: 1 });
  process.record(1000 * MS, KIND.overhead, holder, { a: 1 });
  writer.flush();
  assert.equal(held(), 50 * MS);
});

test('a hold told of late, as somebody waits, is one hold, and over when it is over', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const [owner, waiter] = [process.thread('owner'), process.thread('waiter')];
  const taken = { a: process.object('A'), b: process.stack({ line: 3 }) };
  const said = { ...taken, c: owner, aux: OWNER.holder };
  process.record(100 * MS, KIND.waitBegin, waiter, { ...taken, aux: WAIT.acquire });
  process.record(100 * MS, KIND.waitOwner, waiter, said);
  process.record(20 * MS, KIND.acquire, owner, taken);
  process.record(210 * MS, KIND.waitOwner, waiter, said);
  process.flush();
  const row = () => {
    const [lock] = reportOf(writer.trace).locks;
    return [lock?.acquired, lock?.holdNs, lock?.longestHoldNs, lock?.owner];
  };
  assert.deepEqual(row(), [1, 190 * MS, 190 * MS, 'owner']);
  const end = { ...taken, c: 430e3 };
  process.record(450 * MS, KIND.hold, owner, end);
  process.record(20 * MS, KIND.acquire, owner, taken);
  process.record(451 * MS, KIND.waitEnd, waiter, { ...taken, aux: WAIT_RESULT.done });
  process.record(600 * MS, KIND.threadEnd, waiter);
  process.flush();
  assert.deepEqual(row(), [1, 430 * MS, 430 * MS, null]);
});

test('who got a lock had it from one who gave it back unseen', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const [owner, waiter] = [process.thread('owner'), process.thread('waiter')];
  const taken = { a: process.object('A'), b: process.stack({ line: 3 }) };
  process.record(20 * MS, KIND.acquire, owner, taken);
  process.record(100 * MS, KIND.waitBegin, waiter, { ...taken, aux: WAIT.acquire });
  process.record(300 * MS, KIND.waitEnd, waiter, { ...taken, aux: WAIT_RESULT.done });
  process.record(600 * MS, KIND.threadEnd, waiter);
  process.flush();
  assert.equal(reportOf(writer.trace).locks[0]?.owner, null);
});

test('a lock of which nothing is known but that somebody waits for it', () => {
  const [lock] = reportOf(draw('main A?', { after: 100 })).locks;
  assert.deepEqual([lock?.name, lock?.waiters, lock?.contended], ['A', ['main'], 1]);
});

test('what nobody counts is not said to be none', () => {
  const report = reportOf(draw('s = Semaphore:1\n main start:w . . .\n w . s?semaphore ! .'));
  const [permits] = report.locks;
  assert.deepEqual([permits?.acquired, permits?.contended], [null, 1]);
});
