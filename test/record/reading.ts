/** Reads recordings in tests: collects batches, and says which positions came. */
import { rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { readRecording } from '../../record/recordingFile.ts';
import type { Batch } from '../../wire/batch.ts';
import { RECORD, RECORD_BYTES } from '../../wire/recording.ts';
import { recordingFolder } from './ringWriter.ts';

/** A recording's folder that goes away with the test. */
export function folderFor(test: TestContext): string {
  const folder = recordingFolder();
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function readAll(path: string): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of readRecording(path)) batches.push(batch);
  return batches;
}

/** Field `a` of every record, which `RingWriter` fills with the position. */
export function positions(batches: readonly Batch[]): number[] {
  return batches.flatMap((batch) => {
    if (batch.type !== 'records') return [];
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    return Array.from({ length: batch.bytes.length / RECORD_BYTES }, (_, index) =>
      view.getUint32(index * RECORD_BYTES + RECORD.a, true),
    );
  });
}

export function lost(batches: readonly Batch[], reason?: string): number {
  return batches.reduce(
    (sum, batch) =>
      batch.type === 'loss' && (reason ?? batch.reason) === batch.reason ? sum + batch.count : sum,
    0,
  );
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
