/** Keeps count of what was read of a recording, against what the recording itself says was written. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRingHeader } from '../../record/ringHeader.ts';
import type { Batch } from '../../wire/batch.ts';
import { RECORD, RECORD_BYTES } from '../../wire/recording.ts';

/** Records that a sudden end may leave half written: one of each thread. */
const HALF_WRITTEN = 64;

interface Account {
  records: number;
  lost: number;
  notWritten: number;
}

export class Ledger {
  /** Time of the newest record. */
  newest = 0;
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
      this.newest = Math.max(this.newest, Number(view.getBigUint64(offset + RECORD.at, true)));
    }
  }

  /** Records that were told as lost. */
  get lost(): number {
    let sum = 0;
    for (const { lost, notWritten } of this.#streams.values()) sum += lost + notWritten;
    return sum;
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
