/** The sweep that the editor starts, on a real program: its page, its progress, its end by somebody's wish, and what is said of its input. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import {
  likelyParameter,
  readsParameter,
  runsOf,
  sweepProcess,
  whyNoParameter,
} from '../../extension/sweepProcess.ts';
import { findInterpreter } from '../../record/interpreter.ts';
import { MAIN, program } from '../cli/cli.ts';

/** Says as it starts at which level, by a file beside it. */
const JOB = `import os, time
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(int(os.environ["WORKERS"])) as pool:
    list(pool.map(time.sleep, [0.02] * 8))
`;

async function request(file: string, parameter: string, repeats = 1) {
  const { path } = await findInterpreter();
  return {
    script: MAIN,
    program: { command: [path, file], cwd: dirname(file), env: { GIVEN: 'yes' } },
    parameter,
    repeats,
  };
}

test('a page with a row for each level, and a word as each run begins', async (t) => {
  const asked = await request(program(t, JOB), 'WORKERS=1,4');
  const begun: string[] = [];
  const { page, words } = await sweepProcess(
    asked,
    (run) => begun.push(run),
    () => undefined,
  );
  assert.deepEqual(begun, [
    'WORKERS=1, to warm up',
    'WORKERS=1, run 1 of 1',
    'WORKERS=4, run 1 of 1',
  ]);
  assert.equal(begun.length, runsOf(asked));
  assert.equal(words, '');
  assert.match(page, /^# Sweep of WORKERS\n/);
  const rows = page.split('\n').filter((line) => line.startsWith('| '));
  assert.match(rows[0] ?? '', /^\| WORKERS \| .*per second/);
  assert.deepEqual(
    rows.slice(2).map((line) => line.split('|')[1]?.trim()),
    ['1', '4'],
  );
});

test('what the program says as it fails is told', async (t) => {
  const file = program(
    t,
    "import os, sys\nsys.exit(f\"no {os.environ['N']}: {os.environ['GIVEN']}\")\n",
  );
  const { words } = await sweepProcess(
    await request(file, 'N=1,2'),
    () => undefined,
    () => undefined,
  );
  assert.match(words, /N=1 ended after .* with exit status 1\.\n {2}no 1: yes/);
});

test('a sweep that is cancelled ends its program and tells what it has', {
  timeout: 60_000,
}, async (t) => {
  const file = program(t, 'import os, time\nif os.environ["N"] == "2":\n    time.sleep(600)\n');
  let cancel = (): void => undefined;
  const { page, words } = await sweepProcess(
    await request(file, 'N=1,2'),
    (run) => {
      if (run.startsWith('N=2')) setTimeout(() => cancel(), 1000);
    },
    (given) => {
      cancel = given;
    },
  );
  assert.equal(words, '');
  assert.match(page, /^\| 1 \|/m);
  assert.doesNotMatch(page, /^\| 2 \|/m);
});

test('what is typed is checked, and what the program cannot see is known', () => {
  assert.equal(whyNoParameter('WORKERS=1,2'), undefined);
  for (const wrong of ['', 'WORKERS', '1=2,3', 'WORKERS=1', 'WORKERS=1,,2', 'WORKERS=1,1'])
    assert.ok(whyNoParameter(wrong), wrong);
  assert.ok(readsParameter('N=1,2', 'x = os.environ["N"]', ['python', 'job.py']));
  assert.ok(readsParameter('size=1,2', '', ['python', 'job.py', '--size={size}']));
  assert.ok(!readsParameter('THREADS=1,2', 'x = 1', ['python', 'job.py']));
});

test('the variable that a program reads is the one that is offered', () => {
  assert.equal(likelyParameter('n = int(os.environ["WORKERS"])'), 'WORKERS=1,2,4,8');
  assert.equal(likelyParameter("n = int(os.environ.get('SIZE', 4))"), 'SIZE=1,2,4,8');
  assert.equal(likelyParameter('n = os.getenv("SIZE")'), 'SIZE=1,2,4,8');
  assert.equal(likelyParameter('const n = Number(process.env.POOL ?? 4);'), 'POOL=1,2,4,8');
  assert.equal(likelyParameter('print("hello")'), '');
});
