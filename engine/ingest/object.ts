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
  /** Which of those made on its line it is, from 1, and how many there were when that was said; 0 where nobody counted. */
  nth = 0;
  among = 0;
  /** Where it was first waited for or taken, to name it by when its creation was not seen. */
  useStack = 0;
  /** Somebody waited for an item of this queue, and waits no more. */
  consumed = false;
  /** Waits for it that have not ended. */
  waiting: Set<OpenWait> | undefined;

  /** Facts of each concern, made when the first record of that concern comes. */
  lock: LockFacts | undefined;
  loop: LoopFacts | undefined;
  pool: PoolFacts | undefined;
  queue: QueueFacts | undefined;

  readonly #renamed: TracedObject[];

  /** @param renamed gets the object whenever what names it is known better. */
  constructor(index: number, stream: Stream, id: number, renamed: TracedObject[]) {
    this.index = index;
    this.stream = stream;
    this.id = id;
    this.streams = [stream];
    this.#renamed = renamed;
  }

  define(definition: ObjectDefinition, stack: number, partOf: TracedObject | undefined): void {
    this.type = definition.type;
    this.library = definition.library;
    // Other processes that know it know nothing of its making, nor how many workers a pool may have.
    if (stack !== 0 || this.stack === 0) {
      this.stack = stack;
      this.nth = definition.nth ?? 0;
      this.among = definition.among ?? 0;
    }
    this.address ||= definition.address ?? '';
    this.shared ||= definition.shared ?? '';
    this.peer ||= definition.peer ?? '';
    this.capacity = definition.capacity ?? this.capacity;
    this.partOf = partOf ?? this.partOf;
    this.givenName = definition.name || this.givenName;
    this.internal = definition.internal === true;
    this.#renamed.push(this);
  }

  /** Somebody waits for it here. */
  usedAt(stack: number): void {
    if (this.useStack !== 0 || stack === 0) return;
    this.useStack = stack;
    if (this.stack === 0) this.#renamed.push(this);
  }
}

/** One owner at a time; permits of semaphores have none. */
export function isMutex(object: TracedObject): boolean {
  return object.type === 'Lock' || object.type === 'RLock' || object.type === 'Condition';
}

/** Its work is done by other processes. */
export function isOfProcesses(object: TracedObject): boolean {
  return object.type === 'ProcessPoolExecutor' || object.type === 'Pool';
}
