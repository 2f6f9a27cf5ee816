/** Third-party stacks under the probe, where `npm run conformance` has made an environment for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { existingEnvironment, runPrograms } from '../../scripts/conformance/stacks.ts';
import { allPythons } from '../../scripts/pythons.ts';

/** What others build upon; all of them are `npm run conformance`. */
const PROGRAMS = [
  'anyio_groups.py',
  'coverage_threads.py',
  'eventlet_patched.py',
  'gevent_patched.py',
  'numpy_threads.py',
  'sqlalchemy_pools.py',
  'uvloop_echo.py',
];
const found = (await allPythons()).flatMap((python) => {
  const environment = existingEnvironment(python);
  return environment === undefined ? [] : [{ environment, version: python.version.join('.') }];
});
const skip =
  found.length === 0 && 'their packages are installed by: npm run conformance -- --only stacks';
if (skip !== false) console.log(`skipped: third-party stacks: ${skip}`);

test('third-party stacks are the same', { skip }, async () => {
  const differences: string[] = [];
  for (const { environment, version } of found.slice(-1)) {
    for await (const result of runPrograms(environment, version, ['native', 'python'], PROGRAMS)) {
      if (typeof result === 'string') console.log(`skipped: ${result}`);
      else if (result.difference !== undefined) {
        differences.push(`${result.program}, ${version}, ${result.core}: ${result.difference}`);
      }
    }
  }
  assert.deepEqual(differences, []);
});
