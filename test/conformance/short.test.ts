/** A short selection of CPython's own tests, the same with and without the probe; the whole is `npm run conformance`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Comparison, compareSuite } from '../../scripts/conformance/compare.ts';
import { readResults, readVerbose } from '../../scripts/conformance/regrtest.ts';
import { SHORT } from '../../scripts/conformance/suites.ts';
import { cell, together } from '../../scripts/conformance/table.ts';
import { allPythons } from '../../scripts/pythons.ts';

// The newest under the native core, the oldest under the other: all of them take too long for every time.
const pythons = process.platform === 'win32' ? [] : await allPythons();
const pairs = [
  { python: pythons.at(-1), core: 'native' },
  { python: pythons[0], core: 'python' },
] as const;

for (const { python, core } of pairs) {
  if (python === undefined) continue;
  const version = python.version.join('.');
  for (const suite of SHORT) {
    test(`${suite.name} is the same on Python ${version} under the ${core} core`, async () => {
      const [found] = await compareSuite({ python: python.path, version, suite }, [core]);
      assert.ok(found?.probed, 'the probe was not there');
      assert.ok(found.tests > 0, 'no tests ran');
      assert.deepEqual(
        found.differences.filter(({ verdict }) => verdict === 'broken'),
        [],
      );
    });
  }
}

test('outcomes are read from results', () => {
  const xml =
    '<testsuite><testcase name="a.B.c" status="run" time="0.1" /><testcase name="a.B.d &lt;x at 0x7f0011223344&gt;" status="run"><failure>no</failure></testcase>' +
    '<testcase name="a.B.c" status="run"><skipped>why</skipped></testcase><testcase name="e"><system-out>1</system-out><error type="X">y</error></testcase></testsuite>';
  assert.deepEqual(
    [...readResults(xml)],
    [
      ['a.B.c', 'passed'],
      ['a.B.d <x at 0x…>', 'failed'],
      ['a.B.c#2', 'skipped'],
      ['e', 'error'],
    ],
  );
});

test('outcomes are read from the words of a run that died', () => {
  const text = [
    'test_a (test.m.T.test_a) ... ok',
    'test_b (test.m.T)',
    "What it says ... skipped 'no'",
    'test_c (test.m.T.test_c) ... Fatal Python error: Segmentation fault',
  ].join('\n');
  assert.deepEqual(
    [...readVerbose(text, 'SIGSEGV')],
    [
      ['test.m.T.test_a', 'passed'],
      ['test.m.T.test_b', 'skipped'],
      ['(the run ended with SIGSEGV)', 'unfinished'],
    ],
  );
});

test('parts of a suite are one row, and those that were not run are told', () => {
  const part = (number: number, suite = 'test_a'): Comparison => ({
    version: '3.13.0',
    suite,
    core: 'native',
    part: { number, of: 3 },
    tests: 10,
    passing: 9,
    differences:
      number === 1 ? [{ test: 'test.a', bare: 'passed', probed: 'failed', verdict: 'broken' }] : [],
    ended: ['0', '0'],
    seconds: [1, 2],
    probed: true,
  });
  const rows = together([part(1), part(3), part(2, 'test_b')]);
  assert.deepEqual(rows.map(cell), [
    '**1 differ** of 20, 1 of 3 parts not run',
    'same 10, 2 of 3 parts not run',
  ]);
  assert.deepEqual(rows[0]?.seconds, [2, 4]);
});
