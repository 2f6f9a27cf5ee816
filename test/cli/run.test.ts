/** `interleave run` with real programs: they stay themselves, and every end is reported. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../wire/report.ts';
import { interleave, MAIN, program, split } from './cli.ts';

const windows = process.platform === 'win32';

const DEADLOCK = `
import threading, time
a = threading.Lock()
b = threading.Lock()
def first():
    with a:
        time.sleep(0.2)
        with b: pass
def second():
    with b:
        time.sleep(0.2)
        with a: pass
threads = [threading.Thread(target=one, name=one.__name__) for one in (first, second)]
for one in threads: one.start()
print("started", flush=True)
for one in threads: one.join()
`;

test('output, arguments and exit status are the program’s own', async (t) => {
  const file = program(
    t,
    'import sys\nprint("out", sys.argv[1:])\nprint("err", file=sys.stderr)\nsys.exit(7)\n',
  );
  const { status, stdout, stderr } = await interleave([
    ...['run', '--format', 'json', file],
    ...['--format', 'text', '--', '-x'],
  ]);
  assert.equal(status, 7);
  assert.equal(stderr, 'err\n');
  const { before, report } = split(stdout);
  assert.equal(before, "out ['--format', 'text', '--', '-x']\n");
  assert.deepEqual(report.exit, { code: 7, signal: null, reason: 'exited' });
  assert.equal(report.version, 1);
});

test('JSON begins on a line of its own also when the program left one open', async (t) => {
  const file = program(t, 'print("no end", end="")');
  const { stdout } = await interleave(['run', '--format', 'json', file]);
  assert.equal(split(stdout).before, 'no end\n');
});

test('an exception looks as it does without the profiler', async (t) => {
  const file = program(t, 'def f():\n    raise KeyError("x")\nf()\n');
  const { status, stderr } = await interleave(['run', '--quiet', file]);
  assert.equal(status, 1);
  assert.equal(
    stderr.replaceAll(/^ +[~^]+\n/gm, ''),
    `Traceback (most recent call last):\n  File "${file}", line 3, in <module>\n    f()\n  File "${file}", line 2, in f\n    raise KeyError("x")\nKeyError: 'x'\n`,
  );
});

test('a program killed by SIGKILL is reported with what happened before', {
  skip: windows,
}, async (t) => {
  const file = program(
    t,
    `import os, signal, threading, time
def work():
    time.sleep(9)
threading.Thread(target=work, name="worker-of-the-dead", daemon=True).start()
time.sleep(0.5)
os.kill(os.getpid(), signal.SIGKILL)
`,
  );
  const { status, stdout } = await interleave(['run', '--format', 'json', file]);
  assert.equal(status, 128 + constants.signals.SIGKILL);
  const { report } = split(stdout);
  assert.deepEqual(report.exit, { code: null, signal: 'SIGKILL', reason: 'signal' });
  assert.deepEqual(
    report.processes.map(({ end }) => end),
    ['killed'],
  );
  assert.ok(report.threads.some(({ name }) => name === 'worker-of-the-dead'));
});

test('a deadlock is told while it lasts, ends the program when asked, and fails the build when asked', async (t) => {
  const file = program(t, DEADLOCK);
  const recording = join(dirname(file), 'a.interleave');
  const { status, stdout, stderr } = await interleave([
    ...['run', '--format', 'json', '--stop-on-deadlock', '--timeout', '30'],
    ...['--fail-on', 'deadlock', '--output', recording, file],
  ]);
  assert.equal(status, 3);
  assert.match(stderr, /^interleave: Deadlock: .*first.*second|second.*first/);
  const { before, report } = split(stdout);
  assert.equal(before, 'started\n');
  assert.equal(report.exit.reason, 'deadlock');
  const [worst] = report.findings;
  assert.equal(worst?.rule, 'deadlock');
  assert.deepEqual(new Set(worst?.locations.slice(0, 2).map(({ line }) => line)), new Set([8, 12]));

  const again = await interleave(['report', recording, '--format', 'json']);
  assert.equal(again.status, 0);
  assert.deepEqual(JSON.parse(again.stdout), report);
  const failing = await interleave(['report', recording, '--fail-on', 'error']);
  assert.equal(failing.status, 3);
  assert.match(failing.stdout, /┌─▶ (first|second)\n[\s\S]*waits for [ab] [\s\S]*└─────┘/);
});

test('a timeout ends a program that hangs, and its report still says why', async (t) => {
  const file = program(t, 'import queue\nqueue.Queue().get()\n');
  const { status, stdout } = await interleave(['run', '--format', 'json', '--timeout', '2', file]);
  const { report } = split(stdout);
  assert.equal(report.exit.reason, 'timeout');
  if (!windows) assert.equal(status, 128 + constants.signals.SIGTERM);
  assert.ok(report.threads.some(({ waitsFor }) => waitsFor !== null));
});

test('Ctrl-C stops the program and still reports', { skip: windows }, async (t) => {
  const file = program(t, 'import time\nprint("started", flush=True)\ntime.sleep(60)\n');
  let sent = false;
  const { stdout, stderr } = await interleave(['run', file], {
    onOutput(pid, text) {
      if (sent || !text.includes('started')) return;
      sent = true;
      process.kill(pid, 'SIGINT');
    },
  });
  assert.match(stderr, /KeyboardInterrupt/);
  assert.match(stdout, /stopped after .* by hand/);
});

test('what asks us to end is handed on: the program cleans up and says how it ended', {
  skip: windows,
}, async (t) => {
  const file = program(
    t,
    `import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("cleaned up"), sys.exit(5)))
print("started", flush=True)
time.sleep(60)
`,
  );
  let sent = false;
  const { status, stdout } = await interleave(['run', file], {
    onOutput(pid, text) {
      if (sent || !text.includes('started')) return;
      sent = true;
      process.kill(pid, 'SIGTERM');
    },
  });
  assert.match(stdout, /cleaned up/);
  assert.match(stdout, /stopped after .* by hand, with exit status 5/);
  assert.equal(status, 5);
});

test('what asks us to end is told to the program alone, not to the workers that it ends itself', {
  skip: windows,
}, async (t) => {
  const file = program(
    t,
    `import os, signal, sys, time
asked = 0
def ask(*_):
    global asked
    asked += 1
signal.signal(signal.SIGTERM, ask)
worker = os.fork()
if worker == 0:
    while not asked: time.sleep(0.01)
    time.sleep(0.3)
    os._exit(asked)
print("started", flush=True)
while not asked: time.sleep(0.01)
time.sleep(0.2)
os.kill(worker, signal.SIGTERM)
print("asked", os.waitpid(worker, 0)[1] >> 8, flush=True)
`,
  );
  let sent = false;
  const { status, stdout } = await interleave(['run', file], {
    onOutput(pid, text) {
      if (sent || !text.includes('started')) return;
      sent = true;
      process.kill(pid, 'SIGTERM');
    },
  });
  assert.match(stdout, /asked 1\n/);
  assert.equal(status, 0);
});

test("-m profiles a module, and what comes after it is the program's", async () => {
  const run = await interleave(['run', '--format', 'json', '-m', 'json.tool', '--help']);
  assert.equal(run.status, 0);
  assert.match(run.stdout, /usage: python.* -m json\.tool/);
  assert.deepEqual(split(run.stdout).report.command.slice(1), ['-m', 'json.tool', '--help']);
  const nothing = await interleave(['run', '-m']);
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /After -m comes the module to profile/);
});

test('a hundred megabytes pass through unchanged and unkept', { skip: windows }, async (t) => {
  const file = program(
    t,
    `import sys
block = bytes(range(256)) * 256
for _ in range(1600): sys.stdout.buffer.write(block)
`,
  );
  const child = spawn(process.execPath, [MAIN, 'run', '--format', 'json', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hash = createHash('sha256');
  const expected = createHash('sha256');
  const block = Buffer.from(Array.from({ length: 65536 }, (_, index) => index % 256));
  for (let index = 0; index < 1600; index++) expected.update(block);
  let left = 1600 * block.length;
  let last = '';
  let peak = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(0, left));
    last += chunk.subarray(left).toString();
    left = Math.max(0, left - chunk.length);
    // A slow reader: what it does not take must wait in the program, not in us.
    await sleep(1);
    peak = Math.max(peak, residentKiB(child.pid ?? 0));
  }
  assert.equal(hash.digest('hex'), expected.digest('hex'));
  assert.equal((JSON.parse(last) as Report).exit.code, 0);
  assert.ok(peak < 400 * 1024, `${peak} KiB`);
});

function residentKiB(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

test('a reader that goes away ends the program as it would without us', {
  skip: windows,
}, async (t) => {
  const file = program(t, 'import itertools\nfor n in itertools.count(): print(n)\n');
  const child = spawn(process.execPath, [MAIN, 'run', '--format', 'json', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await new Promise((done) => child.once('exit', done));
  assert.match(stderr, /BrokenPipeError/);
});

test('a Python that shuts the probe out is told plainly', async (t) => {
  const file = program(t, 'print(1)');
  const { status, stdout } = await interleave(['run', '--', 'python3', '-I', file]);
  assert.equal(status, 0);
  assert.match(stdout, /^1\n\nNothing was recorded\.\n[\s\S]*-I, -E or -S/);
});

function streamsOf(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ring'))
    .map((name) => basename(name));
}

test('a killed profiler leaves a folder that can be reported on', { skip: windows }, async (t) => {
  const file = program(t, DEADLOCK);
  const place = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  let deadlocked = false;
  const { signal } = await interleave(['run', file], {
    env: { TMPDIR: place },
    onOutput(pid, _, said) {
      if (deadlocked || !said.includes('Deadlock')) return;
      deadlocked = true;
      process.kill(pid, 'SIGKILL');
      // The program outlives its profiler, and holds its output open.
      for (const stream of streamsOf(place)) process.kill(Number.parseInt(stream, 10), 'SIGKILL');
    },
  });
  assert.equal(signal, 'SIGKILL');
  const [folder] = readdirSync(place).filter((name) => name.startsWith('interleave-'));
  const path = join(place, folder ?? '');
  const { status, stdout } = await interleave(['report', path]);
  assert.equal(status, 0);
  assert.match(stdout, /^Deadlock/);
  assert.ok(existsSync(path));
});

test('temporary folders are gone afterwards', async (t) => {
  const file = program(t, 'print(1)');
  const place = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  await interleave(['run', '--quiet', file], { env: { TMPDIR: place } });
  assert.deepEqual(readdirSync(place), []);
});
