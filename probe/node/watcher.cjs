'use strict';
/** A thread of our own beside the program's: copies records to the file, and looks at threads that stand still. */
const { openSync, stat } = require('node:fs');
const { workerData } = require('node:worker_threads');
const { KIND, SAMPLE, WAIT, WAIT_TIMEOUT } = require('./kinds.cjs');
const { CoreWait } = require('./cores.cjs');
const { Definitions } = require('./definitions.cjs');
const { TOLD } = require('./locks.cjs');
const { Looker } = require('./looker.cjs');
const {
  Shared,
  CONTROL,
  CONTROL_BYTES,
  GATE,
  NUMBER,
  SLOT,
  SLOTS,
  SLOT_BYTES,
  STATE,
  nowNs,
} = require('./shared.cjs');
const { Sink } = require('./sink.cjs');

const TICK_MS = 20;
const HEADER_TICKS = 5;
/** A heartbeat comes every 20 ms: one that is this late is worth a look. */
const STALLED_NS = 50e6;
/** Looks at a thread that stands still: this often at first, then less so. */
const LOOK_NS = 20e6;
const LATER_LOOK_NS = 100e6;
const MANY_LOOKS = 40;
const LONG_STEP_NS = 100e6;
/** One and the same callback was seen to run for so long: only then the stall is its own. */
const SEEN_NS = 15e6;
/** Before it was first seen, and after it was last, it may have run for so long; what is beyond may have been another's. */
const MOST_UNSEEN_NS = 100e6;
/** A wait in `Atomics.wait` that is told of before it ends. */
const LONG_WAIT_NS = 60e6;
/** The pool is late when a look at a file takes this long; then it is followed for a while. */
const POOL_LATE_NS = 100e6;
const POOL_LATE_FOR_NS = 10e9;
const POOL_EVERY_MS = 40;
/** If we come late ourselves, the machine is busy or the whole process was stopped: nobody is to blame. */
const WE_ARE_LATE_NS = 150e6;
/** A thread less busy than this is idle between two samples. */
const BUSY_SHARE = 0.2;
const IDLE_SAMPLE_NS = 500e6;

// A word of ours would wait in the program's main thread for somebody to read it, and keep the process from ending.
process.emitWarning = () => undefined;
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

const shared = new Shared(workerData.buffer);
const { words, numbers } = shared;
const sink = new Sink(shared, workerData.file);
const definitions = new Definitions(shared, openSync(workerData.definitionsFile, 'a'));
const looker = new Looker(shared);
const coreWait = new CoreWait();

/**
 * What is known of one thread of the program.
 * @typedef {object} Watched
 * @property {number} slot
 * @property {number} actor
 * @property {number} nodeThread
 * @property {number} loop
 * @property {number} beat of the heartbeat that stands
 * @property {number} lookedAt
 * @property {number} looks in this stall
 * @property {number} waitedThen for a core, when the heartbeat that stands came
 * @property {{ from: number, id: number, since: number, last: number, stack: number, hurry: boolean, seen: boolean, waited: number, waitedLast: number } | undefined} step
 * @property {number} sampledAt
 * @property {number} busyThen
 * @property {number} stack
 * @property {number} longTo
 * @property {number} wait the latest one told of
 */

/** @type {Map<number, Watched>} */
const watched = new Map();
let tickedAt = nowNs();
let ticks = 0;
let processCpu = 0;
/** At the last turn, and at this one. */
let waitedBefore = coreWait.ns();
let waitedNow = waitedBefore;

function tick() {
  const at = nowNs();
  const late = at - tickedAt - TICK_MS * 1e6 > WE_ARE_LATE_NS;
  tickedAt = at;
  waitedBefore = waitedNow;
  waitedNow = coreWait.ns();
  sink.drain(false);
  if (Atomics.load(words, CONTROL.ended) !== 0) return;
  for (const thread of threads()) {
    if (!late) look(thread, at);
    finishStep(thread);
    lookAtWait(thread, at);
    sample(thread, at);
  }
  if (++ticks % HEADER_TICKS === 0) everyNowAndThen(at);
  sink.drain(false);
}

/** @returns {Iterable<Watched>} */
function* threads() {
  for (let turn = 0; turn < SLOTS; turn++) {
    const slot = (CONTROL_BYTES + turn * SLOT_BYTES) / 4;
    const state = Atomics.load(words, slot);
    if (state === STATE.free) return;
    if (state === STATE.ended) {
      watched.delete(slot);
      continue;
    }
    const actor = words[slot + SLOT.thread] ?? 0;
    let thread = watched.get(slot);
    if (thread === undefined || thread.actor !== actor) {
      thread = {
        slot,
        actor,
        nodeThread: words[slot + SLOT.nodeThread] ?? 0,
        loop: words[slot + SLOT.loop] ?? 0,
        beat: 0,
        lookedAt: 0,
        looks: 0,
        waitedThen: 0,
        step: undefined,
        sampledAt: nowNs(),
        busyThen: 0,
        stack: 0,
        longTo: 0,
        wait: 0,
      };
      watched.set(slot, thread);
    }
    if (thread.actor !== 0) yield thread;
  }
}

/** @param {Watched} thread @param {number} at */
function look(thread, at) {
  const number = thread.slot / 2;
  const beat = numbers[number + NUMBER.beatAt] ?? 0;
  if (beat !== thread.beat) {
    thread.beat = beat;
    thread.looks = 0;
    thread.waitedThen = waitedBefore;
    if (thread.nodeThread === 0) numbers[number + NUMBER.coreWait] = waitedNow;
  }
  const stands = at - beat;
  if (stands < STALLED_NS) return;
  const wait = thread.looks > MANY_LOOKS ? LATER_LOOK_NS : LOOK_NS;
  if (at - thread.lookedAt < wait) return;
  thread.lookedAt = at;
  thread.looks++;
  if (mayBeAsked(thread)) looker.ask(thread.nodeThread, (answer) => stalled(thread, answer));
}

/**
 * Whoever ends a worker just while it answers ends the answer, and the worker computes on for ever: one that runs is not
 * asked. One that waits is, once.
 * @param {Watched} thread
 */
function mayBeAsked({ nodeThread }) {
  return nodeThread === 0;
}

/** @param {number} from @param {number} seen */
function within(from, seen) {
  return seen - from > MOST_UNSEEN_NS ? seen : from;
}

/** @param {Watched} thread @param {import('./looker.cjs').Answer} answer */
function stalled(thread, answer) {
  if (answer.frames.length === 0) return;
  const stack = definitions.stack(answer.frames);
  thread.stack = stack;
  // Before its loop turns, and where nothing else is to be done, a thread that computes keeps nobody waiting.
  if (answer.beat === 0) return;
  const { step } = thread;
  const waited = coreWait.ns();
  if (step === undefined || step.from < answer.beat || step.id !== answer.id) {
    // Another callback than the last time: it began after we looked.
    const sameStall = step !== undefined && step.from >= answer.beat;
    if (sameStall) writeStep(thread, step.last);
    thread.step = {
      from: sameStall ? step.last : within(answer.from, answer.asked),
      id: answer.id,
      since: answer.asked,
      last: answer.at,
      stack,
      hurry: answer.hurry,
      seen: false,
      waited: sameStall ? step.waitedLast : thread.waitedThen,
      waitedLast: waited,
    };
  } else {
    step.last = answer.at;
    step.waitedLast = waited;
    step.hurry ||= answer.hurry;
  }
  const running = thread.step;
  if (running === undefined || running.last - running.since < SEEN_NS) return;
  running.seen = true;
  if (!running.hurry) return;
  const tookNs = answer.at - running.from;
  if (isOfMachine(tookNs, running.waited)) return;
  // Most of it went by in a call that let nobody look: this is the line after.
  const isAfter = answer.at - answer.asked > Math.max(STALLED_NS, tookNs / 2) ? 1 : 0;
  shared.write(KIND.loopStack, thread.actor, answer.at, thread.loop, stack, tookNs / 1e3, isAfter);
}

/** The heartbeat has come again: what ran is over. @param {Watched} thread */
function finishStep(thread) {
  const number = thread.slot / 2;
  const longTo = numbers[number + NUMBER.longTo] ?? 0;
  if (longTo === thread.longTo) return;
  thread.longTo = longTo;
  const from = numbers[number + NUMBER.longFrom] ?? 0;
  const { step } = thread;
  if (step !== undefined && step.last <= longTo) {
    writeStep(thread, longTo - step.last > MOST_UNSEEN_NS ? step.last : longTo);
    thread.step = undefined;
  } else if (longTo - from < LONG_STEP_NS) {
    shared.write(KIND.loopStep, thread.actor, longTo, thread.loop, 0, (longTo - from) / 1e3);
  }
}

/** Long only as others had the cores. @param {number} tookNs @param {number} waited for a core, before it */
function isOfMachine(tookNs, waited) {
  return tookNs >= LONG_STEP_NS && tookNs - (coreWait.ns() - waited) < LONG_STEP_NS;
}

/** @param {Watched} thread @param {number} to */
function writeStep({ step, actor, loop }, to) {
  if (step === undefined || to <= step.from) return;
  // One look may fall on any of a thousand short callbacks that came at once: that is no step.
  if (step.hurry && step.seen && !isOfMachine(to - step.from, step.waited))
    shared.write(KIND.loopStep, actor, to, loop, step.stack, (to - step.from) / 1e3);
}

/** Memory that somebody waited at for long: the same in all threads. @type {Map<string, number>} */
const places = new Map();

/** A wait that lasts is told of while it does. @param {Watched} thread @param {number} at */
function lookAtWait(thread, at) {
  const { slot, nodeThread, actor } = thread;
  const wait = Atomics.load(words, slot + SLOT.wait);
  const since = numbers[slot / 2 + NUMBER.waitSince] ?? 0;
  if (wait === 0 || wait === thread.wait || at - since < LONG_WAIT_NS) return;
  const goesOn = () => Atomics.load(words, slot + SLOT.wait) === wait;
  looker.ask(nodeThread, ({ frames, waitsAt }) => {
    if (waitsAt === '' || !goesOn()) return;
    thread.wait = wait;
    looker.askMemory(nodeThread, (memory) => {
      if (!goesOn()) return;
      const object = memory === 0 ? 0 : placeOf(`${memory}/${waitsAt}`, waitsAt);
      const stack = definitions.stack(frames);
      const told = Atomics.compareExchange(words, slot + SLOT.told, TOLD.nobody, wait);
      if (told !== TOLD.nobody) return;
      const timeout = words[slot + SLOT.timed] ?? 0;
      const kind = WAIT.condition | (timeout === 0 ? 0 : WAIT_TIMEOUT);
      shared.write(KIND.waitBegin, actor, since, object, stack, timeout, kind);
    });
  });
}

/** @param {string} key @param {string} name */
function placeOf(key, name) {
  let id = places.get(key);
  if (id === undefined) {
    id = shared.next(CONTROL.objects);
    definitions.say({ def: 'object', id, type: 'Other', library: 'Atomics', stack: 0, name });
    places.set(key, id);
  }
  return id;
}

/** What runs in a thread that is busy, and that it is idle in one that is not. @param {Watched} thread @param {number} at */
function sample(thread, at) {
  const number = thread.slot / 2;
  const standing = at - (numbers[number + NUMBER.beatAt] ?? 0);
  const sinceNs = at - thread.sampledAt;
  if (sinceNs < workerData.sampleMs * 1e6) return;
  // What a thread that stands has done since its last heartbeat is not in its sum yet.
  const open = standing > STALLED_NS ? standing : 0;
  const busy = (numbers[number + NUMBER.busy] ?? 0) + open;
  const waits = Atomics.load(words, thread.slot + SLOT.wait) !== 0;
  const busyNs = waits ? 0 : Math.max(0, Math.min(sinceNs, busy - thread.busyThen));
  const isBusy = busyNs > BUSY_SHARE * sinceNs;
  if (!isBusy && sinceNs < IDLE_SAMPLE_NS) return;
  thread.sampledAt = at;
  thread.busyThen = Math.max(thread.busyThen, busy);
  if (!isBusy) {
    if (!waits) thread.stack = 0;
    shared.write(
      KIND.sample,
      thread.actor,
      at,
      thread.stack,
      busyNs / 1e3,
      sinceNs / 1e3,
      SAMPLE.waiting,
    );
    return;
  }
  const state = SAMPLE.running;
  shared.write(KIND.sample, thread.actor, at, thread.stack, busyNs / 1e3, sinceNs / 1e3, state);
  if (standing < STALLED_NS && mayBeAsked(thread))
    looker.ask(thread.nodeThread, ({ frames }) => {
      if (frames.length > 0) thread.stack = definitions.stack(frames);
    });
}

/** @param {number} at */
function everyNowAndThen(at) {
  let own = 0;
  for (const { slot } of watched.values()) own += numbers[slot / 2 + NUMBER.own] ?? 0;
  own += process.cpuUsage === undefined ? 0 : ownCpuNs();
  sink.state[2] = own;
  const { user, system } = process.cpuUsage();
  processCpu = user + system;
  shared.write(KIND.overhead, 0, at, own / 1e3, words[CONTROL.head] ?? 0, processCpu / 1e3);
  sink.tellLosses(workerData.main);
  sink.writeHeader(0);
}

/** Of this thread, where the platform says it; else a guess by how busy its loop was. */
function ownCpuNs() {
  if (typeof process.threadCpuUsage === 'function') {
    const { user, system } = process.threadCpuUsage();
    return (user + system) * 1e3;
  }
  return performance.eventLoopUtilization().active * 1e6;
}

/** A look at a file goes through the pool of the whole process: how long it takes tells how late that is. */
function watchPool() {
  let lateUntil = 0;
  let asked = 0;
  let lookedAt = nowNs();
  setInterval(() => {
    const at = nowNs();
    // Who comes late itself cannot say whether the pool is.
    const isLate = at - lookedAt > POOL_EVERY_MS * 1.5e6;
    lookedAt = at;
    if (asked > 0 && !isLate && at - asked > POOL_LATE_NS) lateUntil = at + POOL_LATE_FOR_NS;
    if (asked === 0) {
      asked = at;
      stat(__filename, () => {
        asked = 0;
      });
    } else if (isLate) asked = at;
    Atomics.store(words, CONTROL.poolHot, at < lateUntil ? 1 : 0);
  }, POOL_EVERY_MS);
}

/** Ends the session of the inspector the moment the program ends, or wants the inspector for itself. */
function waitForEnd() {
  const before = Atomics.load(words, CONTROL.wake);
  if (Atomics.load(words, CONTROL.gate) === GATE.shut) {
    looker.end();
    return;
  }
  const { async: isAsync, value } = Atomics.waitAsync(words, CONTROL.wake, before);
  if (isAsync) void value.then(waitForEnd);
  else setImmediate(waitForEnd);
}

setInterval(() => {
  try {
    tick();
  } catch {
    Atomics.add(words, CONTROL.dropped, 1);
  }
}, TICK_MS);
watchPool();
waitForEnd();
