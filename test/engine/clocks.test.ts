/** When things happened, where the launcher's clock is another than the program's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trace } from '../../engine/trace.ts';
import type { Batch } from '../../wire/batch.ts';
import { KIND, type Manifest } from '../../wire/recording.ts';
import { StreamWriter } from './traceWriter.ts';

const SECOND = 1e9;
const WALL = 1.7e18;
/** What the writer says of its process's clock. */
const PROBE = 5_000 * SECOND;

function traceOf(platform: string, launcher: number): Trace {
  const trace = new Trace();
  const manifest: Manifest = {
    format: 'interleave',
    version: 1,
    command: ['python3', 'a.py'],
    cwd: '/',
    startedAt: { monotonic: launcher, wall: WALL },
    budgetBytes: 1,
    host: { platform, arch: 'arm64', cores: 4 },
  };
  trace.add({ type: 'manifest', manifest });
  const batches: Batch[] = [];
  const stream = new StreamWriter((batch) => batches.push(batch), 7, {
    clock: { monotonic: PROBE, wall: WALL + 0.5 * SECOND },
  });
  const main = stream.thread('main');
  stream.record(SECOND, KIND.loopIdle, main);
  stream.flush();
  for (const batch of batches) trace.add(batch);
  return trace;
}

test('a Mac that has slept: its launcher is hours ahead of its programs', () => {
  const trace = traceOf('darwin', PROBE + 7 * 3600 * SECOND);
  assert.equal(trace.refused, 0);
  assert.equal(trace.endNs, 1.5 * SECOND);
});

test('elsewhere both have one clock, whatever the time of day does', () => {
  const trace = traceOf('linux', PROBE - 0.25 * SECOND);
  assert.equal(trace.endNs, 1.25 * SECOND);
});
