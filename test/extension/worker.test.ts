/** The worker over a real program: a run lasts as long as the program does, however long its terminal took. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WorkerClient } from '../../extension/workerClient.ts';
import { prepareRecording } from '../../record/prepare.ts';
import { readRecording } from '../../record/recordingFile.ts';
import { PANEL_VERSION } from '../../wire/panel.ts';
import type { FromWorker } from '../../wire/worker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('what the terminal takes to open and to close is no part of the run', async (t) => {
  const folder = folderFor(t);
  const live = join(folder, 'live');
  mkdirSync(live);
  const command = ['python3', '-c', 'import time; time.sleep(0.2)'];
  const { env } = prepareRecording({
    folder: live,
    command,
    cwd: folder,
    env: process.env,
    probeFolder: join(ROOT, 'probe', 'python'),
    detail: 'default',
    budgetBytes: 1 << 22,
  });
  const worker = new WorkerClient(join(ROOT, 'extension', 'worker.ts'));
  t.after(() => worker.dispose());
  const finished = next(worker);
  worker.post({ type: 'follow', folder: live, title: 'nap' });
  worker.post({ type: 'panelOpened', panel: 1 });
  worker.post({ type: 'panel', panel: 1, message: { type: 'ready', version: PANEL_VERSION } });
  const states: string[] = [];
  worker.messages((message) => {
    if (message.type !== 'panel' || message.message.type !== 'run') return;
    const { state } = message.message.run;
    if (states.at(-1) !== state) states.push(state);
  });
  const openingMs = 1500;
  await setTimeout(openingMs);
  const began = performance.now();
  const program = spawn(command[0]!, command.slice(1), { env: { ...process.env, ...env } });
  await once(program, 'exit');
  const lastedMs = performance.now() - began;
  await setTimeout(openingMs);
  assert.deepEqual(
    states,
    ['running', 'ending'],
    'it is not said to go on until the terminal closes',
  );
  const file = join(folder, 'nap.interleave');
  worker.post({ type: 'ended', exit: { code: 0, signal: null, reason: 'exited' }, file });
  const { report } = await finished;
  assert.ok(report.durationNs >= 0.2e9, `${report.durationNs} ns`);
  assert.ok(report.durationNs / 1e6 <= lastedMs, `${report.durationNs} ns of ${lastedMs} ms`);
  assert.deepEqual(
    report.processes.map(({ startNs }) => startNs),
    [0],
  );
  // Opened later it is the same run.
  const manifests = [];
  for await (const batch of readRecording(file))
    if (batch.type === 'manifest') manifests.push(batch.manifest);
  assert.deepEqual(
    manifests.map(({ durationNs }) => durationNs),
    [report.durationNs],
  );
});

test('a finished run is exported by its worker; what cannot be written is a sentence, and the run goes on', async (t) => {
  const folder = folderFor(t);
  const recording = join(folder, 'run.interleave');
  const script = 'import threading; threading.Thread(target=print, name="printer").start()';
  const cli = join(ROOT, 'cli', 'main.ts');
  const run = spawn(process.execPath, [
    ...[cli, 'run', '-q', '-o', recording],
    ...['--', 'python3', '-c', script],
  ]);
  await once(run, 'exit');
  const worker = new WorkerClient(join(ROOT, 'extension', 'worker.ts'));
  t.after(() => worker.dispose());
  const answers: (string | null)[] = [];
  worker.messages((message) => {
    if (message.type === 'exported') answers[message.request] = message.trouble;
  });
  // The first is asked for before the recording has been read.
  const finished = next(worker);
  worker.post({ type: 'open', path: recording, title: 'run', runsAgain: false });
  const path = join(folder, 'run.trace.json');
  worker.post({ type: 'export', request: 0, format: 'chrome', path });
  await finished;
  worker.post({ type: 'export', request: 1, format: 'chrome', path: join(folder, 'no', 'run') });
  while (answers.length < 2 || answers[0] === undefined) await setTimeout(10);
  assert.equal(answers[0], null);
  assert.match(readFileSync(path, 'utf8'), /"printer"/);
  assert.match(answers[1] ?? '', /could not be written: its folder does not exist\./);
});

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-worker-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function next(worker: WorkerClient): Promise<FromWorker & { type: 'finished' }> {
  return new Promise((resolve, reject) => {
    worker.deaths((reason) => reject(new Error(reason)));
    worker.messages((message) => {
      if (message.type === 'finished') resolve(message);
      else if (message.type === 'failed') reject(new Error(message.message));
    });
  });
}
