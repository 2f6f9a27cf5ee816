/** Unpacks a recording's zip into a folder, believing nothing it says about itself. */
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { STREAM_FILE } from './follow.ts';
import { MANIFEST } from './manifest.ts';
import { codeOf, RecordingError, reasonOf } from './recordingError.ts';
import {
  CENTRAL_HEADER,
  CENTRAL_HEADER_BYTES,
  crc32,
  DEFLATED,
  END_BYTES,
  END_OF_DIRECTORY,
  LOCAL_HEADER,
  LOCAL_HEADER_BYTES,
  STORED,
} from './zip.ts';

/** What could not be taken out whole. */
export interface Damage {
  readonly name: string;
  readonly missingBytes: number;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

const MOST_ENTRIES = 20_000;
const LARGEST_DIRECTORY = 8 * 1024 * 1024;
/** A comment may follow the end record. */
const LONGEST_COMMENT = 0xffff;
/** Four times the default budget: an honest recording stays below its budget, a zip bomb does not. */
export const LARGEST_RECORDING = 1024 * 1024 * 1024;

/**
 * Takes out manifest and streams, and nothing else. Entries that break in the middle keep what came before.
 * @throws RecordingError when the file is no zip, is cut off, or unpacks to more than `limit` bytes.
 */
export async function unpack(
  path: string,
  folder: string,
  limit = LARGEST_RECORDING,
): Promise<Damage[]> {
  const file = await open(path, 'r');
  try {
    const entries = await readDirectory(file, path);
    const declared = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (declared > limit) throw tooLarge(path, declared, limit);
    const damages: Damage[] = [];
    let left = limit;
    for (const entry of entries) {
      const got = await extract(file, entry, join(folder, entry.name), left, limit, path);
      left -= got.bytes;
      if (!got.whole) {
        damages.push({ name: entry.name, missingBytes: Math.max(0, entry.bytes - got.bytes) });
      }
    }
    return damages;
  } finally {
    await file.close();
  }
}

async function readDirectory(file: FileHandle, path: string): Promise<Entry[]> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - END_BYTES - LONGEST_COMMENT), size);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END_OF_DIRECTORY) at--;
  if (at < 0) {
    throw new RecordingError(
      `${path} is no whole recording: its table of contents is missing.`,
      'It was cut off or is of another format: copy it again from where it was made.',
    );
  }
  const bytes = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (bytes > LARGEST_DIRECTORY || offset + bytes > size) throw damagedDirectory(path);
  const directory = await read(file, offset, offset + bytes);
  const entries = new Map<string, Entry>();
  for (let next = 0; next + CENTRAL_HEADER_BYTES <= directory.length; ) {
    if (directory.readUInt32LE(next) !== CENTRAL_HEADER) throw damagedDirectory(path);
    const nameBytes = directory.readUInt16LE(next + 28);
    const nameAt = next + CENTRAL_HEADER_BYTES;
    const name = directory.toString('latin1', nameAt, nameAt + nameBytes);
    // Only names we make ourselves come out: no folders, no dots, nothing to climb with.
    if (name === MANIFEST || STREAM_FILE.test(name)) {
      entries.set(name, {
        name,
        method: directory.readUInt16LE(next + 10),
        crc: directory.readUInt32LE(next + 16),
        packedBytes: directory.readUInt32LE(next + 20),
        bytes: directory.readUInt32LE(next + 24),
        offset: directory.readUInt32LE(next + 42),
      });
    }
    if (entries.size > MOST_ENTRIES) throw damagedDirectory(path);
    next =
      nameAt + nameBytes + directory.readUInt16LE(next + 30) + directory.readUInt16LE(next + 32);
  }
  return [...entries.values()];
}

/** Writes what can be had of one entry; @throws when it is more than `left` bytes. */
async function extract(
  file: FileHandle,
  entry: Entry,
  target: string,
  left: number,
  limit: number,
  path: string,
): Promise<{ readonly bytes: number; readonly whole: boolean }> {
  const header = await read(file, entry.offset, entry.offset + LOCAL_HEADER_BYTES);
  const readable =
    header.length === LOCAL_HEADER_BYTES &&
    header.readUInt32LE(0) === LOCAL_HEADER &&
    (entry.method === STORED || entry.method === DEFLATED);
  if (!readable) return { bytes: 0, whole: false };
  const dataAt =
    entry.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  let bytes = 0;
  let crc = 0;
  const inflate = entry.method === DEFLATED ? createInflateRaw() : new PassThrough();
  try {
    await pipeline(
      pieces(file, dataAt, dataAt + entry.packedBytes),
      inflate,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > left) throw tooLarge(path, limit - left + bytes, limit);
          crc = crc32(chunk, crc);
          yield chunk;
        }
      },
      createWriteStream(target, { mode: 0o600 }),
    );
  } catch (failure) {
    if (failure instanceof RecordingError) throw failure;
    const code = codeOf(failure);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new RecordingError(
        `There is no room to unpack ${path}: the disk of the temporary folder is full.`,
        'Free some space, or point TMPDIR at another disk.',
        { cause: failure },
      );
    }
    // Inflating came upon damage: what it wrote before stays readable.
    if (code?.startsWith('Z_') !== true && code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new RecordingError(`${path} could not be unpacked: ${reasonOf(failure)}.`, '', {
        cause: failure,
      });
    }
    return { bytes, whole: false };
  }
  return { bytes, whole: bytes === entry.bytes && crc === entry.crc };
}

async function* pieces(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const piece = await read(file, at, Math.min(to, at + 256 * 1024));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

function damagedDirectory(path: string): RecordingError {
  return new RecordingError(
    `${path} is no whole recording: its table of contents is damaged.`,
    'Copy it again from where it was made.',
  );
}

function tooLarge(path: string, bytes: number, limit: number): RecordingError {
  return new RecordingError(
    `${path} unpacks to more than ${Math.floor(Math.max(bytes, limit) / 1024 / 1024)} MiB; a recording has at most ${Math.floor(limit / 1024 / 1024)} MiB.`,
    'It was not made by Interleave: do not trust it.',
  );
}
