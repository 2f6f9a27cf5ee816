/** A thread or a task of the trace, with what it does right now. */
import type { OpenWait } from '../facts/waits.ts';
import type { TracedObject } from './object.ts';
import type { Stream } from './stream.ts';
import type { HeldLock } from './tables.ts';

export class Actor {
  /** Index into `trace.actors`. */
  readonly index: number;
  readonly kind: 'thread' | 'task';
  readonly stream: Stream;
  /** Id inside its stream, without TASK_BIT. */
  readonly id: number;
  name = '';
  /** String index of a task's coroutine, or of what a thread runs. */
  target = 0;
  daemon = false;
  main = false;
  /** Pool whose worker it is. */
  pool: TracedObject | undefined;
  /** The loop of a task, or the loop a thread runs now. */
  loop: TracedObject | undefined;
  creator: Actor | undefined;
  createStack = 0;
  startNs: number;
  /** Undefined until it was seen to end. */
  endNs: number | undefined;
  /** Of its latest record. */
  lastNs: number;
  wait: OpenWait | undefined;
  /** Queue, event, barrier or the like that it waited for last. */
  lastQueue: TracedObject | undefined;
  /** A task is suspended here since its last step, when it said so (0 = not said). */
  suspendedStack = 0;
  suspendedNs = -1;
  /** What it took and has not given back, by its acquire records, outermost first. */
  held: HeldLock[] | undefined;
  lockWaitNs = 0;
  otherWaitNs = 0;
  cpuNs = 0;
  /** Latest sampled stack and state. */
  sampleStack = 0;
  sampleState = 0;
  sampleNs = -1;
  /** Of it, what it used in looks that saw it running: who computes does so as long as it may. */
  runningCpuNs = 0;
  /** Share of its life that it ran or stood ready to, while others computed too; undefined where nobody counts that. */
  readyShare: number | undefined;
  /** CPU time by the stacks where it was seen to use some: the first dozens. */
  busyStacks: Map<number, number> | undefined;
  /** Items of a pool it runs now, by number. */
  runningItem = 0;
  /** String index of the function of that item. */
  runningTarget = 0;
  itemSubmitNs = -1;

  constructor(index: number, kind: 'thread' | 'task', stream: Stream, id: number, atNs: number) {
    this.index = index;
    this.kind = kind;
    this.stream = stream;
    this.id = id;
    this.startNs = atNs;
    this.lastNs = atNs;
  }

  get ended(): boolean {
    return this.endNs !== undefined;
  }
}
