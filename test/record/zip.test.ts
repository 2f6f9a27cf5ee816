/** Packed recordings: what other tools say of ours, and archives made to harm. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { findInterpreter } from '../../record/interpreter.ts';
import { pack } from '../../record/pack.ts';
import { unpack } from '../../record/unpack.ts';
import { crc32 } from '../../record/zip.ts';
import { folderFor, lost, positions, range, readAll } from './reading.ts';
import { RingWriter } from './ringWriter.ts';

const work = mkdtempSync(join(tmpdir(), 'interleave-test-'));
after(() => rmSync(work, { recursive: true }));

const MANIFEST = Buffer.from('{"format":"interleave","version":1}');

function archive(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  level: 0 | 6 = 6,
): string {
  const path = join(work, name);
  writeFileSync(path, zipSync({ ...files }, { level }));
  return path;
}

test('the checksum is the one of zip', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf4_3926);
  assert.equal(crc32(Buffer.from('789'), crc32(Buffer.from('123456'))), 0xcbf4_3926);
});

test('another unzip agrees with what we pack', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  for (let index = 0; index < 1000; index++) writer.write();
  writer.close();
  const file = join(work, 'ours.interleave');
  await pack(folder, file);
  const { path } = await findInterpreter();
  const told = spawnSync(path, ['-m', 'zipfile', '-t', file], { encoding: 'utf8' });
  assert.equal(told.status, 0, told.stderr);
  const out = join(work, 'out');
  assert.equal(spawnSync(path, ['-m', 'zipfile', '-e', file, out]).status, 0);
  for (const name of readdirSync(folder)) {
    assert.deepEqual(readFileSync(join(out, name)), readFileSync(join(folder, name)));
  }
});

for (const level of [0, 6] as const) {
  test(`what another zip packed is read, ${level === 0 ? 'stored' : 'deflated'}`, async (t) => {
    const folder = folderFor(t);
    const writer = new RingWriter(folder);
    for (let index = 0; index < 100; index++) writer.write();
    writer.close();
    const files = Object.fromEntries(
      readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
    );
    const batches = await readAll(archive('theirs.interleave', files, level));
    assert.deepEqual(positions(batches), range(0, 100));
    assert.equal(lost(batches), 0);
  });
}

test('an archive that climbs out of its folder stays in it', async () => {
  const path = archive('climbs.interleave', {
    'manifest.json': MANIFEST,
    '../../climbed.ring': MANIFEST,
    '/tmp/climbed.ring': MANIFEST,
    'sub/1-1.ring': MANIFEST,
  });
  const out = mkdtempSync(join(work, 'out-'));
  await unpack(path, out);
  assert.deepEqual(readdirSync(out), ['manifest.json']);
  assert.ok(!existsSync(join(work, 'climbed.ring')));
});

test('a bomb is refused, whether or not it says how large it is', async () => {
  const zeros = new Uint8Array(8 << 20);
  const path = archive('bomb.interleave', { 'manifest.json': MANIFEST, '1-1.ring': zeros });
  const out = mkdtempSync(join(work, 'out-'));
  await assert.rejects(
    unpack(path, out, 1 << 20),
    /more than 8 MiB; a recording has at most 1 MiB/,
  );
  // The same with a lie in the table of contents, where the size stands 24 bytes in.
  const lying = readFileSync(path);
  for (
    let at = lying.indexOf('PK\x01\x02', 0, 'latin1');
    at >= 0;
    at = lying.indexOf('PK\x01\x02', at + 1, 'latin1')
  ) {
    lying.writeUInt32LE(10, at + 24);
  }
  writeFileSync(path, lying);
  await assert.rejects(unpack(path, out, 1 << 20), /a recording has at most 1 MiB/);
});

test('an archive without a manifest is no recording', async () => {
  await assert.rejects(
    readAll(archive('none.interleave', { 'a.txt': MANIFEST })),
    /no readable manifest/,
  );
});

test('a stream damaged inside gives what came before, and the rest is counted', async (t) => {
  const folder = folderFor(t);
  const writer = new RingWriter(folder);
  // Random fields, so that deflate has something to keep.
  for (let index = 0; index < 40_000; index++) writer.write({ b: (index * 2654435761) >>> 0 });
  writer.close();
  const file = join(work, 'damaged.interleave');
  await pack(folder, file);
  const bytes = readFileSync(file);
  bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 100);
  writeFileSync(file, bytes);
  const batches = await readAll(file);
  const got = positions(batches).length;
  assert.ok(got > 1000 && got < 40_000, `${got} records`);
  assert.ok(lost(batches, 'corrupt') > 0);
});

test('a recording that does not exist is told', async () => {
  await assert.rejects(readAll(join(work, 'nowhere.interleave')), /There is no recording/);
});
