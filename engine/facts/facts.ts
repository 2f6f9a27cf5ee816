/** Everything that follows from the records so far, kept up to date record by record; bounded by what is distinct. */
import type { TracedObject } from '../ingest/object.ts';
import type { ProcessEnd } from '../ingest/stream.ts';
import { CpuFacts } from './cpu.ts';
import { Failures } from './failures.ts';
import { HappensBefore } from './happensBefore.ts';
import { LockFacts } from './locks.ts';
import { LoopFacts } from './loops.ts';
import { Notes } from './notes.ts';
import { OrderFacts } from './order.ts';
import { PoolFacts } from './pools.ts';
import { QueueFacts } from './queues.ts';
import { TaskFacts } from './tasks.ts';
import { WaitFacts } from './waits.ts';

/** A process that another started, as its starter said. */
export interface ChildStart {
  readonly pid: number;
  readonly parentPid: number;
  readonly at: number;
  /** Of START; fork for processFork. */
  readonly how: number;
  readonly stack: number;
}

/** Threads of one line that lived for less than a second. */
export interface ShortThreads {
  count: number;
  lifeNs: number;
  readonly first: number;
  last: number;
  /** Workers of Node, each with an engine of its own. */
  readonly workers: boolean;
  /** The pools whose workers they were; a hundred at most. */
  readonly pools: Set<TracedObject>;
}

export class Facts {
  readonly waits = new WaitFacts();
  readonly tasks = new TaskFacts();
  readonly cpu = new CpuFacts();
  readonly order = new OrderFacts();
  readonly before = new HappensBefore();
  readonly notes = new Notes();
  readonly failures = new Failures();
  readonly locks: LockFacts[] = [];
  readonly loops: LoopFacts[] = [];
  readonly pools: PoolFacts[] = [];
  readonly queues: QueueFacts[] = [];
  /** By process id. */
  readonly children = new Map<number, ChildStart>();
  /** Ends of processes as others saw them, by process id. */
  readonly processEnds = new Map<number, ProcessEnd>();
  threadsStarted = 0;
  /** Lifetimes of threads that ended within a second: start stacks and how many. */
  readonly shortThreads = new Map<number, ShortThreads>();

  lock(object: TracedObject): LockFacts {
    if (object.lock === undefined) {
      object.lock = new LockFacts(object);
      this.locks.push(object.lock);
    }
    return object.lock;
  }

  loop(object: TracedObject): LoopFacts {
    if (object.loop === undefined) {
      object.loop = new LoopFacts(object);
      this.loops.push(object.loop);
    }
    return object.loop;
  }

  pool(object: TracedObject): PoolFacts {
    if (object.pool === undefined) {
      object.pool = new PoolFacts(object);
      this.pools.push(object.pool);
    }
    return object.pool;
  }

  queue(object: TracedObject): QueueFacts {
    if (object.queue === undefined) {
      object.queue = new QueueFacts(object);
      this.queues.push(object.queue);
    }
    return object.queue;
  }
}
