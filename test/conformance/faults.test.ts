/** A few faults of each kind with fixed seeds, and damaged recordings; thousands are `npm run faults`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { damage, damaged } from '../../scripts/faults/damage.ts';
import { canMount, inject } from '../../scripts/faults/inject.ts';
import { FAULTS } from '../../scripts/faults/kinds.ts';
import { Ledger } from '../../scripts/faults/ledger.ts';
import { randomFrom } from '../../scripts/faults/random.ts';
import { DAMAGE, Tally } from '../../scripts/faults/tally.ts';
import { allPythons } from '../../scripts/pythons.ts';
import { KIND, RECORD, RECORD_BYTES } from '../../wire/recording.ts';

const pythons = process.platform === 'win32' ? [] : await allPythons();
/** They take their time, and say the same on every Python. */
const LONG = new Set([
  '2 000 threads',
  '40 processes',
  '100 000 tasks',
  '10 000 threads at once',
  '10 000 threads over time',
  '1 000 processes over time',
]);

for (const [index, fault] of FAULTS.filter(({ name }) => !LONG.has(name)).entries()) {
  const python = pythons[index % pythons.length];
  const core = index % 2 === 0 ? 'native' : 'python';
  if (python === undefined) continue;
  const needsRoot = fault.diskKiB !== undefined || fault.asRoot === true;
  const skip = needsRoot && !canMount() && 'small disks and own clocks need root';
  test(`${fault.name}: everything holds (Python ${python.version.join('.')}, ${core})`, {
    skip,
  }, async () => {
    assert.deepEqual(await inject({ fault, seed: index, python: python.path, core }), []);
  });
}

test('damaged recordings give a report or a clear error', async (t) => {
  const [python] = pythons;
  const [fault] = FAULTS;
  if (python === undefined || fault === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const keep = join(folder, 'whole.interleave');
  await inject({ fault, seed: 3, python: python.path, core: 'python', keep });
  for (let seed = 0; seed < 150; seed++) {
    assert.deepEqual(await damage(keep, folder, seed), [], `seed ${seed}`);
  }
});

test('the same seed does the same damage', () => {
  const whole = Buffer.from(Array.from({ length: 500 }, (_, index) => index % 251));
  assert.deepEqual(damaged(whole, randomFrom(7)), damaged(whole, randomFrom(7)));
  assert.notDeepEqual(damaged(whole, randomFrom(7)), damaged(whole, randomFrom(8)));
});

test('faults of one version add up over runs', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const one = { fault: 'SIGKILL', version: '3.9.18', core: 'native', seed: 5 };
  const first = new Tally(folder);
  first.add({ ...one, sentences: [] });
  first.add({ ...one, sentences: ['hung'] });
  first.save();
  const second = new Tally(folder);
  assert.equal(second.total, 2);
  second.add({ fault: DAMAGE, version: '', core: '', seed: 6, sentences: [] });
  assert.match(second.document(), /\*\*3 faults, of which 1 damaged recordings; after 1 something/);
  assert.match(second.document(), /\| SIGKILL \| 2 \| 2 \| 1 \|/);
  assert.match(second.document(), /- SIGKILL, seed 5, Python 3\.9\.18, native: hung/);
});

/** Starts of threads that were read at these ms. */
function recorded(...times: readonly number[]): Ledger {
  const bytes = new Uint8Array(times.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, ms] of times.entries()) {
    view.setUint8(index * RECORD_BYTES + RECORD.kind, KIND.threadStart);
    view.setBigUint64(index * RECORD_BYTES + RECORD.at, BigInt(ms * 1e6), true);
  }
  const ledger = new Ledger();
  ledger.add({ type: 'records', stream: '1-1', bytes });
  return ledger;
}

/** From when to when, ms, the program says it has had a thread. */
function beats(...times: readonly number[]): Buffer {
  const bytes = Buffer.alloc(times.length * 8);
  for (const [index, ms] of times.entries()) bytes.writeBigUInt64LE(BigInt(ms * 1e6), index * 8);
  return bytes;
}

test('a program that got no time between what it did and its word for it has lost nothing', () => {
  assert.deepEqual(recorded(105, 121).notRecorded(beats(100, 110, 120, 400)), []);
});

test('what a program has done and is not recorded is told, however short ago', () => {
  assert.deepEqual(recorded(105, 141).notRecorded(beats(100, 110, 120, 130, 140, 150)), [
    '1 of 3 threads are not recorded, the last of them 20 ms before the last',
  ]);
  assert.deepEqual(recorded().notRecorded(beats(100, 110)), [
    '1 of 1 threads are not recorded, the last of them 0 ms before the last',
  ]);
});

test('where losses are told the last tenth of a second may be among them', () => {
  const ledger = recorded(105);
  ledger.add({ type: 'loss', stream: '1-1', count: 3, reason: 'overwritten' });
  assert.deepEqual(ledger.notRecorded(beats(100, 110, 180, 190)), []);
  assert.deepEqual(ledger.notRecorded(beats(100, 110, 280, 290)), ['the last 175 ms are lost']);
});
