/** Where records are missing the panel says so, and never that somebody was idle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND, SAMPLE } from '../../wire/recording.ts';
import { MS, watch } from './panelWatcher.ts';
import { TraceWriter } from './traceWriter.ts';

test('a process that fell silent says so where it did', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  process.record(0, KIND.threadStart, main);
  process.record(50 * MS, KIND.mark, main);
  process.killed();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.finish({ state: 'finished' });
  const losses = panel.messages.filter((one) => one.type === 'losses').at(-1)!.losses;
  assert.deepEqual(
    losses.map(({ reason, from }) => [reason, from]),
    [['truncated', 50 * MS]],
  );
});

test('where records are missing nobody is idle or runs: what they did is not known', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  process.record(0, KIND.threadStart, main);
  process.record(40 * MS, KIND.sample, main, { a: 0, b: 10_000, c: 10_000, aux: SAMPLE.running });
  process.flush();
  process.lost('torn', 7);
  process.record(90 * MS, KIND.sample, main, { a: 0, b: 10_000, c: 10_000, aux: SAMPLE.running });
  process.record(120 * MS, KIND.mark, main);
  process.killed();
  const other = writer.process();
  const beside = other.thread('beside');
  other.record(0, KIND.threadStart, beside);
  other.record(200 * MS, KIND.threadEnd, beside);
  other.goodbye(200 * MS);
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.finish({ state: 'finished' });
  assert.deepEqual(panel.drawn('main'), [
    '0-40 running',
    '40-80 unknown',
    '80-120 running',
    '120-200 unknown',
  ]);
  const losses = panel.messages.filter((one) => one.type === 'losses').at(-1)!.losses;
  assert.deepEqual(
    losses.map(({ reason, from, to, count }) => [reason, from / MS, to / MS, count]),
    [
      ['torn', 40, 90, 7],
      ['truncated', 120, 200, 0],
    ],
  );
});

test('a recording whose beginning was overwritten does not say what threads did then', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  process.flush();
  process.lost('overwritten', 1000);
  process.record(60 * MS, KIND.sample, main, { a: 0, b: 0, c: 10_000, aux: SAMPLE.blocked });
  process.record(100 * MS, KIND.threadEnd, main);
  process.goodbye(100 * MS);
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.finish({ state: 'finished' });
  assert.deepEqual(panel.drawn('main').slice(0, 1), ['0-60 unknown']);
});
