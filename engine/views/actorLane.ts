/** Turns what is recorded of one thread or task into slices: samples are the ground, waits and steps lie on it. */
import { LONG_STEP, STATE } from '../../wire/panel.ts';
import { SAMPLE, WAIT } from '../../wire/recording.ts';
import { LONG_STEP_NS } from '../facts/loops.ts';
import type { Actor } from '../ingest/actor.ts';
import { isNode } from '../runtime.ts';
import type { Trace } from '../trace.ts';
import { isIdleStack, type Labels } from './labels.ts';
import { LaneSlices } from './laneSlices.ts';

/** Share of a sampling period on the CPU from which it counts as running. */
const RUNNING_SHARE = 0.5;
/** And below which nothing has run: those that many others keep from the GIL get more. */
const HARDLY_SHARE = 0.05;

/** A step's end is stamped this little after the end of the task that made it. */
const LATE_NS = 5e6;

/** What a wait looks like. */
export function waitState(kind: number): number {
  switch (kind) {
    case WAIT.acquire:
    case WAIT.semaphore:
      return STATE.lock;
    case WAIT.sleep:
    case WAIT.io:
    case WAIT.receive:
    case WAIT.send:
    case WAIT.await:
      return STATE.io;
    default:
      return STATE.waiting;
  }
}

export class ActorLane {
  readonly slices = new LaneSlices();
  readonly actor: Actor;
  /** Everything before is finished. */
  #cursor: number;
  /** State between waits, as the latest sample or event says. */
  #ground: number;
  #groundLabel = 0;
  #waitState = -1;
  #waitLabel = 0;
  #ended = false;
  /** An event loop runs in it: between its steps it waits for what comes. */
  loops = false;
  /** ns in steps of the loop since the last sample. */
  #stepped = 0;
  /** ns drawn as running since the last sample, and when that was. */
  #ran = 0;
  #sampledAt = 0;
  /** A step that still runs, longer than a loop may: since when and where. */
  #blockFrom = -1;
  #blockLabel = 0;
  /** Earliest time that changed since it was asked last. */
  dirtyFrom = 0;
  /** ns in waits for locks so far: orders lanes. */
  trouble = 0;

  /** @param lost nobody knows what it did before its first record. */
  constructor(actor: Actor, lost: boolean) {
    this.actor = actor;
    this.#cursor = Math.max(actor.startNs, actor.stream.startNs);
    // The threads of libuv are known by what they do alone.
    const idle = actor.kind === 'task' || (actor.pool !== undefined && isNode(actor.stream));
    this.#ground = lost ? STATE.unknown : idle ? STATE.idle : STATE.running;
  }

  get waiting(): boolean {
    return this.#waitState >= 0;
  }

  sample(
    trace: Trace,
    labels: Labels,
    at: number,
    stack: number,
    cpuUs: number,
    periodUs: number,
    aux: number,
  ): void {
    if (this.#ended) return;
    const busy = periodUs > 0 && cpuUs >= periodUs * RUNNING_SHARE;
    const running = aux === SAMPLE.running || busy;
    // A thread of Node without a stack stands in its loop.
    const looping = stack === 0 && !running && isNode(this.actor.stream);
    const idle = looping || isIdleStack(trace, stack);
    const state = running ? STATE.running : idle ? STATE.idle : STATE.io;
    const label = idle ? 0 : labels.running(stack);
    if (!this.loops && aux !== SAMPLE.running) this.#correct(cpuUs);
    if (this.#waitState < 0 && this.#blockFrom < 0) {
      // A sample speaks for its own period; what was missing before it stays so.
      if (this.#ground === STATE.unknown) this.#until(at - periodUs * 1e3, STATE.unknown, 0);
      // What was taken for running, as nothing else was known, and has hardly used the CPU, was at what it is at now. Where
      // nobody knows a thread's CPU time it is 0.
      const hardly = cpuUs > 0 && cpuUs * 1e3 < (at - this.#cursor) * HARDLY_SHARE;
      if (busy) this.#until(at, STATE.running, this.#groundLabel || label);
      else if (this.loops && cpuUs > 0 && this.#ground !== STATE.io)
        this.#untilLooped(at, cpuUs, label);
      else if (hardly && this.#ground === STATE.running) this.#until(at, state, label);
      else this.#until(at, this.#ground, this.#groundLabel);
    }
    // A loop's thread is looked at when it wakes: that it runs just then says nothing of what comes.
    this.#ground = this.loops && !busy && aux === SAMPLE.running ? STATE.idle : state;
    this.#groundLabel = this.#ground === state ? label : 0;
    this.#stepped = 0;
    this.#ran = 0;
    this.#sampledAt = at;
  }

  waitBegin(at: number, kind: number, label: number): void {
    if (this.#ended) return;
    if (this.#waitState < 0)
      this.#until(
        at,
        this.#ground === STATE.waiting ? STATE.running : this.#ground,
        this.#groundLabel,
      );
    // A pool's worker that waits for work is idle.
    const idle = kind === WAIT.get && this.actor.pool !== undefined;
    this.#waitState = idle ? STATE.idle : waitState(kind);
    this.#waitLabel = idle ? 0 : label;
    this.#cursor = Math.max(this.#cursor, at);
  }

  /** What the wait is for was told after it had begun. */
  waitsFor(label: number): void {
    if (this.#waitState >= 0 && this.#waitLabel !== 0) this.#waitLabel = label;
  }

  waitEnd(at: number): void {
    if (this.#waitState < 0) return;
    if (this.#waitState === STATE.lock) this.trouble += Math.max(0, at - this.#cursor);
    this.#until(at, this.#waitState, this.#waitLabel);
    this.#waitState = -1;
    this.#ground = this.actor.kind === 'task' ? STATE.idle : STATE.running;
    this.#groundLabel = 0;
  }

  gilWait(at: number, ns: number): void {
    if (this.#ended || this.#waitState >= 0) return;
    this.#until(at - ns, this.#ground, this.#groundLabel);
    this.#until(at, STATE.gil, 0);
  }

  /** Runs from here on: a task's step, an item of a pool. */
  runs(at: number, label: number): void {
    if (this.#ended) return;
    if (this.#waitState >= 0) this.waitEnd(at);
    this.#until(at, this.#ground, this.#groundLabel);
    this.#ground = STATE.running;
    this.#groundLabel = label;
  }

  /** Stands from here on: a task suspended, a worker without an item. */
  stands(at: number, state: number, label: number): void {
    if (this.#ended) return;
    if (this.#waitState >= 0) this.waitEnd(at);
    this.#until(at, this.#ground, this.#groundLabel);
    this.#ground = state;
    this.#groundLabel = label;
  }

  /** A step of a loop, told at its end: whatever was guessed of its time is taken back. */
  step(at: number, ns: number, label: number): void {
    const from = at - ns;
    // A task's last step is told after its end.
    if (this.#ended && at > this.#cursor + LATE_NS) return;
    this.#blockFrom = -1;
    const long = ns >= LONG_STEP_NS;
    if (from < this.#cursor && !this.#inWaits(from)) {
      this.slices.rewind(Math.max(from, this.actor.startNs));
      this.#cursor = Math.min(this.#cursor, Math.max(from, this.slices.end, this.actor.startNs));
      this.dirtyFrom = Math.min(this.dirtyFrom, from);
    }
    if (this.#waitState < 0 && !this.#ended) this.#until(from, this.#ground, this.#groundLabel);
    if (at > this.#cursor) {
      this.slices.push(
        Math.max(from, this.#cursor),
        at,
        long ? STATE.blocksLoop : STATE.running,
        label,
        long ? LONG_STEP : 0,
      );
      this.dirtyFrom = Math.min(this.dirtyFrom, from);
      this.#cursor = at;
    }
    if (long) this.trouble += ns;
    this.#stepped += ns;
    if (this.#ground === STATE.running) {
      this.#ground = STATE.idle;
      this.#groundLabel = 0;
    }
  }

  /** A step has run for `ns` and has not ended. */
  blocked(at: number, ns: number, label: number): void {
    if (this.#ended || ns < LONG_STEP_NS) return;
    if (this.#blockFrom < 0 && this.#waitState < 0) {
      this.slices.rewind(at - ns);
      this.#cursor = Math.max(at - ns, this.slices.end, this.actor.startNs);
    }
    this.#blockFrom = at - ns;
    this.#blockLabel = label;
  }

  /** Records are missing from here on: until the next one nobody knows what it does, unless it was seen to wait. */
  lose(at: number): void {
    if (this.#ended) return;
    if (this.#waitState < 0) this.#until(at, this.#ground, this.#groundLabel);
    this.#ground = STATE.unknown;
    this.#groundLabel = 0;
    this.#blockFrom = -1;
  }

  end(at: number): void {
    if (this.#ended) return;
    if (this.#waitState >= 0) this.waitEnd(at);
    else this.#until(at, this.#ground, this.#groundLabel);
    this.#ended = true;
  }

  /**
   * Brings `spans` up to `now`. The running end is deadlocked or unknown when the caller knows so.
   * @returns how many of the former slices stay.
   */
  flush(now: number, openState: number): number {
    if (this.#ended || now <= this.#cursor) return this.slices.flush(undefined);
    const blocked = this.#blockFrom >= 0;
    const known =
      this.#waitState >= 0 ? this.#waitState : blocked ? STATE.blocksLoop : this.#ground;
    const state =
      openState >= 0 && (openState !== STATE.deadlocked || this.#waitState >= 0)
        ? openState
        : known;
    const label =
      this.#waitState >= 0 ? this.#waitLabel : blocked ? this.#blockLabel : this.#groundLabel;
    this.dirtyFrom = Math.min(this.dirtyFrom, this.#cursor);
    if (state === STATE.idle) return this.slices.flush(undefined);
    return this.slices.flush({
      start: this.#cursor,
      end: now,
      state,
      label,
      mark: blocked ? LONG_STEP : 0,
    });
  }

  /** Steps lie over samples, never over waits that were recorded. */
  #inWaits(from: number): boolean {
    return this.#waitState >= 0 && this.#cursor <= from;
  }

  /** Between its waits it was taken for running, as nothing else was known; it has hardly used the CPU, so it slept or read. */
  #correct(cpuUs: number): void {
    if (cpuUs === 0 || cpuUs * 1e3 >= this.#ran * HARDLY_SHARE) return;
    this.slices.restate(this.#sampledAt, STATE.running, STATE.io);
    this.dirtyFrom = Math.min(this.dirtyFrom, this.#sampledAt);
  }

  /** So long as it used the CPU it ran; where in the period nobody knows, so it stands at its end. */
  #untilLooped(at: number, cpuUs: number, label: number): void {
    const ran = Math.max(0, cpuUs * 1e3 - this.#stepped);
    this.#until(at - ran, STATE.idle, 0);
    this.#until(at, STATE.running, label);
  }

  #until(at: number, state: number, label: number): void {
    if (at <= this.#cursor) return;
    if (state !== STATE.idle) this.slices.push(this.#cursor, at, state, label);
    if (state === STATE.running) this.#ran += at - this.#cursor;
    this.dirtyFrom = Math.min(this.dirtyFrom, this.#cursor);
    this.#cursor = at;
  }
}
