/** A tiny second probe: writes streams as FORMAT.md says, for tests of whoever reads them. */
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Definition, Manifest } from '../../wire/recording.ts';
import {
  KIND,
  RECORD,
  RECORD_BYTES,
  RECORDING_VERSION,
  RING_HEADER,
  RING_HEADER_BYTES,
  RING_MAGIC,
} from '../../wire/recording.ts';

export interface Entry {
  readonly kind?: number;
  readonly aux?: number;
  readonly actor?: number;
  readonly at?: number;
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
}

export interface RingOptions {
  readonly pid?: number;
  readonly startedAt?: number;
  /** Slots of the ring once it stops growing; it grows one slot at a time without it. */
  readonly capacity?: number;
  readonly version?: number;
}

const SEQ_CYCLE = 2 ** 32 - 1;

export class RingWriter {
  readonly stream: string;
  readonly #ring: number;
  readonly #definitions: string;
  readonly #capacity: number;
  position: number;

  constructor(folder: string, options: RingOptions = {}, firstPosition = 0) {
    const {
      pid = 4711,
      startedAt = 1_000_000,
      capacity = 0,
      version = RECORDING_VERSION,
    } = options;
    this.stream = `${pid}-${startedAt.toString(16)}`;
    this.#capacity = capacity;
    this.position = firstPosition;
    this.#ring = openSync(join(folder, `${this.stream}.ring`), 'w+');
    this.#definitions = join(folder, `${this.stream}.defs`);
    writeFileSync(this.#definitions, '');
    ftruncateSync(this.#ring, RING_HEADER_BYTES + capacity * RECORD_BYTES);
    writeSync(this.#ring, Buffer.from(RING_MAGIC, 'latin1'), 0, 8, RING_HEADER.magic);
    this.#writeInt(RING_HEADER.version, version, 4);
    this.#writeInt(RING_HEADER.recordBytes, RECORD_BYTES, 4);
    this.header('pid', pid);
    this.header('startedAt', startedAt);
    this.header('capacity', capacity);
  }

  header(field: keyof typeof RING_HEADER, value: number): void {
    this.#writeInt(RING_HEADER[field], value, 8);
  }

  define(definition: Definition): void {
    this.defineRaw(`${JSON.stringify(definition)}\n`);
  }

  defineRaw(text: string): void {
    appendFileSync(this.#definitions, text);
  }

  /** `at` and `a` are the position unless given, so that readers can be held against it. */
  write(entry: Entry = {}): void {
    const position = this.claim();
    this.writeAt(position, entry);
  }

  /** Takes a position without writing it: a thread that died in between. */
  claim(): number {
    return this.position++;
  }

  writeAt(position: number, entry: Entry = {}): void {
    const bytes = Buffer.alloc(RECORD_BYTES);
    const lap = this.#capacity === 0 ? 0 : Math.floor(position / this.#capacity);
    bytes.writeUInt8(entry.kind ?? KIND.mark, RECORD.kind);
    bytes.writeUInt8(lap % 256, RECORD.lap);
    bytes.writeUInt16LE(entry.aux ?? 0, RECORD.aux);
    bytes.writeUInt32LE(entry.actor ?? 1, RECORD.actor);
    bytes.writeBigUInt64LE(BigInt(entry.at ?? position), RECORD.at);
    bytes.writeUInt32LE(entry.a ?? position % 2 ** 32, RECORD.a);
    bytes.writeUInt32LE(entry.b ?? 0, RECORD.b);
    bytes.writeUInt32LE(entry.c ?? 0, RECORD.c);
    bytes.writeUInt32LE(1 + (position % SEQ_CYCLE), RECORD.seq);
    const slot = this.#capacity === 0 ? position : position % this.#capacity;
    writeSync(this.#ring, bytes, 0, RECORD_BYTES, RING_HEADER_BYTES + slot * RECORD_BYTES);
  }

  /** Stamps the head, and the goodbye. */
  close(at = 2_000_000): void {
    this.header('head', this.position);
    this.header('closedAt', at);
    this.end();
  }

  /** Lets go of the file without a goodbye. */
  end(): void {
    closeSync(this.#ring);
  }

  #writeInt(offset: number, value: number, size: 4 | 8): void {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUInt32LE(value);
    writeSync(this.#ring, bytes, 0, size, offset);
  }
}

/** A new folder with a manifest in it. */
export function recordingFolder(manifest: Partial<Manifest> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  mkdirSync(folder, { recursive: true });
  const whole: Manifest = {
    format: 'interleave',
    version: RECORDING_VERSION,
    command: ['python3', 'program.py'],
    cwd: '/',
    startedAt: { monotonic: 500_000, wall: 1.8e18 },
    budgetBytes: 1 << 28,
    host: { platform: 'linux', arch: 'x64', cores: 2 },
    exit: { code: 0, signal: null, reason: 'exited' },
    durationNs: 5_000_000,
    ...manifest,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(whole));
  return folder;
}
