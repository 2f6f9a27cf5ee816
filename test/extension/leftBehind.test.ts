/** What a crashed window left in the folder for live recordings is found again, and nothing else is taken for one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, leftBehind, writersOf } from '../../extension/leftBehind.ts';
import { prepareRecording } from '../../record/prepare.ts';

test('folders with a manifest are runs, with the processes that wrote into them', (t) => {
  const live = mkdtempSync(join(tmpdir(), 'interleave-live-'));
  t.after(() => rmSync(live, { recursive: true, force: true }));
  for (const id of ['run1', 'run2', 'noRecording']) mkdirSync(join(live, id));
  writeFileSync(join(live, 'a file'), '');
  writeFileSync(join(live, 'noRecording', 'manifest.json'), '{"format":"another"}');
  const before = Date.now();
  for (const id of ['run1', 'run2']) {
    prepareRecording({
      folder: join(live, id),
      command: ['/usr/bin/python3', '/app/orders.py', '--fast'],
      cwd: '/app',
      env: {},
      probeFolder: '/probe',
      detail: 'default',
      budgetBytes: 1 << 20,
    });
  }
  for (const name of ['4711-1a2b.ring', '4711-1a2b.defs', '4712-ff.ring', 'other']) {
    writeFileSync(join(live, 'run2', name), '');
  }
  const [found, ...others] = leftBehind(live, new Set(['run1']));
  assert.deepEqual(others, []);
  assert.equal(found?.id, 'run2');
  assert.equal(found.title, 'orders.py');
  assert.deepEqual([...found.pids].sort(), [4711, 4712]);
  assert.ok(found.startedAt >= before - 1 && found.startedAt <= Date.now() + 1);
  assert.deepEqual(leftBehind(join(live, 'nowhere'), new Set()), []);
});

test('a process that began before the machine did is another one of that number', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const pid = child.pid ?? 0;
  const ended = new Promise((done) => child.once('exit', done));
  assert.equal(isAlive([pid], Date.now()), true);
  assert.equal(isAlive([pid], Date.now() - uptime() * 1000 - 60_000), false);
  child.kill('SIGKILL');
  await ended;
  assert.equal(isAlive([pid, 0], Date.now()), false);
});

test('only what records into the folder for certain may be stopped', {
  skip: process.platform !== 'linux',
}, async () => {
  const start = (folder: string) =>
    spawn(process.execPath, ['-e', 'console.log(1); setTimeout(() => {}, 60000)'], {
      env: { ...process.env, INTERLEAVE_RECORDING: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const [own, other] = [start('/live/run'), start('/live/run2')];
  // The environment is the new program's once it has said something.
  await Promise.all(
    [own, other].map((one) => new Promise((done) => one.stdout.once('data', done))),
  );
  const pids = [own.pid ?? 0, other.pid ?? 0, 0];
  const found = { id: 'run', folder: '/live/run', title: 'run', startedAt: 0, pids };
  assert.deepEqual(writersOf(found), [own.pid]);
  own.kill('SIGKILL');
  other.kill('SIGKILL');
});
