/** Rings as FORMAT.md says they are: growing, wrapped, torn, overtaken, of a newer version. */
import assert from 'node:assert/strict';
import { openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RingReader } from '../../record/ringReader.ts';
import type { Batch } from '../../wire/batch.ts';
import { RECORD_BYTES, RING_HEADER_BYTES } from '../../wire/recording.ts';
import { folderFor, lost, positions, range, readAll } from './reading.ts';
import { RingWriter } from './ringWriter.ts';

function live(folder: string, writer: RingWriter): RingReader {
  return new RingReader(writer.stream, openSync(join(folder, `${writer.stream}.ring`), 'r'));
}

/** Reads until nothing more comes at this time of the clock. */
function drain(reader: RingReader, nowMs: number): Batch[] {
  const all: Batch[] = [];
  for (;;) {
    const batches = reader.read(nowMs, false);
    if (batches.length === 0) return all;
    all.push(...batches);
  }
}

test('a ring that grows is read as far as it goes, again and again', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  const reader = live(folder, writer);
  for (let index = 0; index < 700; index++) writer.write();
  assert.deepEqual(positions(drain(reader, 0)), range(0, 700));
  for (let index = 0; index < 3; index++) writer.write();
  assert.deepEqual(positions(drain(reader, 1)), range(700, 703));
  assert.deepEqual(drain(reader, 2), []);
});

test('a wrapped ring gives its oldest first and counts what was overwritten', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 100 });
  for (let index = 0; index < 1234; index++) writer.write();
  writer.close();
  const batches = await readAll(folder);
  assert.deepEqual(positions(batches), range(1134, 1234));
  assert.equal(lost(batches, 'overwritten'), 1134);
  assert.equal(lost(batches), 1134);
  assert.deepEqual(batches.at(-1), { type: 'end', stream: writer.stream, closed: true });
});

test('following a ring lap after lap loses nothing when the reader keeps up', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 64 });
  const reader = live(folder, writer);
  const all: Batch[] = [];
  // 300 laps: the lap counter of one byte goes round as well.
  for (let round = 0; round < 600; round++) {
    for (let index = 0; index < 32; index++) writer.write();
    all.push(...drain(reader, round));
  }
  assert.deepEqual(positions(all), range(0, 600 * 32));
  assert.equal(lost(all), 0);
});

test('a reader that is overtaken goes on at the oldest record that is left', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 64 });
  const reader = live(folder, writer);
  for (let index = 0; index < 10; index++) writer.write();
  assert.deepEqual(positions(drain(reader, 0)), range(0, 10));
  for (let index = 0; index < 200; index++) writer.write();
  const batches = drain(reader, 1);
  assert.deepEqual(positions(batches), range(146, 210));
  assert.equal(lost(batches, 'overwritten'), 136);
});

test('a reader of a still ring passes over half a lap that it has missed', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 512 });
  const reader = live(folder, writer);
  for (let index = 0; index < 99; index++) writer.write();
  assert.deepEqual(positions(drain(reader, 0)), range(0, 99));
  for (let index = 99; index < 900; index++) writer.write();
  const batches: Batch[] = [];
  for (let got = reader.read(1, true); got.length > 0; got = reader.read(1, true)) {
    batches.push(...got);
  }
  assert.deepEqual(positions(batches), range(388, 900));
  assert.deepEqual(
    batches.flatMap((batch) => (batch.type === 'loss' ? [[batch.reason, batch.count]] : [])),
    [['overwritten', 289]],
  );
});

test('a first page that is half written is read again', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  const path = join(folder, `${writer.stream}.ring`);
  writer.write();
  const whole = readFileSync(path);
  const half = Buffer.from(whole);
  half.fill(0, 8, 72);
  writeFileSync(path, half);
  const reader = live(folder, writer);
  assert.deepEqual(reader.read(0, false), []);
  writeFileSync(path, whole);
  assert.deepEqual(positions(drain(reader, 1)), [0]);
});

test('a torn record holds back what follows for 100 ms, then it is skipped and counted', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  const reader = live(folder, writer);
  writer.write();
  const torn = writer.claim();
  writer.write();
  assert.deepEqual(positions(drain(reader, 1000)), [0]);
  assert.deepEqual(drain(reader, 1099), []);
  const batches = drain(reader, 1100);
  assert.deepEqual(
    batches.map((batch) => batch.type),
    ['loss', 'records'],
  );
  assert.equal(lost(batches, 'torn'), 1);
  assert.deepEqual(positions(batches), [torn + 1]);
});

test('a record that was only late is not torn', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  const reader = live(folder, writer);
  const late = writer.claim();
  writer.write();
  assert.deepEqual(drain(reader, 0), []);
  writer.writeAt(late);
  assert.deepEqual(positions(drain(reader, 50)), [0, 1]);
});

test('a gap longer than what is read at once is crossed with the help of the head', (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  const reader = live(folder, writer);
  writer.write();
  for (let index = 0; index < 5000; index++) writer.claim();
  writer.write();
  writer.header('head', writer.position);
  const batches: Batch[] = [];
  for (let now = 0; now < 5000; now += 50) batches.push(...drain(reader, now));
  assert.deepEqual(positions(batches), [0, 5001]);
  assert.equal(lost(batches, 'torn'), 5000);
});

test('a gap at the end of a lap is crossed when all is over', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 10 });
  for (let index = 0; index < 9; index++) writer.write();
  writer.claim();
  for (let index = 0; index < 4; index++) writer.write();
  writer.end();
  const batches = await readAll(folder);
  assert.deepEqual(positions(batches), [...range(4, 9), ...range(10, 14)]);
  assert.equal(lost(batches, 'overwritten'), 4);
});

test('positions beyond 2^32 go on counting', (t) => {
  const folder = folderFor(t);
  const start = 2 ** 32 - 1 - 30;
  const writer = new RingWriter(folder, { capacity: 64 }, start);
  for (let index = 0; index < 64; index++) writer.write({ a: index });
  writer.header('head', writer.position);
  const reader = live(folder, writer);
  const batches = drain(reader, 0);
  assert.deepEqual(positions(batches), range(0, 64));
  assert.equal(lost(batches, 'overwritten'), start);
});

test('a ring of nonsense has an end', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 4 });
  writer.header('head', 2 ** 62);
  writer.end();
  truncateSync(join(folder, `${writer.stream}.ring`), RING_HEADER_BYTES);
  const batches = await readAll(folder);
  assert.deepEqual(positions(batches), []);
  assert.ok(lost(batches) > 0);
});

test('a ring that says it is further than anybody counts has an end, too', async (t) => {
  // The larger one's slots would lie where no file has a byte.
  for (const capacity of [5_117_050_880, 1_153_387_697_529_022]) {
    const folder = folderFor(t);
    const writer = new RingWriter(folder);
    for (let index = 0; index < 5; index++) writer.write();
    writer.header('capacity', capacity);
    writer.header('head', 2 ** 56);
    writer.end();
    const batches = await readAll(folder);
    assert.ok(positions(batches).length <= 5);
  }
});

test('a ring cut short gives what is left and counts the rest', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder, { capacity: 100 });
  for (let index = 0; index < 80; index++) writer.write();
  writer.close();
  truncateSync(join(folder, `${writer.stream}.ring`), RING_HEADER_BYTES + 30 * RECORD_BYTES + 7);
  const batches = await readAll(folder);
  assert.deepEqual(positions(batches), range(0, 30));
  assert.equal(lost(batches), 50);
});

test('a newer version is refused with both numbers', async (t) => {
  const folder = folderFor(t);
  new RingWriter(folder, { version: 9 }).close();
  await assert.rejects(readAll(folder), /version 9.*version 1/);
});

test('a newer manifest is refused with both numbers', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'manifest.json'), '{"format":"interleave","version":7}');
  await assert.rejects(readAll(folder), /version 7.*version 1/);
});

test('definitions come before the records that use them, whole lines only', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  writer.define({ def: 'string', id: 1, text: 'ünïcode' });
  writer.write();
  writer.defineRaw('{"def":"string","id":2,"te');
  writer.close();
  const batches = await readAll(folder);
  assert.deepEqual(
    batches.map((batch) => batch.type),
    ['manifest', 'definitions', 'records', 'header', 'end'],
  );
  const [, definitions] = batches;
  assert.equal(
    definitions?.type === 'definitions' && definitions.text,
    '{"def":"string","id":1,"text":"ünïcode"}\n',
  );
});
