/** Two runs are compared as a person would: what is the same is found again though code moved, and noise is no news. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareRuns } from '../../engine/compare/compare.ts';
import { shown } from '../../engine/compare/findings.ts';
import { comparisonMarkdown } from '../../engine/compare/markdown.ts';
import { runFacts } from '../../engine/compare/runFacts.ts';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { readRecording } from '../../record/recordingFile.ts';
import type { Comparison, Measure, RunFacts } from '../../wire/comparison.ts';
import type { Manifest } from '../../wire/recording.ts';
import { interleave } from '../cli/cli.ts';
import { draw } from './traceText.ts';
import { MANIFEST } from './traceWriter.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/python', import.meta.url));
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'interleave-compare-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program under the profiler; its findings are of the recording alone. */
async function record(name: string, file: string, ...options: string[]): Promise<RunFacts> {
  const recording = join(folder, `${name}.interleave`);
  const { stderr } = await interleave(['run', '--quiet', '-o', recording, ...options, file]);
  const trace = new Trace();
  let manifest: Manifest | undefined;
  for await (const batch of readRecording(recording)) {
    if (batch.type === 'manifest') manifest = batch.manifest;
    trace.add(batch);
  }
  assert.ok(manifest, stderr);
  return runFacts(trace, manifest, buildReport(trace, manifest), name);
}

const changesOf = ({ findings }: Comparison): string[] =>
  findings.map((one) => `${one.change} ${shown(one).rule}`);

function measureOf(comparison: Comparison, id: string): Measure {
  const found = comparison.measures.find((one) => one.id === id);
  assert.ok(found, `${id} of ${comparison.measures.map((one) => one.id)}`);
  return found;
}

test('a deadlock and its cure: the deadlock is gone, and turned round it is new', async () => {
  const stuck = await record(
    'stuck',
    join(SAMPLES, 'deadlocks/two_locks_deadlock.py'),
    ...['--timeout', '2'],
  );
  const cured = await record('cured', join(SAMPLES, 'deadlocks/two_locks_ordered.py'));
  for (const lock of stuck.report.locks) {
    assert.deepEqual([lock.acquired, lock.contended], [1, 1], 'who waits for ever is counted once');
    assert.ok(lock.holdNs > 5e8 && lock.holdNs < 2e9, `held for ever, not ${lock.holdNs} ns`);
  }
  const comparison = compareRuns(stuck, cured);
  assert.deepEqual(changesOf(comparison), ['gone deadlock']);
  assert.equal(comparison.verdict, 'better');
  assert.equal(comparison.basis, 'perSecond', 'a run that was ended has no length of its own');
  assert.match(comparison.summary, /^1 finding is gone \(deadlock\)/);
  assert.equal(measureOf(comparison, 'lockWait').change, 'better');
  const lock = comparison.things.find(({ kind }) => kind === 'lock');
  assert.equal(lock?.presence, 'both', 'the lock of the class is found again in another file');
  assert.ok(comparison.notes.some((note) => /different programs/.test(note)));

  const back = compareRuns(cured, stuck);
  assert.deepEqual(changesOf(back), ['new deadlock']);
  assert.equal(back.verdict, 'worse');
  const same = compareRuns(stuck, stuck);
  assert.deepEqual(changesOf(same), ['same deadlock']);
  assert.equal(same.verdict, 'same');
  assert.equal(same.summary, 'No difference beyond the noise.');
  // Who stops the same deadlock sooner has mended nothing.
  const longer = stuck.report.locks.map((lock) => ({ ...lock, longestWaitNs: 60e9 }));
  const late = { ...stuck, report: { ...stuck.report, locks: longer } };
  assert.equal(compareRuns(late, stuck).verdict, 'same');
  assert.equal(compareRuns(stuck, late).verdict, 'same');
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);
});

test('a blocked loop and its cure: gone, with the lag in the same buckets', async () => {
  const text = readFileSync(join(SAMPLES, 'asyncio/blocking_call.py'), 'utf8');
  const file = join(folder, 'service.py');
  writeFileSync(file, text);
  const blocked = await record('blocked', file);
  const cure = text
    .replace(
      'customer = look_up_customer(number)',
      'customer = await in_thread(look_up_customer, number)',
    )
    .replace('return hash_password("', 'return (await in_thread(hash_password, "')
    .replace('staple")[:8]', 'staple"))[:8]')
    .replace(
      'async def heartbeat',
      'async def in_thread(work, *args):\n    return await asyncio.get_running_loop().run_in_executor(None, work, *args)\n\n\nasync def heartbeat',
    );
  writeFileSync(file, cure);
  const cured = await record('unblocked', file);
  const comparison = compareRuns(blocked, cured);
  assert.deepEqual(
    changesOf(comparison).filter((one) => one.endsWith('loop-blocked')),
    ['gone loop-blocked', 'gone loop-blocked'],
  );
  const lag = measureOf(comparison, 'lagMax');
  assert.equal(lag.change, 'better');
  assert.ok((lag.before ?? 0) >= 300e6, `the loop slept 400 ms: ${lag.before}`);
  const drawn = comparison.distributions.find(({ kind }) => kind === 'lag');
  assert.ok(drawn);
  assert.equal(drawn.edges.length, drawn.before.length + 1);
  for (const shares of [drawn.before, drawn.after]) {
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
  }
  const text2 = comparisonMarkdown(comparison);
  assert.match(text2, /✅ gone \*\*warning `loop-blocked`\*\* ~~/);
});

test('equal runs of a program say so; one with lines put in above is matched line by line', async () => {
  const file = join(folder, 'pool.py');
  copyFileSync(join(SAMPLES, 'pools/swallowed_exception.py'), file);
  const one = await record('one', file);
  const other = await record('other', file);
  assert.deepEqual(
    changesOf(compareRuns(one, other)).filter((change) => !change.startsWith('same')),
    [],
  );
  writeFileSync(file, `${'# a line more\n'.repeat(30)}${readFileSync(file, 'utf8')}`);
  const moved = await record('moved', file);
  const comparison = compareRuns(one, moved);
  assert.deepEqual(
    changesOf(comparison).filter((change) => !change.startsWith('same')),
    [],
  );
  const [finding] = comparison.findings;
  const [from, to] = [finding?.before, finding?.after].map((side) => side?.locations[0]?.line ?? 0);
  assert.equal(to! - from!, 30);
  for (const thing of comparison.things) assert.equal(thing.presence, 'both', thing.name);
});

/** `A` waited for by w for so many steps of 50 ms. */
function drawn(waits: number, title = 'drawn'): RunFacts {
  const trace = draw(
    `main start:w A+ ${'. '.repeat(waits)} A- . . end
     w    . . A? ${'. '.repeat(waits - 1)} A! A-`,
  );
  const manifest = { ...MANIFEST, durationNs: 1e9 };
  return runFacts(trace, manifest, buildReport(trace, manifest), title);
}

test('a longer wait is worse, a shorter one better, and a little more is noise', () => {
  const wait = (comparison: Comparison) => measureOf(comparison, 'lockWait').change;
  const [some, more, most] = [drawn(9), drawn(10), drawn(18)];
  assert.equal(wait(compareRuns(some, more)), 'same');
  assert.equal(wait(compareRuns(some, more, { noise: 0 })), 'worse');
  assert.equal(wait(compareRuns(some, most)), 'worse');
  assert.equal(wait(compareRuns(most, some)), 'better');
  const { noise, before: was } = measureOf(compareRuns(most, some), 'lockWait');
  assert.equal(noise, 0.25 * (was ?? 0), 'the threshold is said with the number');
});

test('text of a recording is no markup in the report', () => {
  const nasty = { ...drawn(4), title: '[click](http://x) `a` | <b>' };
  const text = comparisonMarkdown(compareRuns(nasty, nasty));
  assert.doesNotMatch(text, /(?<!\\)\[click/);
  assert.doesNotMatch(text, /(?<!\\)<b>/);
  assert.match(text, /\\\|/);
});
