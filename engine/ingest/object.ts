/** Anything waited for: a lock, queue, pool, loop or connection. Equal `shared` names in two streams are one object here. */
import type { ObjectDefinition, ObjectType } from '../../wire/recording.ts';
import type { LockFacts } from '../facts/locks.ts';
import type { LoopFacts } from '../facts/loops.ts';
import type { PoolFacts } from '../facts/pools.ts';
import type { QueueFacts } from '../facts/queues.ts';
import type { OpenWait } from '../facts/waits.ts';
import type { Stream } from './stream.ts';

export class TracedObject {
  /** Index into `trace.objects`. */
  readonly index: number;
  /** Stream that defined it first. */
  readonly stream: Stream;
  /** Id inside that stream. */
  readonly id: number;
  /** Every stream that knows it. */
  readonly streams: Stream[];
  type: ObjectType = 'Other';
  library = '';
  /** Stack of its creation. */
  stack = 0;
  address = '';
  shared = '';
  peer = '';
  capacity: number | undefined;
  partOf: TracedObject | undefined;
  /** Name the program gave it. */
  givenName = '';
  internal = false;
  /** Where it was first waited for or taken, to name it by when its creation was not seen. */
  useStack = 0;
  /** Waits for it that have not ended. */
  waiting: Set<OpenWait> | undefined;

  /** Facts of each concern, made when the first record of that concern comes. */
  lock: LockFacts | undefined;
  loop: LoopFacts | undefined;
  pool: PoolFacts | undefined;
  queue: QueueFacts | undefined;

  constructor(index: number, stream: Stream, id: number) {
    this.index = index;
    this.stream = stream;
    this.id = id;
    this.streams = [stream];
  }

  define(definition: ObjectDefinition, stack: number, partOf: TracedObject | undefined): void {
    this.type = definition.type;
    this.library = definition.library;
    if (stack !== 0) this.stack = stack;
    this.address = definition.address ?? '';
    this.shared = definition.shared ?? '';
    this.peer = definition.peer ?? '';
    this.capacity = definition.capacity;
    this.partOf = partOf;
    this.givenName = definition.name ?? '';
    this.internal = definition.internal === true;
  }
}
