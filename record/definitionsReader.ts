/** Reads the growing file of definitions of one stream: whole lines only, a piece at a time. */
import { readSync } from 'node:fs';
import type { Batch } from '../wire/batch.ts';

const PIECE_BYTES = 256 * 1024;
/** No honest definition is longer; what is gets skipped, so that a file of one endless line costs no memory. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;
/** Shared by all readers: what is read is decoded or copied before the next read. */
const piece = new Uint8Array(PIECE_BYTES);

export class DefinitionsReader {
  readonly #stream: string;
  readonly #fd: number;
  readonly #decoder = new TextDecoder();
  #offset = 0;
  /** Start of a line whose end is not written yet. */
  #rest = new Uint8Array(0);
  #skipping = false;

  constructor(stream: string, fd: number) {
    this.#stream = stream;
    this.#fd = fd;
  }

  /** Everything that is there now, in pieces. */
  *read(): Generator<Batch> {
    for (;;) {
      const got = readSync(this.#fd, piece, 0, PIECE_BYTES, this.#offset);
      if (got === 0) return;
      this.#offset += got;
      const lines = this.#wholeLines(piece.subarray(0, got));
      if (lines.length > 0) {
        yield { type: 'definitions', stream: this.#stream, text: this.#decoder.decode(lines) };
      }
      if (got < PIECE_BYTES) return;
    }
  }

  #wholeLines(read: Uint8Array): Uint8Array {
    let fresh = read;
    if (this.#skipping) {
      const end = fresh.indexOf(NEWLINE);
      if (end < 0) return fresh.subarray(0, 0);
      this.#skipping = false;
      fresh = fresh.subarray(end + 1);
    }
    const last = fresh.lastIndexOf(NEWLINE);
    const lines = join(this.#rest, fresh.subarray(0, last + 1));
    if (last < 0) {
      if (lines.length + fresh.length > LONGEST_LINE) {
        this.#rest = new Uint8Array(0);
        this.#skipping = true;
      } else this.#rest = join(this.#rest, fresh);
      return fresh.subarray(0, 0);
    }
    this.#rest = fresh.slice(last + 1);
    return lines;
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
