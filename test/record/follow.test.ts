/** Following a folder while others write into it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { follow } from '../../record/follow.ts';
import type { Batch } from '../../wire/batch.ts';
import { RECORD, RECORD_BYTES } from '../../wire/recording.ts';
import { folderFor, lost, positions, range } from './reading.ts';
import { RingWriter } from './ringWriter.ts';

function following(t: TestContext, folder: string) {
  const batches: Batch[] = [];
  const follower = follow(folder);
  t.after(() => follower.dispose());
  follower.batches((batch) => batches.push(batch));
  return { follower, batches };
}

/** Waits for something that comes by itself; the test's own timeout is the limit. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

test('streams that come late are followed, each with its end', async (t) => {
  const folder = folderFor(t);
  const { follower, batches } = following(t, folder);
  const first = new RingWriter(folder, { pid: 10 });
  first.write();
  await until(() => positions(batches).length === 1);
  const second = new RingWriter(folder, { pid: 20, capacity: 8 });
  second.write();
  second.close();
  await until(() =>
    batches.some((batch) => batch.type === 'end' && batch.stream === second.stream),
  );
  first.write();
  await until(() => positions(batches).length === 3);
  first.end();
  await follower.finish();
  const ends = batches.filter((batch) => batch.type === 'end');
  assert.deepEqual(
    ends.map(({ stream, closed }) => [stream, closed]),
    [
      [second.stream, true],
      [first.stream, false],
    ],
  );
  assert.deepEqual([...follower.streams].sort(), [first.stream, second.stream]);
});

test('a header is told when it changes, and not otherwise', async (t) => {
  const folder = folderFor(t);
  const { follower, batches } = following(t, folder);
  const writer = new RingWriter(folder);
  writer.write();
  await until(() => batches.some((batch) => batch.type === 'header'));
  await sleep(100);
  writer.header('overhead', 5000);
  await until(() => batches.some((batch) => batch.type === 'header' && batch.overheadNs === 5000));
  writer.close();
  await follower.finish();
  assert.equal(batches.filter((batch) => batch.type === 'header').length, 3);
});

test('what is written while we read comes once, in order, and after its definition', async (t) => {
  const folder = folderFor(t);
  const { follower, batches } = following(t, folder);
  const count = 60_000;
  const worker = new Worker(new URL('./writingWorker.ts', import.meta.url), {
    workerData: { folder, count },
  });
  await new Promise((done) => worker.once('exit', done));
  await follower.finish();
  assert.equal(lost(batches), 0);
  assert.deepEqual(positions(batches), range(0, count));
  // Every hundredth record refers to a definition, by its field b.
  let defined = 0;
  for (const batch of batches) {
    if (batch.type === 'definitions') defined += batch.text.split('\n').length - 1;
    if (batch.type !== 'records') continue;
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    for (let at = 0; at < batch.bytes.length; at += RECORD_BYTES) {
      assert.ok(view.getUint32(at + RECORD.b, true) <= defined);
    }
  }
});

test('a folder that goes away under us ends quietly', async (t) => {
  const folder = folderFor(t);
  const { follower, batches } = following(t, folder);
  const writer = new RingWriter(folder);
  writer.write();
  await until(() => positions(batches).length === 1);
  rmSync(folder, { recursive: true });
  await follower.finish();
  assert.equal(batches.at(-1)?.type, 'end');
});

test('files that are not ours, and streams of nonsense, do no harm', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'notes.txt'), 'x');
  writeFileSync(join(folder, '1-1.ring'), Buffer.alloc(9000, 0xab));
  writeFileSync(join(folder, '1-1.defs'), Buffer.alloc(3 << 20, 0x41));
  writeFileSync(join(folder, '2-2.ring'), '');
  const newer = new RingWriter(folder, { pid: 3, version: 99 });
  newer.close();
  const good = new RingWriter(folder, { pid: 4 });
  good.write();
  good.close();
  const { follower, batches } = following(t, folder);
  await follower.finish();
  assert.deepEqual(positions(batches), [0]);
  assert.ok(lost(batches, 'corrupt') >= 2);
  assert.equal(batches.filter((batch) => batch.type === 'definitions').length, 0);
});

test('a line of definitions without an end costs no memory, and the next one is read', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  writer.defineRaw('x'.repeat(5 << 20));
  writer.defineRaw('\n');
  writer.define({ def: 'string', id: 1, text: 'after' });
  writer.close();
  const { follower, batches } = following(t, folder);
  await follower.finish();
  const texts = batches.flatMap((batch) => (batch.type === 'definitions' ? [batch.text] : []));
  assert.ok(texts.every((text) => text.length < 2 << 20));
  assert.match(texts.at(-1) ?? '', /"after"/);
});

test('a ring that shrinks under us is no crash', async (t) => {
  const folder = folderFor(t);
  const { follower, batches } = following(t, folder);
  const writer = new RingWriter(folder, { capacity: 1000 });
  for (let index = 0; index < 500; index++) writer.write();
  await until(() => positions(batches).length === 500);
  const [ring = ''] = readdirSync(folder).filter((name) => name.endsWith('.ring'));
  truncateSync(join(folder, ring), 100);
  await follower.finish();
  assert.equal(readFileSync(join(folder, ring)).length, 100);
});
