// The quick fixes of locks taken in both orders: each is applied, and what comes out is run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { applyEdits } from '../../server/diagnostic.ts';
import { serviceOver } from './support.ts';

const service = await serviceOver();
const hasPython = spawnSync('python3', ['--version']).status === 0;

function fixesAt(text: string, line: string, rule = 'deadlock') {
  const from = text.indexOf(line);
  assert.ok(from >= 0, line);
  return service.findingFixes('program.py', text, rule, from, from + line.length);
}

function fixed(text: string, line: string): string {
  const [fix] = fixesAt(text, line);
  assert.ok(fix, `no fix at ${line}`);
  return applyEdits(text, fix.edits);
}

it('mends the sample: the lint offers it, the lint is gone after it, and the program ends', {
  skip: !hasPython,
}, () => {
  const file = new URL('../../samples/python/deadlocks/two_locks_deadlock.py', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [lint] = (service.diagnose('s.py', text) ?? []).filter(
    ({ rule }) => rule === 'lock-order-inversion',
  );
  const [fix] = lint?.fixes ?? [];
  assert.equal(fix?.title, 'Take both in the order of their ids, whoever calls');
  assert.equal(fix.automatic, false);
  const after = applyEdits(text, fix.edits);
  assert.match(
    after,
    /\n {4}first, second = sorted\(\(source\.lock, target\.lock\), key=id\)\n {4}with first, second:\n {8}time\.sleep\(0\.5\).*\n {8}source\.balance -= amount\n {8}target\.balance \+= amount\n/,
  );
  const rules = (service.diagnose('s.py', after) ?? []).map(({ rule }) => rule);
  assert.ok(!rules.includes('lock-order-inversion'), rules.join());
  const run = spawnSync('python3', ['-c', after], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(run.stdout, 'alice 110, bob 90\n', run.stderr);
  // The finding of a run at that line offers the very same.
  assert.deepEqual(
    fixesAt(text, 'with target.lock:').map(({ title }) => title),
    [fix.title],
  );
});

const TWO = `import threading

a_lock = threading.Lock()
b_lock = threading.Lock()


def forwards():
    with a_lock:
        with b_lock:
            print("forwards")


def backwards():
    with b_lock:
        print("between")  # said

        with a_lock:
            # inside
            print("backwards")
        print("after")


forwards()
backwards()
`;

it('swaps two that are nested right in each other', () => {
  assert.match(
    fixed(TWO, 'with b_lock:\n            print'),
    / {4}with b_lock:\n {8}with a_lock:\n {12}print\("forwards"\)/,
  );
});

it('takes both for the whole block where something happens in between', {
  skip: !hasPython,
}, () => {
  const after = fixed(TWO, 'with a_lock:\n            # inside');
  assert.match(
    after,
    /def backwards\(\):\n {4}with a_lock, b_lock:\n {8}print\("between"\) {2}# said\n\n {8}# inside\n {8}print\("backwards"\)\n {8}print\("after"\)\n/,
  );
  const run = spawnSync('python3', ['-c', after], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(run.stdout, 'forwards\nbetween\nbackwards\nafter\n', run.stderr);
});

it('swaps two of one with statement', () => {
  assert.match(
    fixed(
      TWO.replace(
        '    with a_lock:\n        with b_lock:\n            p',
        '    with a_lock, b_lock:\n        p',
      ),
      'with a_lock, b_lock:',
    ),
    /with b_lock, a_lock:/,
  );
});

it('offers nothing where that would be another program', () => {
  const none = (text: string, line: string, rule?: string) =>
    assert.deepEqual(
      fixesAt(text, line, rule).map(({ title }) => title),
      [],
    );
  none(TWO, 'with a_lock:\n        with', 'deadlock');
  none(TWO, 'with b_lock:\n            print', 'loop-blocked');
  none(
    TWO.replace('with a_lock:\n            # inside', 'with a_lock as held:\n            # inside'),
    'with a_lock as held:',
  );
  none(
    TWO.replace('print("between")  # said', 'a_lock = pick()'),
    'with a_lock:\n            # inside',
  );
  none(TWO.replace('# inside', '"""a text\n over lines"""'), 'with a_lock:\n            """');
  none(
    TWO.replace('with a_lock:\n            # inside\n', 'if True:\n          with a_lock:\n'),
    'with a_lock:\n            print("back',
  );
  none('with open("a") as f:\n    with open("b"):\n        pass\n', 'with open("b"):');
  none('', '');
});

it('keeps names that the function uses already, and does not order locks of several processes by id', () => {
  const pair = (type: string, extra = '') =>
    `import ${type}\nclass A:\n    def __init__(self):\n        self.lock = ${type}.Lock()\ndef move(one: A, other: A):\n    ${extra}\n    with one.lock:\n        with other.lock:\n            pass\n`;
  assert.match(
    fixed(pair('threading', 'first = 1'), 'with other.lock:'),
    /first_lock, second_lock = sorted\(/,
  );
  assert.deepEqual(fixesAt(pair('multiprocessing'), 'with other.lock:'), []);
});
