/** Damages recordings in every way and reads them: a report or a clear error, soon, whatever the bytes are. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { RecordingError } from '../../record/recordingError.ts';
import { readRecording } from '../../record/recordingFile.ts';
import type { Manifest } from '../../wire/recording.ts';
import { randomFrom } from './random.ts';

const LONGEST_MS = 20_000;

/**
 * Reads one damaged copy of `file`, as it is packed or, behind the checksums, as the folder it was; sentences of what did
 * not hold.
 */
export async function damage(
  file: string,
  folder: string,
  seed: number,
): Promise<readonly string[]> {
  const random = randomFrom(seed);
  const copy = join(folder, `damaged-${seed}`);
  if (random() < 0.4) writeFileSync(copy, damaged(readFileSync(file), random));
  else writeDamagedFolder(copy, readFileSync(file), random);
  const began = performance.now();
  try {
    const trace = new Trace({ sourceLine: () => undefined });
    let manifest: Manifest | undefined;
    for await (const batch of readRecording(copy)) {
      if (batch.type === 'manifest') manifest = batch.manifest;
      trace.add(batch);
    }
    if (manifest === undefined) return ['read without a manifest'];
    buildReport(trace, manifest);
  } catch (failure) {
    // That is the clear error.
    if (!(failure instanceof RecordingError)) {
      return [failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)];
    }
  } finally {
    rmSync(copy, { force: true, recursive: true });
  }
  const took = performance.now() - began;
  return took > LONGEST_MS ? [`took ${(took / 1000).toFixed(0)} s`] : [];
}

/** The files of a packed recording, one to three of them damaged, and now and then one missing. */
function writeDamagedFolder(folder: string, packed: Buffer, random: () => number): void {
  mkdirSync(folder);
  const files = Object.entries(unzipSync(packed));
  const chosen = new Set<number>();
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    chosen.add(Math.floor(random() * files.length));
  }
  for (const [index, [name, bytes]] of files.entries()) {
    if (!chosen.has(index)) writeFileSync(join(folder, name), bytes);
    else if (random() < 0.95) writeFileSync(join(folder, name), damagedPart(bytes, random));
  }
}

/** Damage anywhere, or in the beginning only, where the lengths and counts are. */
function damagedPart(bytes: Uint8Array, random: () => number): Buffer {
  const whole = Buffer.from(bytes);
  const end = random() < 0.4 ? Math.min(whole.length, 256) : whole.length;
  return Buffer.concat([damaged(whole.subarray(0, end), random), whole.subarray(end)]);
}

/** One to four of: cut, changed bits, changed numbers, a piece left out, doubled, blanked or moved. */
export function damaged(original: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(original);
  const place = (): number => Math.floor(random() * bytes.length);
  const size = (): number => Math.floor(random() ** 4 * Math.min(bytes.length, 1 << 16));
  const times = 1 + Math.floor(random() * 4);
  for (let time = 0; time < times && bytes.length > 8; time++) {
    const at = place();
    const length = size();
    switch (Math.floor(random() * 7)) {
      case 0:
        bytes = Buffer.from(bytes.subarray(0, at));
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        break;
      case 2:
        bytes.writeUInt32LE(
          random() < 0.5 ? 0xffffffff : Math.floor(random() * 2 ** 32),
          Math.min(at, bytes.length - 4),
        );
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 5:
        bytes.fill(0, at, Math.min(at + length, bytes.length));
        break;
      default:
        bytes.copy(bytes, place(), at, at + length);
    }
  }
  return bytes;
}
