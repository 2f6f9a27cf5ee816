/** What the panel's lanes show of Node programs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND, SAMPLE } from '../../wire/recording.ts';
import { MS, watch } from './panelWatcher.ts';
import { TraceWriter } from './traceWriter.ts';

const NODE = { runtime: 'node', core: 'node', gil: false };

test('a thread of libuv is idle until it is known to work, and a loop without a stack is idle', () => {
  const writer = new TraceWriter();
  const process = writer.process(100, NODE);
  const main = process.thread('main');
  const pool = process.object('the libuv pool', 'ThreadPool', { library: 'libuv', capacity: 4 });
  const worker = process.thread('libuv 1', { daemon: true, pool });
  const stack = process.stack({ file: '/app/server.mjs', line: 3, function: 'work' });
  process.record(0, KIND.threadStart, main);
  process.record(20 * MS, KIND.sample, main, { a: stack, b: 20_000, c: 20_000 });
  process.record(40 * MS, KIND.sample, main, { a: 0, b: 0, c: 20_000, aux: SAMPLE.blocked });
  process.record(50 * MS, KIND.submit, main, { a: pool, b: stack, c: 1 });
  process.record(60 * MS, KIND.itemStart, worker, { a: pool, c: 1 });
  process.record(90 * MS, KIND.itemEnd, worker, { a: pool, c: 1 });
  process.record(100 * MS, KIND.sample, main, { a: 0, b: 0, c: 60_000, aux: SAMPLE.blocked });
  process.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(120 * MS);
  assert.deepEqual(panel.drawn('libuv 1').slice(0, 1), ['60-90 running']);
  assert.doesNotMatch(panel.drawn('main').join(), /\bio\b/);
});
