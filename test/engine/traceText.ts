/**
 * Traces drawn in text: a row an actor, a column a step of 50 ms, every cell one thing it does at its own line of
 * /app/demo.py: row 2, column 3 is line 203 (both counted from 1).
 *
 *     A = Lock            objects: NAME = TYPE[:capacity]; a TYPE with a dot says its library: asyncio.Lock
 *     main    start:w A+ .
 *     w       .       .  A?        w waits for A, which main holds: owners are said as a probe would say them
 *
 * Rows: `main` the main thread, `@x` a task of the loop L in main, `x~` a daemon, `x[P]` a worker of pool P, `x%2` a thread of a second process.
 * Cells: `.` nothing · `A+` takes A · `A-` gives it back · `A?` waits for A · `A?t` the same with a timeout · `A+t` tries to take it ·
 * `A!` gets what it waited for · `q?get` waits otherwise (a name of WAIT) · `!` the wait ends · `join:x` `result:x` `await:x` wait for x ·
 * `queued:P` waits for an item in P's queue · `loop:L` waits for L · `process:2` waits for the end of process 2 · `sleep` `io` ·
 * `start:x` starts x · `fork:2` starts process 2 · `end` ends · `begin:P` `done:P` begins and ends an item of P · `idle:L:timers:files` the loop has nothing to run.
 */
import type { Trace, TraceOptions } from '../../engine/trace.ts';
import { ACQUIRE, KIND, OWNER, OWNER_REFRESH, WAIT, WAIT_TIMEOUT } from '../../wire/recording.ts';
import { type StreamWriter, TraceWriter } from './traceWriter.ts';

export const STEP_NS = 50e6;

interface Row {
  readonly name: string;
  readonly actor: number;
  readonly stream: StreamWriter;
  readonly task: boolean;
  readonly cells: readonly string[];
  readonly number: number;
  readonly held: { object: string; stack: number }[];
  wait: DrawnWait | undefined;
  ended: boolean;
  item: number;
}

interface DrawnWait {
  readonly object: string;
  /** Who could end it, asked anew at every step. */
  readonly owners: () => readonly (readonly [kind: number, id: number, stack: number])[];
}

interface DrawnObject {
  readonly name: string;
  readonly type: string;
  readonly library: string;
  readonly capacity: number | undefined;
}

export interface DrawingOptions extends TraceOptions {
  /** How long the world stands still after the last column, ms. Waits are told of meanwhile. */
  readonly after?: number;
  /** Leaves the streams without an end, as in a live run. */
  readonly live?: boolean;
  readonly process?: object;
}

/** Runs the drawing and gives the trace of it; the processes are killed at the end unless main ends. */
export function draw(text: string, options: DrawingOptions = {}): Trace {
  return new Drawing(text, options).run(options);
}

class Drawing {
  readonly #writer: TraceWriter;
  readonly #rows: Row[] = [];
  readonly #objects = new Map<string, DrawnObject>();
  readonly #streams: StreamWriter[] = [];
  #at = 0;

  constructor(text: string, options: DrawingOptions) {
    this.#writer = new TraceWriter(options);
    this.#streams.push(this.#writer.process(100, options.process));
    for (const line of text.split('\n').map((one) => one.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      const declared = /^(\w+) = ([\w.]+)(?::(\d+))?$/.exec(line);
      if (declared === null) this.#addRow(line);
      else {
        const [, name = '', full = '', capacity] = declared;
        const dot = full.lastIndexOf('.');
        this.#objects.set(name, {
          name,
          type: full.slice(dot + 1),
          library: dot < 0 ? 'threading' : full.slice(0, dot),
          capacity: capacity === undefined ? undefined : Number(capacity),
        });
      }
    }
  }

  run(options: DrawingOptions): Trace {
    const columns = Math.max(0, ...this.#rows.map((row) => row.cells.length));
    for (const row of this.#rows) if (row.task) this.#loopOf(row);
    for (let column = 0; column < columns; column++) {
      this.#at = (column + 1) * STEP_NS;
      for (const row of this.#rows) this.#cell(row, row.cells[column] ?? '.', column + 1);
      this.#repeatOwners();
      this.#writer.flush();
    }
    const end = this.#at + (options.after ?? 0) * 1e6;
    while (this.#at < end) {
      this.#at += STEP_NS;
      this.#repeatOwners();
      this.#writer.flush();
    }
    if (options.live !== true) this.#finish();
    return this.#writer.trace;
  }

  #finish(): void {
    for (const stream of this.#streams) {
      const main = this.#rows.find((row) => row.stream === stream && row.name === 'main');
      if (main?.ended) stream.goodbye(this.#at);
      else stream.killed();
    }
  }

  #addRow(line: string): void {
    const [label = '', ...cells] = line.split(/\s+/);
    const match = /^(@?)(\w+)(~?)(?:\[(\w+)\])?(?:%(\d))?$/.exec(label);
    if (match === null) throw new Error(`"${label}" is no row.`);
    const [, at, name = '', daemon, pool, process] = match;
    const stream = this.#stream(Number(process ?? 1));
    const task = at === '@';
    const actor = task
      ? stream.task(name, this.#object(stream, 'L'))
      : stream.thread(name, {
          daemon: daemon === '~',
          main: name.startsWith('main'),
          ...(pool === undefined ? {} : { pool: this.#object(stream, pool) }),
        });
    const number = this.#rows.length + 1;
    const more = { held: [], wait: undefined, ended: false, item: 0 };
    this.#rows.push({ name, actor, stream, task, cells, number, ...more });
  }

  #stream(number: number): StreamWriter {
    while (this.#streams.length < number)
      this.#streams.push(this.#writer.process(100 + this.#streams.length));
    return this.#streams[number - 1]!;
  }

  #object(stream: StreamWriter, name: string): number {
    const known = this.#objects.get(name);
    const type = known?.type ?? TYPES[name[0] ?? ''] ?? 'Lock';
    const library = known?.library ?? (type === 'EventLoop' ? 'asyncio' : 'threading');
    return stream.object(name, type, {
      library,
      ...(known?.capacity === undefined ? {} : { capacity: known.capacity }),
      ...(library.startsWith('multiprocessing') ? { shared: `os:${name}` } : {}),
    });
  }

  #loopOf(row: Row): number {
    const loop = this.#object(row.stream, 'L');
    const main = this.#rows.find((one) => one.stream === row.stream && one.name.startsWith('main'));
    row.stream.record(0, KIND.loopStart, main?.actor ?? row.stream.thread('main'), { a: loop });
    return loop;
  }

  #row(name: string): Row {
    const row = this.#rows.find((one) => one.name === name);
    if (row === undefined) throw new Error(`There is no row "${name}".`);
    return row;
  }

  #cell(row: Row, cell: string, column: number): void {
    if (cell === '.') return;
    const line = row.number * 100 + column;
    const stack = row.stream.stack({ line, function: row.name });
    const [word = '', ...args] = cell.split(':');
    const lock = /^(\w+)([+!?-])(\w*)$/.exec(word);
    if (lock !== null) this.#lock(row, lock[1]!, lock[2]!, lock[3]!, stack);
    else this.#word(row, word, args, stack);
  }

  #lock(row: Row, name: string, what: string, more: string, stack: number): void {
    const { stream, actor } = row;
    const a = this.#object(stream, name);
    const timed = more === 't';
    if (what === '-') {
      const held = row.held.findIndex((one) => one.object === name);
      row.held.splice(held, held < 0 ? 0 : 1);
      stream.record(this.#at, KIND.release, actor, { a });
      return;
    }
    if (what === '?') {
      const wait = WAIT[(timed || more === '' ? 'acquire' : more) as keyof typeof WAIT];
      this.#begin(row, wait, name, timed, stack, () => this.#holders(row, name));
      return;
    }
    if (what === '!') this.#end(row);
    // Of locks that processes share a probe writes every acquire, and no nest.
    const shared = this.#objects.get(name)?.library.startsWith('multiprocessing') === true;
    if (row.held.length > 0 && !shared) {
      const chain = row.held.map((one) => [this.#object(stream, one.object), one.stack] as const);
      const aux = timed ? ACQUIRE.timeout : 0;
      stream.record(this.#at, KIND.nest, actor, { a, b: stack, c: stream.chain(chain), aux });
    }
    row.held.push({ object: name, stack });
    stream.record(this.#at, KIND.acquire, actor, { a, b: stack });
  }

  /** Only those in the same process: of others a probe knows nothing. */
  #holders(waiter: Row, name: string) {
    return this.#rows.flatMap((row) =>
      row.stream !== waiter.stream
        ? []
        : row.held
            .filter((one) => one.object === name)
            .map((one) => [OWNER.holder, row.actor, one.stack] as const),
    );
  }

  #word(row: Row, word: string, args: readonly string[], stack: number): void {
    const { stream, actor } = row;
    const [first = '', second = '0', third = '0'] = args;
    const waitFor = (kind: number, owner: number, id: () => number) =>
      this.#begin(row, kind, '', false, stack, () => [[owner, id(), 0]]);
    switch (word) {
      case '!':
        this.#end(row);
        return;
      case 'join':
        waitFor(WAIT.join, OWNER.joined, () => this.#row(first).actor);
        return;
      case 'await':
        waitFor(WAIT.await, OWNER.joined, () => this.#row(first).actor);
        return;
      case 'result':
        waitFor(WAIT.result, OWNER.running, () => this.#row(first).actor);
        return;
      case 'queued':
        waitFor(WAIT.result, OWNER.queued, () => this.#object(stream, first));
        return;
      case 'loop':
        waitFor(WAIT.result, OWNER.loop, () => this.#object(stream, first));
        return;
      case 'process':
        waitFor(WAIT.processJoin, OWNER.process, () => this.#stream(Number(first)).pid);
        return;
      case 'sleep':
      case 'io':
        this.#begin(row, WAIT[word], '', false, stack, () => []);
        return;
      case 'start': {
        const child = this.#row(first);
        const kind = child.task ? KIND.taskCreate : KIND.threadStart;
        if (child.task) stream.record(this.#at, kind, actor, { a: child.actor, b: stack });
        else stream.record(this.#at, kind, child.actor, { a: actor, b: stack });
        return;
      }
      case 'fork': {
        const a = this.#stream(Number(first)).pid;
        stream.record(this.#at, KIND.processFork, actor, { a, b: stack });
        return;
      }
      case 'end':
        row.ended = true;
        stream.record(this.#at, row.task ? KIND.taskEnd : KIND.threadEnd, actor, {
          aux: row.task ? 1 : 0,
        });
        return;
      case 'begin':
      case 'done': {
        if (word === 'begin') row.item = row.number * 1000 + this.#at / STEP_NS;
        const a = this.#object(stream, first);
        const kind = word === 'begin' ? KIND.itemStart : KIND.itemEnd;
        stream.record(this.#at, kind, actor, { a, c: row.item });
        return;
      }
      case 'idle': {
        const a = this.#object(stream, first);
        const words = { a, b: Number(second), c: Number(third) };
        stream.record(this.#at, KIND.loopIdle, actor, words);
        return;
      }
      default:
        throw new Error(`"${word}" is no cell.`);
    }
  }

  #begin(
    row: Row,
    kind: number,
    object: string,
    timed: boolean,
    stack: number,
    owners: DrawnWait['owners'],
  ): void {
    const a = object === '' ? 0 : this.#object(row.stream, object);
    row.wait = { object, owners };
    row.stream.record(this.#at, KIND.waitBegin, row.actor, {
      a,
      b: stack,
      c: timed ? 500 : 0,
      aux: kind | (timed ? WAIT_TIMEOUT : 0),
    });
    this.#sayOwners(row, 0);
  }

  #end(row: Row): void {
    const a =
      row.wait === undefined || row.wait.object === ''
        ? 0
        : this.#object(row.stream, row.wait.object);
    row.wait = undefined;
    row.stream.record(this.#at, KIND.waitEnd, row.actor, { a, aux: 1 });
  }

  #sayOwners(row: Row, flag: number): void {
    const owners = row.wait!.owners();
    const object = row.wait!.object;
    const a = object === '' ? 0 : this.#object(row.stream, object);
    if (owners.length === 0 && flag !== 0)
      row.stream.record(this.#at, KIND.waitOwner, row.actor, { a, aux: flag });
    for (const [kind, c, b] of owners)
      row.stream.record(this.#at, KIND.waitOwner, row.actor, { a, b, c, aux: kind | flag });
  }

  #repeatOwners(): void {
    for (const row of this.#rows) if (row.wait !== undefined) this.#sayOwners(row, OWNER_REFRESH);
    // Somebody always says something: time goes on in a recording, also while everybody stands still.
    for (const stream of this.#streams) stream.record(this.#at, KIND.overhead, 0);
  }
}

/** What an undeclared name is by its first letter. */
const TYPES: Readonly<Record<string, string>> = {
  q: 'Queue',
  e: 'Event',
  c: 'Condition',
  b: 'Barrier',
  s: 'Semaphore',
  P: 'ThreadPoolExecutor',
  L: 'EventLoop',
  R: 'RLock',
};
