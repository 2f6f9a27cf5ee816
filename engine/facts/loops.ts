/** What is known of one event loop: its lag, how busy it is, its long steps and where they were stuck. */
import { Histogram } from '../histogram.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';

/** A step that ran longer is a block; below it is a loop's everyday. */
export const LONG_STEP_NS = 100e6;
const MAX_LONG_STEPS = 2000;
const MAX_STACKS = 200;
const MAX_LAGS = 4096;

export interface StackTaken {
  readonly at: number;
  readonly stack: number;
  /** A native call that let nobody look had just come back. */
  readonly isAfter: boolean;
}

export interface LongStep {
  /** Who ran. */
  readonly actor: Actor | undefined;
  readonly fromNs: number;
  readonly toNs: number;
  /** What the probe said at its end; 0 if nothing. */
  readonly stack: number;
  readonly taken: readonly StackTaken[];
  /** The recording ended inside it. */
  readonly open: boolean;
}

export class LoopFacts {
  readonly object: TracedObject;
  thread: Actor | undefined;
  running = false;
  closed = false;
  startNs = 0;
  stopNs: number | undefined;
  readonly lag = new Histogram();
  lastLag: { readonly at: number; readonly ns: number } | undefined;
  busyNs = 0;
  idleNs = 0;
  turns = 0;
  readonly steps = new Histogram();
  longSteps = 0;
  readonly long: LongStep[] = [];
  longest: LongStep | undefined;
  /** Lateness ≥ 1 ms by time, for the loop-saturated rule: [at, ns, ready]. */
  readonly lags: { readonly at: number; readonly ns: number; readonly ready: number }[] = [];
  /** The loop said that it has nothing to run. */
  idle: { readonly at: number; readonly timers: number; readonly files: number } | undefined;
  /** The last sign that something ran on it. */
  activeNs = -1;
  #taken: StackTaken[] = [];
  /** Beginning of the running step, as the stacks taken in it say. */
  #blockNs = 0;
  #blockTo = 0;

  constructor(object: TracedObject) {
    this.object = object;
  }

  late(at: number, ns: number, ready: number): void {
    this.lag.add(ns);
    this.lastLag = { at, ns };
    if (this.lags.length < MAX_LAGS) this.lags.push({ at, ns, ready });
  }

  step(actor: Actor | undefined, at: number, stack: number, ns: number): void {
    this.activeNs = Math.max(this.activeNs, at);
    this.steps.add(ns);
    const fromNs = at - ns;
    if (ns >= LONG_STEP_NS) {
      // Stacks are taken by another thread: its clock reading may be a little before the step's own.
      const taken = this.#taken.filter((one) => one.at >= fromNs - 1e6 && one.at <= at + 1e6);
      const step: LongStep = { actor, fromNs, toNs: at, stack, taken, open: false };
      this.longSteps++;
      if (this.long.length < MAX_LONG_STEPS) this.long.push(step);
      if (this.longest === undefined || ns > this.longest.toNs - this.longest.fromNs)
        this.longest = step;
    }
    if (this.#taken.length > 0) this.#taken = this.#taken.filter((one) => one.at > at);
    if (this.#blockTo <= at) this.#blockTo = 0;
  }

  blocked(at: number, stack: number, ns: number, isAfter: boolean): void {
    this.activeNs = Math.max(this.activeNs, at);
    const from = at - ns;
    // A step seen to begin later is another step; the former one's end was not worth a record.
    if (this.#blockTo !== 0 && from > this.#blockNs + 20e6) this.#taken = [];
    this.#blockNs = from;
    this.#blockTo = at;
    if (this.#taken.length >= MAX_STACKS)
      this.#taken = this.#taken.filter((_, index) => index % 2 === 0);
    this.#taken.push({ at, stack, isAfter });
  }

  /** The step that has not ended, when it is long already. */
  get openStep(): LongStep | undefined {
    if (this.#blockTo === 0 || this.#blockTo - this.#blockNs < LONG_STEP_NS) return undefined;
    return {
      actor: this.thread,
      fromNs: this.#blockNs,
      toNs: this.#blockTo,
      stack: 0,
      taken: this.#taken,
      open: true,
    };
  }

  /** Nothing ran since the loop said that it is idle. */
  get isIdle(): boolean {
    return this.idle !== undefined && this.idle.at >= this.activeNs;
  }
}
