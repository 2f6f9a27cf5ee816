/** One process's stream: its ring and its definitions read together, so that nothing is used before it is defined. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import type { Batch } from '../wire/batch.ts';
import { DefinitionsReader } from './definitionsReader.ts';
import type { RingHeader } from './ringHeader.ts';
import { RingReader } from './ringReader.ts';

/** A stream that said goodbye may still owe a record that was claimed and never written. */
const PATIENCE_AFTER_CLOSE_MS = 500;

export class StreamReader implements Disposable {
  readonly stream: string;
  readonly #folder: string;
  readonly #open: number[] = [];
  #ring: RingReader | undefined;
  #definitions: DefinitionsReader | undefined;
  #told: RingHeader | undefined;
  #lastProgress = 0;
  #ended = false;

  constructor(folder: string, stream: string) {
    this.#folder = folder;
    this.stream = stream;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The next piece, at most 1 MiB of records with their definitions before them; nothing when nothing is new.
   * @throws RecordingError when the stream is of a newer version than we read.
   */
  *step(nowMs: number, final: boolean): Generator<Batch> {
    if (this.#ended) return;
    // Records first, then the definitions that were written before them, then the records go out.
    const records = this.#openRing()?.read(nowMs, final) ?? [];
    let progress = records.length > 0;
    for (const batch of this.#openDefinitions()?.read() ?? []) {
      progress = true;
      yield batch;
    }
    yield* records;
    const header = this.#ring?.header;
    if (header !== undefined && isNews(header, this.#told)) {
      this.#told = header;
      yield {
        type: 'header',
        stream: this.stream,
        pid: header.pid,
        startedAt: header.startedAt,
        closedAt: header.closedAt,
        overheadNs: header.overheadNs,
        dropped: header.dropped,
      };
    }
    if (progress) this.#lastProgress = nowMs;
    else if (final || this.#isDone(header, nowMs)) yield this.#end();
  }

  /** Nothing more is read of it. */
  giveUp(): void {
    this.#ended = true;
    this.dispose();
  }

  dispose(): void {
    for (const fd of this.#open.splice(0)) closeSync(fd);
  }

  #isDone(header: RingHeader | undefined, nowMs: number): boolean {
    if (header === undefined || header.closedAt === 0 || this.#ring === undefined) return false;
    return (
      this.#ring.position >= header.head || nowMs - this.#lastProgress > PATIENCE_AFTER_CLOSE_MS
    );
  }

  #end(): Batch {
    this.giveUp();
    return { type: 'end', stream: this.stream, closed: (this.#told?.closedAt ?? 0) !== 0 };
  }

  #openRing(): RingReader | undefined {
    if (this.#ring === undefined) {
      const fd = this.#tryOpen('.ring');
      if (fd !== undefined) this.#ring = new RingReader(this.stream, fd);
    }
    return this.#ring;
  }

  #openDefinitions(): DefinitionsReader | undefined {
    if (this.#definitions === undefined) {
      const fd = this.#tryOpen('.defs');
      if (fd !== undefined) this.#definitions = new DefinitionsReader(this.stream, fd);
    }
    return this.#definitions;
  }

  /** Undefined while the file does not exist, or this process has too many files open: tried again at the next step. */
  #tryOpen(extension: string): number | undefined {
    try {
      const fd = openSync(join(this.#folder, this.stream + extension), 'r');
      this.#open.push(fd);
      return fd;
    } catch {
      return undefined;
    }
  }
}

function isNews(header: RingHeader, told: RingHeader | undefined): boolean {
  return (
    told === undefined ||
    header.closedAt !== told.closedAt ||
    header.overheadNs !== told.overheadNs ||
    header.dropped !== told.dropped
  );
}
