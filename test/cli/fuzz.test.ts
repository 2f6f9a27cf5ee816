/** A real recording, damaged anywhere, gives a report or a clear error: never a crash of ours. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { PLAIN } from '../../cli/terminal.ts';
import { textReport } from '../../cli/textReport.ts';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { RecordingError } from '../../record/recordingError.ts';
import { readRecording } from '../../record/recordingFile.ts';
import { unpack } from '../../record/unpack.ts';
import type { Manifest } from '../../wire/recording.ts';
import { RECORD_BYTES, RING_HEADER_BYTES } from '../../wire/recording.ts';
import { interleave } from '../cli/cli.ts';

const work = mkdtempSync(join(tmpdir(), 'interleave-test-'));
after(() => rmSync(work, { recursive: true }));
const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
/** Programs that between them write most kinds of records. */
const PROGRAMS = [
  'deadlocks/two_locks_deadlock',
  'asyncio/blocking_call',
  'pools/futures_pipeline',
];

const originals: string[] = [];

before(async () => {
  for (const [index, id] of PROGRAMS.entries()) {
    const file = join(work, `${index}.interleave`);
    const sample = fileURLToPath(new URL(`../../samples/python/${id}.py`, import.meta.url));
    await interleave(['run', '--quiet', '--timeout', '2', '--output', file, sample]);
    const folder = mkdtempSync(join(work, 'folder-'));
    await unpack(file, folder);
    originals.push(folder);
  }
});

/** Any report at all is fine; an error must be one for people. */
async function report(path: string): Promise<void> {
  const trace = new Trace();
  let manifest: Manifest | undefined;
  try {
    for await (const batch of readRecording(path)) {
      if (batch.type === 'manifest') manifest = batch.manifest;
      trace.add(batch);
    }
  } catch (failure) {
    assert.ok(failure instanceof RecordingError, `not a clear error: ${String(failure)}`);
    return;
  }
  assert.ok(manifest);
  const built = buildReport(trace, manifest);
  assert.ok(textReport(built, PLAIN, () => undefined, false).length > 0);
  JSON.parse(JSON.stringify(built));
}

const places = fc.array(
  fc.record({
    at: fc.nat(),
    byte: fc.nat({ max: 255 }),
    /** Most damage in a ring would hit what was never written: aim at its beginning. */
    near: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

test('a recording with bytes changed anywhere, also where only meaning breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), places, async (which, pick, changes) => {
      const original = originals[which % originals.length] ?? '';
      const files = readdirSync(original);
      const damaged = mkdtempSync(join(work, 'damaged-'));
      try {
        for (const [index, name] of files.entries()) {
          const bytes = trimmed(readFileSync(join(original, name)), name);
          if (index === pick % files.length) {
            for (const { at, byte, near } of changes) {
              bytes[at % (near ? Math.min(bytes.length, 4096 + 20 * RECORD_BYTES) : bytes.length)] =
                byte;
            }
          }
          writeFileSync(join(damaged, name), bytes);
        }
        await report(damaged);
      } finally {
        rmSync(damaged, { recursive: true });
      }
    }),
    { numRuns: RUNS },
  );
});

test('a recording cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(), async (which, pick, at) => {
      const original = originals[which % originals.length] ?? '';
      const files = readdirSync(original);
      const damaged = mkdtempSync(join(work, 'damaged-'));
      try {
        for (const [index, name] of files.entries()) {
          const bytes = trimmed(readFileSync(join(original, name)), name);
          const end = index === pick % files.length ? at % (bytes.length + 1) : bytes.length;
          writeFileSync(join(damaged, name), bytes.subarray(0, end));
        }
        await report(damaged);
      } finally {
        rmSync(damaged, { recursive: true });
      }
    }),
    { numRuns: RUNS },
  );
});

/** Without the slots at the end that were never written: they only make copying slow. */
function trimmed(bytes: Buffer, name: string): Buffer {
  if (!name.endsWith('.ring')) return Buffer.from(bytes);
  let end = bytes.length;
  while (end > RING_HEADER_BYTES && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.subarray(0, end + RECORD_BYTES));
}
