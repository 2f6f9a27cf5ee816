/** The project as a newcomer finds it: the lock is whole, the pages name what exists, the counts add up. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../cli/commands.ts';
import { missing, type Packages } from '../../scripts/completeLock.ts';
import { ROOT } from '../../scripts/project.ts';
import { better, readFailures, readTally, sum, told } from '../../scripts/tally.ts';
import { RULES } from '../../wire/rules.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('npm ci finds every package in the lock, also those of other platforms', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Packages };
  assert.deepEqual(missing(lock.packages), {}, 'run scripts/completeLock.ts');
  const about = JSON.parse(read('package.json')) as Record<string, unknown>;
  for (const field of ['devDependencies', 'optionalDependencies']) {
    assert.deepEqual(lock.packages['']?.[field], about[field], field);
  }
});

for (const page of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'samples/README.md']) {
  test(`every link of ${page} leads somewhere`, () => {
    const folder = join(ROOT, page, '..');
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (!/^https?:/.test(target)) assert.ok(existsSync(join(folder, target)), target);
    }
  });
}

test('the README has every rule, with its severity', () => {
  const rows = new Map(
    [...read('README.md').matchAll(/^\| `([a-z-]+)`\s*\| (\w+)\s*\|/gm)].map(
      ([, rule, severity]) => [rule, severity],
    ),
  );
  // Opt-in, and not there yet.
  const { 'data-race': _, ...told } = RULES;
  assert.deepEqual(Object.fromEntries(rows), told);
});

test('the commands that the pages show exist', () => {
  const pages = `${read('README.md')}${read('CONTRIBUTING.md')}${read('CHANGELOG.md')}`;
  for (const [, name = ''] of pages.matchAll(/^\s*interleave (\w+)/gm)) {
    assert.ok(Object.hasOwn(COMMANDS, name) || name === 'help', name);
  }
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [, name = ''] of pages.matchAll(/npm run (\w+)/g)) assert.ok(name in scripts, name);
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
