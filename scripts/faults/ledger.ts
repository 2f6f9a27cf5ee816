/** Keeps count of what was read of a recording, against what the recording itself says was written. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lowerBound } from '../../base/bisect.ts';
import { readRingHeader } from '../../record/ringHeader.ts';
import type { Batch } from '../../wire/batch.ts';
import { KIND, RECORD, RECORD_BYTES } from '../../wire/recording.ts';

/** Records that a sudden end may leave half written: one of each thread. */
const HALF_WRITTEN = 64;
/** What may be lost of the time before a sudden end where losses were told. */
const LOST_NS = 100e6;
/** Records are stamped from a counter of the processor's that is set by the clock once in a while. */
const CLOCKS_DIFFER_NS = 1e6;
/** Two times: before and after something that is always recorded. */
const BEAT_BYTES = 16;

interface Account {
  records: number;
  lost: number;
  notWritten: number;
}

export class Ledger {
  /** Time of the newest record. */
  #newest = 0;
  readonly #starts: number[] = [];
  readonly #streams = new Map<string, Account>();

  add(batch: Batch): void {
    if (batch.type === 'manifest') return;
    const account = this.#account(batch.stream);
    if (batch.type === 'loss') account.lost += batch.count;
    if (batch.type === 'header') account.notWritten = batch.dropped;
    if (batch.type !== 'records') return;
    account.records += batch.bytes.length / RECORD_BYTES;
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    for (let offset = 0; offset < batch.bytes.length; offset += RECORD_BYTES) {
      const at = Number(view.getBigUint64(offset + RECORD.at, true));
      this.#newest = Math.max(this.#newest, at);
      if (view.getUint8(offset + RECORD.kind) === KIND.threadStart) this.#starts.push(at);
    }
  }

  /** Records that were told as lost. */
  get lost(): number {
    let sum = 0;
    for (const { lost, notWritten } of this.#streams.values()) sum += lost + notWritten;
    return sum;
  }

  /**
   * Sentences about what the program says it has done, a thread between each two times, and what is not in the recording.
   * A program that got no time at all has done nothing then: only what it has done can be lost.
   */
  notRecorded(beats: Buffer): readonly string[] {
    const count = Math.floor(beats.length / BEAT_BYTES);
    if (count === 0) return [];
    const time = (index: number): number => Number(beats.readBigUInt64LE(index * 8));
    const last = time(count * 2 - 2);
    if (this.lost > 0) {
      if (this.#newest >= last - LOST_NS) return [];
      return [`the last ${((last - this.#newest) / 1e6).toFixed(0)} ms are lost`];
    }
    const starts = Float64Array.from(this.#starts).sort();
    const missing = Array.from({ length: count }, (_, beat) => beat).filter((beat) => {
      const first = starts[lowerBound(starts, time(beat * 2) - CLOCKS_DIFFER_NS)];
      return first === undefined || first > time(beat * 2 + 1) + CLOCKS_DIFFER_NS;
    });
    if (missing.length === 0) return [];
    const since = (last - time((missing.at(-1) ?? 0) * 2)) / 1e6;
    return [
      `${missing.length} of ${count} threads are not recorded, the last of them ${since.toFixed(0)} ms before the last`,
    ];
  }

  /** Sentences about streams of which more was written than was read or told as lost. */
  unaccounted(folder: string): readonly string[] {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.ring'))
      .flatMap((name) => {
        const header = headerOf(join(folder, name));
        if (header === undefined || header === 'corrupt') return [];
        const { records, lost, notWritten } = this.#account(name.replace(/\.ring$/, ''));
        const missing = header.head - records - lost;
        const wrong: string[] = [];
        if (missing > (header.closedAt === 0 ? HALF_WRITTEN : 0)) {
          wrong.push(
            `${missing} of ${header.head} records of ${name} are neither read nor counted`,
          );
        }
        if (header.dropped !== notWritten) {
          wrong.push(`${name} has dropped ${header.dropped}, ${notWritten} are known`);
        }
        return wrong;
      });
  }

  #account(stream: string): Account {
    let account = this.#streams.get(stream);
    if (account === undefined) {
      account = { records: 0, lost: 0, notWritten: 0 };
      this.#streams.set(stream, account);
    }
    return account;
  }
}

function headerOf(path: string): ReturnType<typeof readRingHeader> {
  const file = openSync(path, 'r');
  try {
    return readRingHeader(file);
  } finally {
    closeSync(file);
  }
}
