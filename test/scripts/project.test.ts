/** The project as a newcomer finds it: the lock is whole, no file is too long, tallies add up. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing, type Packages } from '../../scripts/completeLock.ts';
import { ROOT } from '../../scripts/project.ts';
import { better, readFailures, readTally, sum, told } from '../../scripts/tally.ts';

/** Lines that are not blank; Biome holds the same for what it reads. */
const LONGEST_FILE = 400;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('npm ci finds every package in the lock, also those of other platforms', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Packages };
  assert.deepEqual(missing(lock.packages), {}, 'run scripts/completeLock.ts');
  const about = JSON.parse(read('package.json')) as Record<string, unknown>;
  for (const field of ['devDependencies', 'optionalDependencies']) {
    assert.deepEqual(lock.packages['']?.[field], about[field], field);
  }
});

test('no file is longer than what one can keep in mind', {
  skip: !existsSync(join(ROOT, '.git')),
}, () => {
  const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  const long = files.filter(
    (file) =>
      /\.(?:[cm]?[jt]s|py|[ch]|css)$/.test(file) &&
      existsSync(join(ROOT, file)) &&
      read(file).match(/^.*\S/gm)!.length > LONGEST_FILE,
  );
  assert.deepEqual(long, []);
});

test('tallies add up and read back', () => {
  const all = sum([
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 0, skipped: 1 },
  ]);
  assert.equal(told(all), '11 passed, 2 failed, 4 skipped');
  assert.deepEqual(readTally(`x\n${told(all)}\n`), all);
});

test('of a stage that is run once more, what failed both times has failed', () => {
  const run = (passed: number, failed: number, text: string) => ({
    passed,
    failed,
    skipped: 0,
    names: readFailures(text),
  });
  const one = run(
    33,
    1,
    'FAIL test/editor/mend.test.ts:105  a reloaded window\nFAIL test/editor/mend.test.ts\n',
  );
  const other = run(32, 2, '  ok   a\n  FAIL robustness closing\n  FAIL robustness killed\n');
  assert.deepEqual(one.names, [
    'test/editor/mend.test.ts a reloaded window',
    'test/editor/mend.test.ts',
  ]);
  assert.equal(better(one, other).failed, 0);
  assert.equal(better(one, other).passed, 34);
  assert.equal(better(other, other).failed, 2);
  assert.equal(better(one, { ...one, failed: 1 }).failed, 1);
  // A stage that broke down without naming anybody has failed.
  assert.equal(better(one, { passed: 0, failed: 1, skipped: 0, names: [] }).failed, 1);
});
