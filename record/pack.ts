/** Packs a recording's folder into one zip file, whole or not at all. */
import { createReadStream, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createDeflateRaw } from 'node:zlib';
import { streamsIn } from './follow.ts';
import { MANIFEST } from './manifest.ts';
import { RecordingError } from './recordingError.ts';
import { whyNot, writeWhole } from './wholeFile.ts';
import {
  CENTRAL_HEADER,
  CENTRAL_HEADER_BYTES,
  crc32,
  DEFLATED,
  END_BYTES,
  END_OF_DIRECTORY,
  LARGEST,
  LOCAL_HEADER,
  LOCAL_HEADER_BYTES,
} from './zip.ts';

interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
}

/** Rings are mostly small numbers: more effort makes them hardly smaller. */
const DEFLATE_LEVEL = 2;
/** UTF-8 names. */
const FLAGS = 0x0800;
/** Zip wants a date: 1 January 1980, so that equal recordings pack equal. */
const DATE = 0x0021;

/** @throws RecordingError when the disk is full or the place cannot be written; nothing is left there then. */
export async function pack(folder: string, target: string): Promise<void> {
  try {
    await writeWhole(target, (file) => writeZip(file, folder));
  } catch (failure) {
    throw new RecordingError(
      `The recording could not be written to ${target}: ${whyNot(failure)}.`,
      `Nothing is lost: it is kept as a folder, and \`interleave report ${folder}\` reads it.`,
      { cause: failure },
    );
  }
}

async function writeZip(file: FileHandle, folder: string): Promise<void> {
  const files = new Set(readdirSync(folder));
  const names = streamsIn(folder).flatMap((stream) => [`${stream}.defs`, `${stream}.ring`]);
  const entries: Entry[] = [];
  let offset = 0;
  for (const name of [MANIFEST, ...names].filter((one) => files.has(one))) {
    const entry = await writeEntry(file, join(folder, name), name, offset);
    entries.push(entry);
    offset += LOCAL_HEADER_BYTES + name.length + entry.packedBytes;
    if (offset > LARGEST) throw new Error('it is larger than 4 GiB');
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  await writeAll(file, directory, offset);
  await writeAll(
    file,
    endOfDirectory(entries.length, directory.length, offset),
    offset + directory.length,
  );
}

async function writeEntry(
  file: FileHandle,
  path: string,
  name: string,
  offset: number,
): Promise<Entry> {
  const dataAt = offset + LOCAL_HEADER_BYTES + name.length;
  let bytes = 0;
  let packedBytes = 0;
  let crc = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 256 * 1024 }),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        crc = crc32(chunk, crc);
        yield chunk;
      }
    },
    createDeflateRaw({ level: DEFLATE_LEVEL }),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        await writeAll(file, chunk, dataAt + packedBytes);
        packedBytes += chunk.length;
      }
    },
  );
  const entry = { name, offset, crc, packedBytes, bytes };
  // Sizes and checksum are known only now; the place for them was left free.
  await writeAll(file, localHeader(entry), offset);
  return entry;
}

function localHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(LOCAL_HEADER_BYTES + entry.name.length);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(20, 4);
  writeShared(header, 6, entry);
  header.write(entry.name, LOCAL_HEADER_BYTES, 'latin1');
  return header;
}

function centralHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(CENTRAL_HEADER_BYTES + entry.name.length);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  writeShared(header, 8, entry);
  header.writeUInt32LE(entry.offset, 42);
  header.write(entry.name, CENTRAL_HEADER_BYTES, 'latin1');
  return header;
}

/** The run of fields that both kinds of header have in the same order. */
function writeShared(header: Buffer, at: number, entry: Entry): void {
  header.writeUInt16LE(FLAGS, at);
  header.writeUInt16LE(DEFLATED, at + 2);
  header.writeUInt16LE(0, at + 4);
  header.writeUInt16LE(DATE, at + 6);
  header.writeUInt32LE(entry.crc, at + 8);
  header.writeUInt32LE(entry.packedBytes, at + 12);
  header.writeUInt32LE(entry.bytes, at + 16);
  header.writeUInt16LE(entry.name.length, at + 20);
}

function endOfDirectory(count: number, bytes: number, offset: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
