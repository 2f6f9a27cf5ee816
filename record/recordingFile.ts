/** Opens a recording, packed or still a folder, and yields it piece by piece. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Batch } from '../wire/batch.ts';
import { RECORD_BYTES } from '../wire/recording.ts';
import { streamsIn } from './follow.ts';
import { readManifest } from './manifest.ts';
import { codeOf, RecordingError, reasonOf } from './recordingError.ts';
import { StreamReader } from './streamReader.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';
import { type Damage, unpack } from './unpack.ts';

/**
 * The manifest first, then the streams, each ended. Holds about a mebibyte of it in memory at a time.
 * @throws RecordingError when it is no recording, is damaged beyond reading, or of a newer version.
 */
export async function* readRecording(path: string): AsyncGenerator<Batch> {
  if (isFolder(path)) {
    yield* readFolder(path, path, []);
    return;
  }
  const folder = makeTemporaryFolder();
  try {
    const damages = await unpack(path, folder.path);
    yield* readFolder(folder.path, path, damages);
  } finally {
    folder.dispose();
  }
}

async function* readFolder(
  folder: string,
  shown: string,
  damages: readonly Damage[],
): AsyncGenerator<Batch> {
  yield { type: 'manifest', manifest: readManifest(folder, shown) };
  for (const stream of streamsIn(folder)) {
    const reader = new StreamReader(folder, stream);
    try {
      while (!reader.ended) {
        for (const batch of reader.step(performance.now(), true)) {
          const damage = batch.type === 'end' ? damageOf(stream, damages) : 0;
          if (damage > 0) yield { type: 'loss', stream, count: damage, reason: 'corrupt' };
          yield batch;
        }
        // Long recordings must not stop a progress line or a Ctrl-C.
        await setImmediate();
      }
    } finally {
      reader.dispose();
    }
  }
}

function damageOf(stream: string, damages: readonly Damage[]): number {
  const mine = damages.filter(
    ({ name }) => basename(name, '.ring') === stream || basename(name, '.defs') === stream,
  );
  return mine.reduce(
    (sum, { missingBytes }) => sum + Math.max(1, Math.ceil(missingBytes / RECORD_BYTES)),
    0,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (failure) {
    throw new RecordingError(
      codeOf(failure) === 'ENOENT'
        ? `There is no recording ${path}.`
        : `${path} cannot be read: ${reasonOf(failure)}.`,
      '',
      { cause: failure },
    );
  }
}
