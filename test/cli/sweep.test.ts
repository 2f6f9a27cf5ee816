/** `interleave sweep` on real programs: the level reaches them, the knee is found, and what is wrong is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sweep } from '../../wire/sweep.ts';
import { interleave, program } from './cli.ts';

/** Answers in 50 ms, to four at a time. */
const SLOTS = `import os, threading, time
from concurrent.futures import ThreadPoolExecutor
slots = threading.Semaphore(4)
def request(_):
    with slots:
        time.sleep(0.05)
with ThreadPoolExecutor(int(os.environ["WORKERS"])) as pool:
    list(pool.map(request, range(24)))
print("done")
`;

test('a service with four slots has its knee at four, and its semaphore is in the way', async (t) => {
  const file = program(t, SLOTS);
  const args = ['sweep', '--param', 'WORKERS=1,4,8', '--repeat', '1'];
  const { status, stdout } = await interleave([...args, '--format', 'json', file]);
  assert.equal(status, 0);
  const sweep = JSON.parse(stdout) as Sweep;
  assert.equal(sweep.basis.kind, 'items');
  assert.deepEqual(
    sweep.levels.map(({ level, work, failedRuns }) => [level, work, failedRuns]),
    ['1', '4', '8'].map((level) => [level, 24, 0]),
  );
  assert.equal(sweep.knee?.level, '4');
  assert.equal(sweep.knee.cause, 'lock');
  assert.equal(sweep.levels[2]?.lock?.name, 'slots');
  assert.equal(sweep.levels[2].lock.created?.line, 3);
});

test('as a page it has a table whose rows no name can break, and a line for each run where that is wanted', async (t) => {
  const file = program(t, SLOTS.replaceAll('slots', 'a_b'));
  const args = ['sweep', '--param', 'WORKERS=1,8', '--repeat', '1', '--progress'];
  const { status, stdout, stderr } = await interleave([...args, '--format', 'markdown', file]);
  assert.equal(status, 0);
  assert.match(stdout, /^# Sweep of WORKERS\n\n\*\*(?:Knee|No knee)\.\*\* /);
  const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
  const widths = new Set(rows.map((line) => line.split(/(?<!\\)\|/).length));
  assert.equal(widths.size, 1, 'each row has as many cells as the head');
  assert.match(rows.at(-1) ?? '', /^\| 8 \| .* a\\_b /);
  assert.deepEqual(stderr.trim().split('\n'), [
    'WORKERS=1, to warm up',
    'WORKERS=1, run 1 of 1',
    'WORKERS=8, run 1 of 1',
  ]);
});

test('the level stands in the command, too; a run that fails is counted and its last words are told', async (t) => {
  const file = program(t, 'import sys\nif sys.argv[1] == "n2":\n    sys.exit("no two, please")\n');
  const args = ['sweep', '--param', 'n=1,2', '--repeat', '1', file, 'n{n}'];
  const { status, stdout, stderr } = await interleave(args);
  assert.equal(status, 0);
  assert.match(stderr, /n=2 ended after \d[\d.]* m?s with exit status 1\.\n {2}no two, please/);
  assert.match(stdout, /n=2 gets nothing done\. Every run fails there\./);
});

test('arguments that cannot be used', async (t) => {
  const file = program(t, '');
  const says = async (...args: string[]): Promise<string> => {
    const { status, stderr } = await interleave(['sweep', ...args, file]);
    assert.equal(status, 2);
    return stderr;
  };
  assert.match(await says(), /Which knob is to be turned\?/);
  assert.match(await says('--param', 'N'), /--param is NAME=LEVEL,LEVEL/);
  assert.match(await says('--param', 'N=1'), /needs two levels/);
  assert.match(await says('--param', 'N=1,1'), /names a level twice/);
  assert.match(
    await says('--param', 'N=1,2', '--repeat', '0'),
    /--repeat is a number from 1 to 100/,
  );
});
