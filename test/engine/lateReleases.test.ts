/** Where threads run at once, who gives a lock back may be told after the next one got it: the hold that ends is the earlier one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildReport } from '../../engine/report.ts';
import { KIND, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { MS, watch } from './panelWatcher.ts';
import { MANIFEST, TraceWriter } from './traceWriter.ts';

/** Each holds the lock for some 200 ms, one right after the other. */
function passedOn(): TraceWriter {
  const writer = new TraceWriter();
  const process = writer.process();
  const [owner, waiter] = [process.thread('owner'), process.thread('waiter')];
  const books = { a: process.object('books'), b: process.stack({ line: 3 }) };
  process.record(20 * MS, KIND.acquire, owner, books);
  process.record(100 * MS, KIND.waitBegin, waiter, { ...books, aux: WAIT.acquire });
  process.record(300 * MS, KIND.waitEnd, waiter, { ...books, aux: WAIT_RESULT.done });
  process.record(300 * MS, KIND.acquire, waiter, books);
  process.record(301 * MS, KIND.release, owner, books);
  process.record(500 * MS, KIND.release, waiter, books);
  writer.flush();
  return writer;
}

test('the report counts both holds, and takes neither release for a foreign one', () => {
  const { trace } = passedOn();
  const [lock] = buildReport(trace, MANIFEST).locks;
  assert.deepEqual([lock?.holdNs, lock?.owner], [481 * MS, null]);
  assert.equal(trace.facts.locks[0]?.foreignReleases, 0);
});

test('the panel draws both holds', () => {
  const panel = watch(passedOn());
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(600 * MS);
  assert.deepEqual(panel.drawn('books'), [
    '20-100 held owner',
    '100-300 heldContended owner',
    '300-500 held waiter',
  ]);
});
