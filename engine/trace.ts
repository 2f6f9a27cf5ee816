/**
 * A recording in memory: batches in, columns, tables and running facts out. Costs per million records: 29 MB of
 * columns, plus what the definitions and distinct tasks weigh (about 250 bytes a task). Nothing is dropped silently: `refused` counts what could not be.
 */
import { assertNever } from '../base/assert.ts';
import type { Batch } from '../wire/batch.ts';
import type { Manifest, ProcessDefinition } from '../wire/recording.ts';
import { Facts } from './facts/facts.ts';
import { DeadlockWatch } from './graph/deadlockWatch.ts';
import { Actor } from './ingest/actor.ts';
import { Columns } from './ingest/columns.ts';
import { addDefinitions } from './ingest/definitions.ts';
import { TracedObject } from './ingest/object.ts';
import { addRecords } from './ingest/records.ts';
import { Stream } from './ingest/stream.ts';
import { ChainTable, SiteTable, StackTable, StringTable } from './ingest/tables.ts';

/** Reads a line (from 1) of a file of the profiled program; undefined when there is no such file or line. */
export type SourceLine = (file: string, line: number) => string | undefined;

export interface TraceOptions {
  /** Names of locks are read from the source when this is given. */
  readonly sourceLine?: SourceLine;
}

const MAX_ACTORS = 2_000_000;
const MAX_STREAMS = 65_535;

type Refusal = 'kind' | 'time' | 'record' | 'definition' | 'actor' | 'object' | 'stream';

export class Trace {
  readonly columns = new Columns();
  readonly strings = new StringTable();
  readonly sites = new SiteTable();
  readonly stacks = new StackTable();
  readonly chains = new ChainTable();
  readonly streams: Stream[] = [];
  /** Index 0 is nobody. */
  readonly actors: (Actor | undefined)[] = [undefined];
  /** Index 0 is none. */
  readonly objects: (TracedObject | undefined)[] = [undefined];
  /** Objects in the order in which what names them became known, again when it is known better. */
  readonly renamed: TracedObject[] = [];
  /** What follows from the records so far. */
  readonly facts = new Facts();
  /** Deadlocks seen while the records came in. */
  readonly watch = new DeadlockWatch();
  readonly sourceLine: SourceLine;
  manifest: Manifest | undefined;
  /** Monotonic ns of trace start; meaningless before `anchored`. */
  origin = 0;
  anchored = false;
  /** ns since trace start of the latest record. */
  endNs = 0;
  readonly refusals = new Map<Refusal, number>();

  readonly #streamsByName = new Map<string, Stream>();
  readonly #streamsByPid = new Map<number, Stream[]>();
  readonly #sharedObjects = new Map<string, TracedObject>();

  constructor(options: TraceOptions = {}) {
    this.sourceLine = options.sourceLine ?? (() => undefined);
  }

  add(batch: Batch): void {
    switch (batch.type) {
      case 'manifest':
        this.manifest = batch.manifest;
        // On macOS the launcher's clock runs on while the machine sleeps, and that of the probes does not.
        if (batch.manifest.host?.platform !== 'darwin')
          this.anchor(batch.manifest.startedAt?.monotonic);
        return;
      case 'definitions': {
        const stream = this.streamOf(batch.stream);
        if (stream !== undefined) addDefinitions(this, stream, batch.text);
        return;
      }
      case 'records': {
        const stream = this.streamOf(batch.stream);
        if (stream !== undefined) addRecords(this, stream, batch.bytes);
        return;
      }
      case 'loss':
        this.streamOf(batch.stream)?.lose(batch.reason, batch.count, this.columns.length);
        return;
      case 'header': {
        const stream = this.streamOf(batch.stream);
        if (stream === undefined) return;
        this.anchor(batch.startedAt);
        if (batch.pid > 0) stream.pid = batch.pid;
        stream.startNs = Math.max(0, batch.startedAt - this.origin);
        if (batch.closedAt > 0) stream.closedNs = Math.max(0, batch.closedAt - this.origin);
        stream.sawEnd(this.facts.processEnds.get(stream.pid));
        stream.overheadNs = batch.overheadNs;
        stream.losses.set('notWritten', batch.dropped);
        return;
      }
      case 'end': {
        const stream = this.streamOf(batch.stream);
        if (stream === undefined) return;
        stream.ended = true;
        if (batch.closed) stream.closedNs ??= stream.lastNs;
        return;
      }
      default:
        assertNever(batch);
    }
  }

  /** How many records and definitions were not what FORMAT.md allows. */
  get refused(): number {
    let sum = 0;
    for (const count of this.refusals.values()) sum += count;
    return sum;
  }

  /** Length of the recording so far, ns. */
  get durationNs(): number {
    return Math.max(this.endNs, this.manifest?.durationNs ?? 0);
  }

  actor(index: number): Actor | undefined {
    return this.actors[index];
  }

  object(index: number): TracedObject | undefined {
    return this.objects[index];
  }

  /** Fixes the trace's zero: the manifest's start when it came first, else the first time seen at all. */
  anchor(monotonic: number | undefined): void {
    if (this.anchored || monotonic === undefined || !Number.isFinite(monotonic) || monotonic < 0)
      return;
    this.origin = monotonic;
    this.anchored = true;
  }

  /** The same by the clocks of the first process that says its own. */
  anchorBy({ monotonic, wall }: ProcessDefinition['clock']): void {
    const started = this.manifest?.startedAt?.wall;
    const before = started === undefined || wall === 0 ? 0 : Math.max(0, wall - started);
    this.anchor(monotonic - before);
  }

  refuse(what: Refusal): void {
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }

  streamOf(name: string): Stream | undefined {
    const known = this.#streamsByName.get(name);
    if (known !== undefined) return known;
    if (this.streams.length >= MAX_STREAMS) {
      this.refuse('stream');
      return undefined;
    }
    const stream = new Stream(this.streams.length, name);
    this.streams.push(stream);
    this.#streamsByName.set(name, stream);
    const others = this.#streamsByPid.get(stream.pid);
    if (others === undefined) this.#streamsByPid.set(stream.pid, [stream]);
    else others.push(stream);
    return stream;
  }

  /** More than one when a process replaced its program, or an id came round again. */
  streamsOfPid(pid: number): readonly Stream[] {
    return this.#streamsByPid.get(pid) ?? [];
  }

  /** The thread of this id, made when it is new; undefined when there are too many actors. */
  threadOf(stream: Stream, id: number): Actor | undefined {
    const known = this.actors[stream.threadIds.get(id)];
    if (known !== undefined) return known;
    const thread = this.#newActor('thread', stream, id, Math.max(stream.lastNs, stream.startNs));
    if (thread === undefined) return undefined;
    stream.threadIds.set(id, thread.index);
    stream.threads.push(thread);
    return thread;
  }

  taskOf(stream: Stream, id: number, atNs: number): Actor | undefined {
    const known = this.actors[stream.taskIds.get(id)];
    if (known !== undefined) return known;
    const task = this.#newActor('task', stream, id, atNs);
    if (task !== undefined) stream.taskIds.set(id, task.index);
    return task;
  }

  objectOf(stream: Stream, id: number): TracedObject | undefined {
    return this.objects[stream.objectIds.get(id)];
  }

  /** The object of this id, made when it is new, or the one that has this `shared` name already. */
  defineObject(stream: Stream, id: number, shared: string): TracedObject | undefined {
    const known = this.objectOf(stream, id);
    if (known !== undefined) return known;
    let object = shared === '' ? undefined : this.#sharedObjects.get(shared);
    if (object === undefined) {
      object = new TracedObject(this.objects.length, stream, id, this.renamed);
      this.objects.push(object);
      if (shared !== '') this.#sharedObjects.set(shared, object);
    } else if (!object.streams.includes(stream)) {
      object.streams.push(stream);
    }
    stream.objectIds.set(id, object.index);
    return object;
  }

  /** The object of the operating system that has this `shared` name. */
  sharedObject(shared: string): TracedObject | undefined {
    return this.#sharedObjects.get(shared);
  }

  #newActor(kind: 'thread' | 'task', stream: Stream, id: number, atNs: number): Actor | undefined {
    if (this.actors.length >= MAX_ACTORS) {
      this.refuse('actor');
      return undefined;
    }
    const actor = new Actor(this.actors.length, kind, stream, id, atNs);
    this.actors.push(actor);
    return actor;
  }
}
