/** Writes definitions and record bytes as a probe does, with names in place of ids. Tests draw with it. */

import { Trace, type TraceOptions } from '../../engine/trace.ts';
import type { Batch } from '../../wire/batch.ts';
import {
  KIND,
  type Kind,
  type Manifest,
  RECORD,
  RECORD_BYTES,
  TASK_BIT,
} from '../../wire/recording.ts';

/** Monotonic ns of the drawn world's beginning. */
const ORIGIN = 5_000_000_000_000;

/** Of a run of a tenth of a second that ended well. */
export const MANIFEST: Manifest = {
  format: 'interleave',
  version: 1,
  command: ['python3', 'demo.py'],
  cwd: '/app',
  startedAt: { monotonic: 0, wall: 0 },
  budgetBytes: 1 << 28,
  exit: { code: 0, signal: null, reason: 'exited' },
  durationNs: 100e6,
  host: { platform: 'linux', arch: 'x64', cores: 4 },
};

export interface Words {
  readonly aux?: number;
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
}

export interface FrameText {
  readonly file?: string;
  readonly line: number;
  readonly function?: string;
}

/** One process. Times are ns since trace start. */
export class StreamWriter {
  readonly name: string;
  readonly pid: number;
  readonly #send: (batch: Batch) => void;
  readonly #ids = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #definitions: string[] = [];
  #records: Uint8Array[] = [];

  constructor(send: (batch: Batch) => void, pid: number, process: object = {}, image = 1) {
    this.pid = pid;
    // By its start: a process that executes another program begins anew.
    this.name = `${pid}-${image}f`;
    this.#send = send;
    this.define({
      def: 'process',
      pid,
      ppid: 1,
      runtime: 'python',
      version: '3.11.7',
      executable: 'python3',
      argv: [],
      core: 'python',
      detail: 'default',
      blind: [],
      gil: true,
      cores: 4,
      clock: { monotonic: ORIGIN, wall: 0 },
      ...process,
    });
  }

  define(line: object): void {
    this.#definitions.push(JSON.stringify(line));
  }

  thread(name: string, more: object = {}): number {
    return this.#named('thread', name, (id) => ({
      def: 'thread',
      id,
      name,
      daemon: false,
      main: name === 'main',
      ...more,
    }));
  }

  /** With TASK_BIT, as records carry it. */
  task(name: string, loop = 0): number {
    const id = this.#named('task', name, (task) => ({ def: 'task', id: task, name, loop }));
    return (id | TASK_BIT) >>> 0;
  }

  object(name: string, type = 'Lock', more: object = {}): number {
    return this.#named('object', name, (id) => ({
      def: 'object',
      id,
      type,
      library: 'threading',
      stack: 0,
      name,
      ...more,
    }));
  }

  string(text: string): number {
    return this.#named('string', text, (id) => ({ def: 'string', id, text }));
  }

  stack(...frames: readonly FrameText[]): number {
    const sites = frames.map((frame) => {
      const file = frame.file ?? '/app/demo.py';
      const key = `${file}:${frame.line}:${frame.function ?? 'run'}`;
      return this.#named('site', key, (id) => ({
        def: 'site',
        id,
        file,
        line: frame.line,
        function: frame.function ?? 'run',
      }));
    });
    return this.#named('stack', sites.join(), (id) => ({ def: 'stack', id, sites }));
  }

  chain(held: readonly (readonly [number, number])[]): number {
    return this.#named('chain', JSON.stringify(held), (id) => ({ def: 'chain', id, held }));
  }

  record(at: number, kind: Kind | number, actor: number, words: Words = {}): void {
    const bytes = new Uint8Array(RECORD_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint8(RECORD.kind, kind);
    view.setUint16(RECORD.aux, words.aux ?? 0, true);
    view.setUint32(RECORD.actor, actor, true);
    view.setBigUint64(RECORD.at, BigInt(Math.round(ORIGIN + at)), true);
    view.setUint32(RECORD.a, words.a ?? 0, true);
    view.setUint32(RECORD.b, words.b ?? 0, true);
    view.setUint32(RECORD.c, words.c ?? 0, true);
    view.setUint32(RECORD.seq, 1, true);
    this.#records.push(bytes);
  }

  /** Hands on what was written since the last time: definitions first, as FORMAT.md promises. */
  flush(): void {
    if (this.#definitions.length > 0) {
      const text = `${this.#definitions.join('\n')}\n`;
      this.#send({ type: 'definitions', stream: this.name, text });
      this.#definitions = [];
    }
    if (this.#records.length === 0) return;
    const bytes = new Uint8Array(this.#records.length * RECORD_BYTES);
    this.#records.forEach((record, index) => {
      bytes.set(record, index * RECORD_BYTES);
    });
    this.#send({ type: 'records', stream: this.name, bytes });
    this.#records = [];
  }

  /** The process says goodbye, as a program does that ends by itself. */
  goodbye(at: number): void {
    this.record(at, KIND.exit, 0, { aux: 1 });
    this.flush();
    this.#send({ type: 'end', stream: this.name, closed: true });
  }

  /** Records between those written so far and those to come are missing. */
  lost(reason: 'overwritten' | 'torn' | 'corrupt', count: number): void {
    this.#send({ type: 'loss', stream: this.name, reason, count });
  }

  /** The process was killed. */
  killed(): void {
    this.flush();
    this.#send({ type: 'end', stream: this.name, closed: false });
  }

  #named(kind: string, name: string, define: (id: number) => object): number {
    const key = `${kind}:${name}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, id);
    this.#ids.set(key, id);
    this.define(define(id));
    return id;
  }
}

/** A world of processes that writes into one trace. */
export class TraceWriter {
  readonly trace: Trace;
  readonly streams: StreamWriter[] = [];

  constructor(options: TraceOptions = {}) {
    this.trace = new Trace(options);
  }

  process(pid = 100 + this.streams.length, more: object = {}): StreamWriter {
    const image = 1 + this.streams.filter((other) => other.pid === pid).length;
    const stream = new StreamWriter((batch) => this.trace.add(batch), pid, more, image);
    this.streams.push(stream);
    return stream;
  }

  flush(): void {
    for (const stream of this.streams) stream.flush();
  }
}
