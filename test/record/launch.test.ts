/** Real programs under the launcher: how they end, what ends with them, and what is left behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findInterpreter } from '../../record/interpreter.ts';
import { type LaunchOptions, launch, type Run } from '../../record/launch.ts';
import type { Batch } from '../../wire/batch.ts';
import { readAll } from './reading.ts';

const node = process.execPath;
const windows = process.platform === 'win32';

function start(t: TestContext, options: LaunchOptions): Run {
  const run = launch({ stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', ...options });
  t.after(() => run.dispose());
  return run;
}

/** A Node program that prints one word when it is ready, then what it is told to do. */
function script(body: string): readonly string[] {
  return [node, '-e', `${body}; console.log('ready')`];
}

function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream);
}

/** Ended, whether or not somebody has asked for its status yet. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

async function ready(run: Run): Promise<void> {
  for await (const chunk of run.stdout ?? []) if (String(chunk).includes('ready')) return;
}

test('exit status and output are the program’s own', async (t) => {
  const run = start(t, {
    command: [
      node,
      '-e',
      'process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 7',
    ],
  });
  const both = Promise.all([textOf(run.stdout), textOf(run.stderr)]);
  assert.deepEqual(await run.exited, { code: 7, signal: null, reason: 'exited' });
  assert.deepEqual(await both, ['out', 'err']);
});

test('the program finds folder, options and probe in its environment, before what was there', async (t) => {
  const run = start(t, {
    command: [node, '-p', 'JSON.stringify(process.env)'],
    env: { ...process.env, PYTHONPATH: '/mine' },
    detail: 'full',
    budgetBytes: 1e6,
  });
  const env = JSON.parse(await textOf(run.stdout)) as Record<string, string>;
  assert.equal(env.INTERLEAVE_RECORDING, run.folder);
  assert.equal(env.INTERLEAVE_OPTIONS, 'detail=full;budget=1000000;sample=10');
  assert.match(env.PYTHONPATH ?? '', /probe.python.bootstrap[:;]\/mine$/);
  await run.exited;
});

test('a signal that killed the program is told', { skip: windows }, async (t) => {
  const run = start(t, { command: [node, '-e', 'process.kill(process.pid, "SIGKILL")'] });
  assert.deepEqual(await run.exited, { code: null, signal: 'SIGKILL', reason: 'signal' });
});

test('a timeout ends the program and everything it started', { skip: windows }, async (t) => {
  const run = start(t, {
    command: script(
      'const c = require("child_process").spawn("sleep", ["60"]); console.log("child", c.pid); setInterval(() => 0, 1000)',
    ),
    timeoutMs: 1500,
  });
  const output = textOf(run.stdout);
  const exit = await run.exited;
  assert.equal(exit.reason, 'timeout');
  const child = Number(/child (\d+)/.exec(await output)?.[1]);
  assert.ok(isGone(child));
});

test('a program that ignores polite signals is killed in the end', { skip: windows }, async (t) => {
  const run = start(t, {
    command: script(
      'for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => console.log(s)); setInterval(() => 0, 1000)',
    ),
  });
  const output = textOf(run.stdout);
  await sleep(700);
  // Each further call skips the waiting of a step.
  run.stop('stopped');
  await sleep(200);
  run.stop('stopped');
  await sleep(200);
  run.stop('stopped');
  assert.deepEqual(await run.exited, { code: null, signal: 'SIGKILL', reason: 'stopped' });
  assert.match(await output, /SIGINT\nSIGTERM\n/);
});

test('Ctrl-C reaches the program once and lets it end in its own way', {
  skip: windows,
}, async (t) => {
  const run = start(t, {
    command: script(
      'let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => process.exit(40 + n), 300) }); setInterval(() => 0, 1000)',
    ),
  });
  await ready(run);
  run.stop('stopped');
  assert.deepEqual(await run.exited, { code: 41, signal: null, reason: 'stopped' });
});

test('a command that does not exist is told with a way out', async (t) => {
  const run = start(t, { command: ['no-such-command-here'] });
  await assert.rejects(run.exited, /There is no command no-such-command-here/);
});

test('a working folder that does not exist is not taken for a missing command', async (t) => {
  const run = start(t, { command: [node, '-v'], cwd: '/no/such/folder' });
  await assert.rejects(run.exited, /folder \/no\/such\/folder does not exist/);
});

test('nothing is left behind', async () => {
  const run = launch({ command: [node, '-v'], stdin: 'ignore', stdout: 'pipe' });
  run.stdout?.resume();
  assert.ok(existsSync(run.folder));
  await run.exited;
  run.dispose();
  assert.ok(!existsSync(run.folder));
});

test('disposing of a running program ends it', { skip: windows }, async () => {
  const run = launch({ command: ['sleep', '60'], stdin: 'ignore' });
  run.dispose();
  await sleep(200);
  assert.throws(() => process.kill(run.pid, 0), /ESRCH/);
});

test('a run is packed, and reads the same as its folder', async (t) => {
  const { path } = await findInterpreter();
  const run = start(t, { command: [path, '-c', 'import threading; threading.Lock()'] });
  run.stdout?.resume();
  const live: Batch[] = [];
  run.batches((batch) => live.push(batch));
  await run.exited;
  const place = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  t.after(() => rmSync(place, { recursive: true }));
  const file = join(place, 'a.interleave');
  await run.pack(file);
  assert.equal(readFileSync(file).toString('latin1', 0, 2), 'PK');
  assert.deepEqual(await readAll(file), await readAll(run.folder));
  assert.deepEqual(live[0]?.type, 'manifest');
  assert.ok(live.some((batch) => batch.type === 'end'));
});

test('a disk that is full while packing is told, and the folder is kept', async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
  t.after(() => {
    if (mount.status === 0) spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  if (mount.status !== 0) {
    t.skip('only root may mount a small disk');
    return;
  }
  const run = start(t, { command: [node, '-v'] });
  run.stdout?.resume();
  await run.exited;
  writeFileSync(join(run.folder, '1-1.ring'), randomBytes(1 << 20));
  const file = join(disk, 'a.interleave');
  await assert.rejects(run.pack(file), /could not be written to .*: the disk is full/);
  assert.deepEqual(readdirSync(disk), []);
  run.dispose();
  assert.ok(existsSync(join(run.folder, 'manifest.json')));
  rmSync(run.folder, { recursive: true });
});

test('a place that cannot be written is told before anything is lost', async (t) => {
  const run = start(t, { command: [node, '-v'] });
  run.stdout?.resume();
  await run.exited;
  await assert.rejects(run.pack(join(run.folder, 'no', 'x')), /its folder does not exist/);
  run.dispose();
  rmSync(run.folder, { recursive: true });
});
