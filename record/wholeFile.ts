/** A file that is there whole or not at all. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { codeOf, RecordingError, reasonOf } from './recordingError.ts';

/** Bytes that are gathered before they are written. */
const GATHERED = 1 << 18;

/**
 * Writes beside the target and renames at the end, so that a reader never sees half a file.
 * @throws whatever `write` or the disk does; nothing is left there then.
 */
export async function writeWhole(
  target: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const unfinished = `${target}.${process.pid}.unfinished`;
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  } catch (failure) {
    // It may never have come into being; the caller tells why.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw failure;
  }
}

/**
 * Writes parts as they come and lets other work in between. Aborted, it throws the signal's reason.
 * @returns bytes written
 * @throws RecordingError when the disk is full or the place cannot be written
 */
export async function writeParts(
  target: string,
  parts: Iterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  try {
    await writeWhole(target, async (file) => {
      for (const part of gathered(parts)) {
        signal.throwIfAborted();
        await file.writeFile(part);
        bytes += part.length;
      }
    });
  } catch (failure) {
    if (signal.aborted) throw failure;
    throw new RecordingError(`${target} could not be written: ${whyNot(failure)}.`, '', {
      cause: failure,
    });
  }
  return bytes;
}

/** Why a file could not be written, as a clause. */
export function whyNot(failure: unknown): string {
  const code = codeOf(failure);
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return code === 'ENOENT' ? 'its folder does not exist' : reasonOf(failure);
}

function* gathered(parts: Iterable<Uint8Array | string>): Generator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let bytes = 0;
  for (const part of parts) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : part;
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes < GATHERED) continue;
    yield Buffer.concat(kept);
    kept = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(kept);
}
