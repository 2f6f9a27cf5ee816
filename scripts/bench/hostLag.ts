/**
 * How late the extension host's own event loop gets while its worker takes in a recording at full speed: a worker opens a
 * large recording as the extension has it do, and this thread, which plays the extension host, times its own lateness.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WorkerClient } from '../../extension/workerClient.ts';
import { buildAll } from '../build.ts';
import { ROOT } from '../project.ts';
import { writeLargeRecording } from './largeRecording.ts';

const RECORDS = 3_000_000;

if (!existsSync(join(ROOT, 'dist', 'worker.js'))) await buildAll();
const home = mkdtempSync(join(tmpdir(), 'ilv-bench-'));
try {
  const folder = join(home, 'recording');
  writeLargeRecording(folder, RECORDS);
  const idle = await lateness(() => new Promise((resolve) => setTimeout(resolve, 2000)));
  const began = performance.now();
  const busy = await lateness(() => openInWorker(folder));
  const seconds = (performance.now() - began) / 1000;
  console.log('extension host: lateness of its event loop while the worker reads, ms');
  console.log(`  ${RECORDS / 1e6} M records in ${seconds.toFixed(1)} s`);
  console.log('                p50     p99     max');
  for (const [name, { p50, p99, max }] of [
    ['idle', idle],
    ['reading', busy],
  ] as const) {
    const cells = [p50, p99, max].map((ms) => ms.toFixed(1).padStart(8)).join('');
    console.log(`  ${name.padEnd(8)}${cells}`);
  }
  console.log('  goal: p99 of reading at most 20 ms');
} finally {
  rmSync(home, { recursive: true, force: true });
}

interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function lateness(act: () => Promise<unknown>): Promise<Lateness> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await act();
  histogram.disable();
  // The timer's own period of 1 ms is part of every reading.
  const late = (ns: number): number => Math.max(0, ns / 1e6 - 1);
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  };
}

function openInWorker(path: string): Promise<void> {
  const worker = new WorkerClient(join(ROOT, 'dist', 'worker.js'));
  return new Promise<void>((resolve, reject) => {
    worker.messages((message) => {
      if (message.type === 'finished') resolve();
      else if (message.type === 'failed') reject(new Error(message.message));
    });
    worker.post({ type: 'panelOpened', panel: 1 });
    worker.post({ type: 'panel', panel: 1, message: { type: 'ready', version: 1 } });
    worker.post({ type: 'open', path, title: 'bench', runsAgain: false });
  }).finally(() => worker.dispose());
}
