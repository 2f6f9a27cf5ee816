'use strict';
/** One thread of the program, the main one or a worker: its slot, its heartbeat, and how busy and late its loop is. */
const { openSync } = require('node:fs');
const { basename } = require('node:path');
const { performance } = require('node:perf_hooks');
const { AsyncResource, executionAsyncId } = require('node:async_hooks');
const { getEnvironmentData, threadId } = require('node:worker_threads');
const { KIND } = require('./kinds.cjs');
const { Definitions } = require('./definitions.cjs');
const { followAtomics } = require('./locks.cjs');
const { Shared, CONTROL, NUMBER, SLOT, STATE, nowNs } = require('./shared.cjs');
const { Pool } = require('./pool.cjs');
const { isLoading, stackHere } = require('./stacks.cjs');

// The program may have another thing of that name later.
const { process } = globalThis;

const SHARED_KEY = 'interleave';
/** Where the watcher's question finds the answer. */
const LOOK = Symbol.for('interleave.look');
const BEAT_MS = 20;
/** Timers of libuv count whole milliseconds. */
const ROUNDING_NS = 1e6;
const BEATS_A_PERIOD = 5;
const PERIODS_A_CENSUS = 5;
const SHORTEST_STEP_NS = 5e6;
const LONG_STEP_NS = 100e6;

const { nodeTiming } = performance;
const { setInterval } = globalThis;
const resourcesOf = process.getActiveResourcesInfo?.bind(process) ?? (() => []);

/** @type {() => readonly unknown[]} */
const handlesOf = Reflect.get(process, '_getActiveHandles')?.bind(process) ?? (() => []);

/** What waits on a loop for something to come, so that whoever keeps the loop keeps it waiting. */
const IN_A_HURRY =
  /^(?:Timeout|Immediate|TCP\w*|UDP\w*|PipeServerWrap|HTTP\w*|TLSWRAP|FSEvent\w*|GetAddrInfoReqWrap|JSStream)$/;

class Thread {
  /**
   * @param {import('./shared.cjs').SharedMemory} shared
   * @param {import('./definitions.cjs').DefinitionsOfThread} definitions
   * @param {{ readonly main: boolean, readonly name: string, readonly creator?: number, readonly stack?: number }} who
   */
  constructor(shared, definitions, who) {
    this.shared = shared;
    this.definitions = definitions;
    this.isMain = who.main;
    this.slot = shared.takeSlot();
    this.actor = shared.next(CONTROL.threads);
    this.loop = shared.next(CONTROL.objects);
    const { words, numbers } = shared;
    words[this.slot + SLOT.thread] = this.actor;
    words[this.slot + SLOT.nodeThread] = threadId;
    words[this.slot + SLOT.loop] = this.loop;
    /** Numbers of the slot: index of a double. */
    this.at = this.slot / 2;
    numbers[this.at + NUMBER.beatAt] = nowNs();
    definitions.say({
      def: 'thread',
      id: this.actor,
      name: who.name,
      daemon: false,
      main: who.main,
    });
    definitions.say({
      def: 'object',
      id: this.loop,
      type: 'EventLoop',
      library: 'libuv',
      stack: 0,
    });
    shared.write(KIND.threadStart, this.actor, nowNs(), who.creator ?? 0, who.stack ?? 0);
    this.lastAt = 0;
    this.lastIdle = 0;
    this.worst = 0;
    this.busy = 0;
    this.idle = 0;
    this.coreWaitedNs = 0;
    this.hurries = true;
    this.beats = 0;
    this.stopped = false;
    /** Of what its loop was kept by, it spent this in `Atomics.wait`. */
    this.waitedNs = 0;
    /** @type {readonly unknown[] | undefined} */
    this.waitsFor = undefined;
    /** Its loop may be woken by what no list of Node's tells of. */
    this.mayWake = false;
    this.name = who.name;
    this.onCensus = () => {};
    /** @type {import('./pool.cjs').PoolOfThread | undefined} */
    this.pool = undefined;
    this.introduced = false;
    /** Numbers that we took ourselves. */
    this.made = 0;
    this.isCounted = true;
    /** Looks after workers and children. */
    this.lookAround = () => {};
  }

  /** @param {() => void} lookAround @param {{ object: number, lanes: readonly number[] }} pool */
  start(lookAround, pool) {
    this.lookAround = lookAround;
    this.pool = new Pool(this, pool);
    this.pool.follow();
    const look = Object.assign(() => this.look(), { memory: () => this.memory() });
    Object.defineProperty(globalThis, LOOK, { value: look, configurable: true });
    const heart = setInterval(() => {
      try {
        this.beat();
      } catch {
        // The program goes on.
      }
    }, BEAT_MS).unref();
    followUnref(heart, this);
    followAtomics(this);
  }

  beat() {
    const at = nowNs();
    const idle = nodeTiming.idleTime * 1e6;
    const { shared, slot, actor, loop } = this;
    const { words, numbers } = shared;
    if (this.lastAt === 0) {
      shared.write(KIND.loopStart, actor, at, loop);
      this.#introduce();
      words[slot + SLOT.state] = STATE.looping;
    } else {
      const idleNs = Math.max(0, idle - this.lastIdle);
      const activeNs = Math.max(0, at - this.lastAt - idleNs);
      const lateNs = Math.max(0, at - this.lastAt - BEAT_MS * 1e6 - ROUNDING_NS);
      // A loop that is late for nobody is not late: whoever only computes has nothing else to serve.
      if (lateNs < SHORTEST_STEP_NS || this.#isHurried(lateNs))
        this.worst = Math.max(this.worst, lateNs);
      const waitedNs = Math.min(activeNs, this.#coreWait());
      this.busy += activeNs - waitedNs;
      this.idle += idleNs + waitedNs;
      numbers[this.at + NUMBER.busy] =
        (numbers[this.at + NUMBER.busy] ?? 0) + Math.max(0, activeNs - waitedNs - this.waitedNs);
      this.waitedNs = 0;
      if (lateNs >= LONG_STEP_NS / 2) {
        // The watcher knows what ran, and whether anybody was kept waiting.
        numbers[this.at + NUMBER.longFrom] = at - activeNs;
        numbers[this.at + NUMBER.longTo] = at;
      } else if (lateNs >= SHORTEST_STEP_NS && activeNs >= SHORTEST_STEP_NS) {
        shared.write(KIND.loopStep, actor, at, loop, 0, activeNs / 1e3);
      }
      if (++this.beats % BEATS_A_PERIOD === 0 || lateNs >= LONG_STEP_NS) this.#period(at);
      // Told to have nothing to do before, it has done something since.
      if (lateNs >= SHORTEST_STEP_NS) this.isCounted = false;
      else if (!this.isCounted) this.#takeCensus(at);
    }
    this.pool?.follow();
    this.lastAt = at;
    this.lastIdle = idle;
    numbers[this.at + NUMBER.idle] = idle;
    numbers[this.at + NUMBER.beatAt] = at;
    numbers[this.at + NUMBER.own] = (numbers[this.at + NUMBER.own] ?? 0) + nowNs() - at;
  }

  /** @param {number} at */
  #period(at) {
    const { shared, actor, loop } = this;
    shared.write(KIND.loopLag, actor, at, loop, Math.max(1, this.worst / 1e3));
    shared.write(KIND.loopBusy, actor, at, loop, this.busy / 1e3, this.idle / 1e3);
    this.worst = 0;
    this.busy = 0;
    this.idle = 0;
    this.lookAround();
    if (this.beats % (BEATS_A_PERIOD * PERIODS_A_CENSUS) === 0) this.#takeCensus(at);
  }

  /** To look takes long where there is much: what is not very late may be known by the last census. @param {number} lateNs */
  #isHurried(lateNs) {
    if (lateNs >= LONG_STEP_NS / 2) this.hurries = isInAHurry();
    return this.hurries;
  }

  /** Time that it was ready and others had the cores: the machine was busy, it was not. */
  #coreWait() {
    const all = this.shared.numbers[this.at + NUMBER.coreWait] ?? 0;
    const more = this.coreWaitedNs === 0 ? 0 : all - this.coreWaitedNs;
    this.coreWaitedNs = all;
    return more;
  }

  /** What could wake this loop by itself: with nothing of that, only another thread can. @param {number} at */
  #takeCensus(at) {
    this.isCounted = true;
    let timers = 0;
    let files = 0;
    this.hurries = false;
    for (const kind of resourcesOf()) {
      this.hurries ||= IN_A_HURRY.test(kind);
      if (kind === 'Timeout' || kind === 'Immediate') timers++;
      else if (kind !== 'MessagePort') files++;
    }
    if (files > 0) files -= outputs();
    if (this.mayWake) timers++;
    this.shared.write(KIND.loopIdle, this.actor, at, this.loop, timers, files);
    this.onCensus();
  }

  /** What a worker runs is known only when it runs. */
  #introduce() {
    const script = process.argv[1];
    if (this.isMain || this.introduced || script === undefined || !/\.[cm]?[jt]sx?$/.test(script))
      return;
    this.introduced = true;
    this.definitions.say({
      def: 'thread',
      id: this.actor,
      name: `${this.name} (${basename(script)})`,
      daemon: false,
      main: false,
    });
  }

  /** Whatever it waits at in `Atomics.wait`, for the watcher to recognise. */
  memory() {
    const [array] = this.waitsFor ?? [];
    return ArrayBuffer.isView(array) ? array.buffer : undefined;
  }

  /** Asked by the watcher while this thread runs, or stands in a call that can be interrupted. */
  look() {
    try {
      const at = nowNs();
      this.#introduce();
      const frames = stackHere();
      const idle = nodeTiming.idleTime * 1e6;
      const answer = JSON.stringify({
        at,
        from: this.lastAt === 0 ? at : this.lastAt + Math.max(0, idle - this.lastIdle),
        beat: this.lastAt,
        id: executionAsyncId() || this.#betweenCallbacks(),
        waitsAt: nameOf(this.waitsFor),
        hurry: !isLoading(frames) && isInAHurry(),
        frames,
      });
      this.shared.numbers[this.at + NUMBER.own] =
        (this.shared.numbers[this.at + NUMBER.own] ?? 0) + nowNs() - at;
      return answer;
    } catch {
      return '';
    }
  }

  /** What there is too much of is only counted. */
  toldPartly() {
    Atomics.store(this.shared.words, CONTROL.partly, 1);
  }

  /** Promises go on under no callback's number: then it is the same run of them while nothing new was begun. */
  #betweenCallbacks() {
    const made = new AsyncResource('INTERLEAVE', { requireManualDestroy: true });
    // Whoever counts what is alive counts it no longer.
    return this.made++ - made.emitDestroy().asyncId();
  }

  stop() {
    if (this.stopped) return;
    this.stopped = true;
    const at = nowNs();
    if (this.lastAt === 0) this.lookAround();
    else {
      this.#period(at);
      this.shared.write(KIND.loopStop, this.actor, at, this.loop, 0, 0, 1);
    }
    Atomics.store(this.shared.words, this.slot + SLOT.state, STATE.ended);
    if (!this.isMain) this.shared.write(KIND.threadEnd, this.actor, at);
  }
}

/** @typedef {InstanceType<typeof Thread>} ProgramThread */

function isInAHurry() {
  return resourcesOf().some((kind) => IN_A_HURRY.test(kind));
}

/** Of the handles of this loop, those of the program's output: nothing comes in by them. */
function outputs() {
  const handles = /** @type {readonly { _isStdio?: boolean, fd?: number }[]} */ (handlesOf());
  return handles.filter(({ _isStdio, fd }) => _isStdio === true && fd !== 0).length;
}

/** `Int32Array[3]`. @param {readonly unknown[] | undefined} waited */
function nameOf(waited) {
  if (waited === undefined) return '';
  const [array, index] = waited;
  return `${Object.prototype.toString.call(array).slice(8, -1)}[${Number(index)}]`;
}

/** Timers that do not keep a program alive are in no list; they wake its loop all the same. @param {object} timer @param {ProgramThread} thread */
function followUnref(timer, thread) {
  const prototype = Object.getPrototypeOf(timer);
  const { unref } = prototype;
  Object.defineProperty(prototype, 'unref', {
    configurable: true,
    enumerable: true,
    get() {
      thread.mayWake = true;
      return unref;
    },
    set(value) {
      Object.defineProperty(this, 'unref', {
        value,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    },
  });
}

/** In a worker: what the main thread has laid out comes with the environment's data. */
function joinProcess() {
  const laidOut =
    /** @type {{ buffer: SharedArrayBuffer, definitionsFile: string, pool: { object: number, lanes: readonly number[] } } | undefined} */ (
      getEnvironmentData(SHARED_KEY)
    );
  if (laidOut === undefined) return;
  const shared = new Shared(laidOut.buffer);
  const definitions = new Definitions(shared, openSync(laidOut.definitionsFile, 'a'));
  const { atExit } = require('./goodbye.cjs');
  const { keepOut } = require('./inspectors.cjs');
  const { followWorkers, creatorOf } = require('./workers.cjs');
  const thread = new Thread(shared, definitions, {
    main: false,
    name: `worker ${threadId}`,
    ...creatorOf(),
  });
  thread.start(followWorkers(thread), laidOut.pool);
  keepOut(shared.words);
  atExit(thread, () => thread.stop());
}

module.exports = { SHARED_KEY, Thread, joinProcess };
