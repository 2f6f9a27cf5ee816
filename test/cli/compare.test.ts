/** `interleave compare` from recording to report: its formats, its exit status, its complaints. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Comparison } from '../../wire/comparison.ts';
import { interleave, program } from './cli.ts';

const BEFORE = `import threading, time
lock = threading.Lock()
def work():
    with lock:
        time.sleep(0.2)
threads = [threading.Thread(target=work) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
`;
/** The sleep is no longer inside; two lines were put in above. */
const AFTER = `# a comment
# another
${BEFORE.replace('    with lock:\n        time.sleep(0.2)', '    time.sleep(0.2)\n    with lock:\n        pass')}`;

test('a program before and after a change', async (t) => {
  const file = program(t, BEFORE);
  const folder = dirname(file);
  const paths = ['before', 'after'].map((name) => join(folder, `${name}.interleave`));
  const [before = '', after = ''] = paths;
  await interleave(['run', '-q', '-o', before, file]);
  writeFileSync(file, AFTER);
  await interleave(['run', '-q', '-o', after, file]);

  const text = await interleave(['compare', before, after]);
  assert.equal(text.status, 0);
  assert.match(text.stdout, /^Better\. /);
  assert.match(text.stdout, /− gone {3} *warning long-hold/);
  assert.match(text.stdout, /Lock lock {2}program\.py:2 → program\.py:4/);

  const json = await interleave(['compare', before, after, '--format', 'json']);
  const comparison = JSON.parse(json.stdout) as Comparison;
  assert.equal(comparison.version, 1);
  assert.equal(comparison.verdict, 'better');

  const report = join(folder, 'report.md');
  const back = await interleave([
    'compare',
    after,
    before,
    '--fail-on',
    'worse',
    '--report',
    report,
  ]);
  assert.equal(back.status, 3);
  assert.match(readFileSync(report, 'utf8'), /^# Before and after\n\n\*\*Worse\. /);
  const status = async (...args: string[]) => (await interleave(['compare', ...args])).status;
  assert.equal(await status(after, before, '--fail-on', 'long-hold'), 3);
  assert.equal(await status(after, before, '--fail-on', 'error'), 0);
  assert.equal(
    await status(before, after, '--fail-on', 'warning,worse'),
    0,
    'what is gone does not fail',
  );
  assert.equal(
    await status(before, before, '--fail-on', 'info'),
    0,
    'what was there does not fail',
  );
});

test('what cannot be used is told with a way out', async (t) => {
  const file = program(t, 'print("no probe is loaded in this")\n');
  const said = async (...args: string[]) => {
    const { status, stderr, stdout } = await interleave(['compare', ...args]);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    return stderr;
  };
  assert.match(await said(), /Which two recordings\?/);
  assert.match(await said('a.interleave'), /With what is a\.interleave to be compared\?/);
  assert.match(await said('a', 'b', 'c'), /Two recordings at a time/);
  assert.match(await said('no.interleave', 'such.interleave'), /no recording no\.interleave/);
  assert.match(await said('a', 'b', '--noise', 'lots'), /percentage from 0 to 100/);
  assert.match(await said('a', 'b', '--fail-on', 'dedlock'), /Did you mean deadlock/);
  assert.match(await said('a', 'b', '--format', 'html'), /--format is text or json or markdown/);
  const blind = join(dirname(file), 'blind.interleave');
  await interleave(['run', '-q', '-o', blind, '--', 'true']);
  assert.match(await said(blind, blind), /no probe was loaded/);
});
