/** Any bytes at all give records, a count of what is missing, or a clear error; within bounded memory and time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { pack } from '../../record/pack.ts';
import { RecordingError } from '../../record/recordingError.ts';
import { readRecording } from '../../record/recordingFile.ts';
import { RECORD_BYTES } from '../../wire/recording.ts';
import { lost, positions, readAll } from './reading.ts';
import { RingWriter, recordingFolder } from './ringWriter.ts';

const work = mkdtempSync(join(tmpdir(), 'interleave-test-'));
after(() => rmSync(work, { recursive: true }));

const RUNS = Number(process.env.FUZZ_RUNS ?? 150);

/** What a process wrote: `whole[i]` is false for a record that was claimed and never written. */
interface Life {
  readonly whole: readonly boolean[];
  readonly capacity: number;
  readonly closed: boolean;
  readonly strings: readonly string[];
}
const life: fc.Arbitrary<Life> = fc.record({
  whole: fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
  capacity: fc.option(fc.integer({ min: 1, max: 64 }), { nil: 0 }),
  closed: fc.boolean(),
  strings: fc.array(fc.string(), { maxLength: 20 }),
});

function write(folder: string, { whole, capacity, closed, strings }: Life): void {
  const writer = new RingWriter(folder, { capacity });
  for (const [index, text] of strings.entries()) {
    writer.define({ def: 'string', id: index + 1, text });
  }
  for (const isWhole of whole) {
    if (isWhole) writer.write();
    else writer.claim();
  }
  if (closed) writer.close();
  else writer.end();
}

/** Damage at a place given as a share of the length: works for files of any size. */
type Damage =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'change' | 'insert'; readonly at: number; readonly bytes: Uint8Array };
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('change' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
);

function damaged(bytes: Buffer, one: Damage): Buffer {
  const at = Math.floor(one.at * bytes.length);
  if (one.kind === 'cut') return bytes.subarray(0, at);
  const after = one.kind === 'insert' ? at : at + one.bytes.length;
  return Buffer.concat([bytes.subarray(0, at), one.bytes, bytes.subarray(after)]);
}

/** Reads as far as it goes; only our own errors are clear ones. Returns bytes of records. */
async function survive(path: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const batch of readRecording(path)) {
      if (batch.type !== 'records') continue;
      assert.ok(batch.bytes.length <= 1 << 20, 'a batch is at most a mebibyte');
      assert.equal(batch.bytes.length % RECORD_BYTES, 0);
      bytes += batch.bytes.length;
    }
  } catch (failure) {
    assert.ok(failure instanceof RecordingError, `not a clear error: ${String(failure)}`);
    assert.match(failure.message, /\.$/);
  }
  return bytes;
}

test('what was written is read, and what was not is counted', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (one) => {
      const folder = recordingFolder();
      try {
        write(folder, one);
        const batches = await readAll(folder);
        const got = positions(batches);
        const oldest = one.capacity === 0 ? 0 : Math.max(0, one.whole.length - one.capacity);
        const last = one.whole.lastIndexOf(true);
        const expected = [...one.whole.keys()].filter((at) => at >= oldest && one.whole[at]);
        // A record of the lap before stays where its successor was claimed and never written.
        assert.deepEqual(
          got.filter((at) => at >= oldest),
          expected,
        );
        if (one.capacity === 0 && last >= 0) {
          const claimed = one.closed ? one.whole.length : last + 1;
          assert.equal(got.length + lost(batches), claimed);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: RUNS },
  );
});

test('a folder damaged anywhere is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 1 }),
      fc.array(damage, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      async (lives, damages, pick) => {
        const folder = recordingFolder();
        try {
          for (const one of lives) write(folder, one);
          const files = readdirSync(folder);
          const file = join(folder, files[pick % files.length] ?? '');
          writeFileSync(file, damages.reduce(damaged, readFileSync(file)));
          const size = readdirSync(folder).reduce(
            (sum, name) => sum + readFileSync(join(folder, name)).length,
            0,
          );
          assert.ok((await survive(folder)) <= 3 * size);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test('a packed recording damaged anywhere is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      life,
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      async (one, damages) => {
        const folder = recordingFolder();
        const file = join(work, 'a.interleave');
        try {
          write(folder, one);
          await pack(folder, file);
          writeFileSync(file, damages.reduce(damaged, readFileSync(file)));
          await survive(file);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test('bytes that are no recording are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      const file = join(work, 'b.interleave');
      writeFileSync(file, bytes);
      await assert.rejects(readAll(file), RecordingError);
    }),
    { numRuns: RUNS },
  );
});
