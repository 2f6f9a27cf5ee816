/** The records of a trace as typed arrays in chunks, with every id already trace-wide: 29 bytes a record. */

/** Rows in one chunk; `row >>> CHUNK_BITS` is its chunk, `row & CHUNK_MASK` the place inside. */
export const CHUNK_BITS = 16;
export const CHUNK_ROWS = 1 << CHUNK_BITS;
export const CHUNK_MASK = CHUNK_ROWS - 1;

export interface Chunk {
  /** A `KIND` of wire/recording.ts. */
  readonly kind: Uint8Array;
  readonly aux: Uint16Array;
  /** Index into `trace.streams`. */
  readonly stream: Uint16Array;
  /** Index into `trace.actors`; 0 is nobody. */
  readonly actor: Uint32Array;
  /** ns since trace start. */
  readonly at: Float64Array;
  /** As the table in ingest/fields.ts says: object, stack, string, actor or chain indexes of the trace, or plain numbers. */
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
}

export class Columns {
  readonly chunks: Chunk[] = [];
  #length = 0;

  /** Rows so far, in the order they were read: by stream in order of claiming, streams as they came. */
  get length(): number {
    return this.#length;
  }

  /** The chunk that takes the next row. Fill place `length & CHUNK_MASK`, then call `grow`. */
  open(): Chunk {
    const wanted = this.#length >>> CHUNK_BITS;
    if (wanted === this.chunks.length) this.chunks.push(newChunk());
    return this.chunks[wanted]!;
  }

  grow(rows = 1): void {
    this.#length += rows;
  }

  kind(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.kind[row & CHUNK_MASK]!;
  }
  aux(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.aux[row & CHUNK_MASK]!;
  }
  stream(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.stream[row & CHUNK_MASK]!;
  }
  actor(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.actor[row & CHUNK_MASK]!;
  }
  at(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.at[row & CHUNK_MASK]!;
  }
  a(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.a[row & CHUNK_MASK]!;
  }
  b(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.b[row & CHUNK_MASK]!;
  }
  c(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]!.c[row & CHUNK_MASK]!;
  }
}

function newChunk(): Chunk {
  return {
    kind: new Uint8Array(CHUNK_ROWS),
    aux: new Uint16Array(CHUNK_ROWS),
    stream: new Uint16Array(CHUNK_ROWS),
    actor: new Uint32Array(CHUNK_ROWS),
    at: new Float64Array(CHUNK_ROWS),
    a: new Uint32Array(CHUNK_ROWS),
    b: new Uint32Array(CHUNK_ROWS),
    c: new Uint32Array(CHUNK_ROWS),
  };
}
