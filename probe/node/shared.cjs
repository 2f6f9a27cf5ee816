'use strict';
/**
 * What the threads of one process share: counters, a slot for each thread, and a ring of records in memory that the
 * watcher copies to the file. Everything here runs inside the program: no allocation on the way of a record.
 */
const { performance } = require('node:perf_hooks');
const { RECORD_BYTES } = require('./kinds.cjs');

/** Records that may stand between two drains. */
const RING_RECORDS = 16384;
const SLOTS = 256;
const SLOT_BYTES = 128;
const CONTROL_BYTES = 4096;
/** Behind the others: of all threads for which there is none left. Nobody looks at it. */
const SPARE_SLOT = (CONTROL_BYTES + SLOTS * SLOT_BYTES) / 4;
const RING_AT = CONTROL_BYTES + (SLOTS + 1) * SLOT_BYTES;
const SHARED_BYTES = RING_AT + RING_RECORDS * RECORD_BYTES;

/** Words of the control page. */
const CONTROL = {
  head: 0,
  drained: 1,
  dropped: 2,
  drainLock: 3,
  gate: 4,
  wake: 5,
  ended: 6,
  debugged: 7,
  definitionBytes: 9,
  definitionLimit: 10,
  definitionsLost: 11,
  poolHot: 12,
  items: 14,
  strings: 16,
  sites: 17,
  stacks: 18,
  threads: 19,
  objects: 20,
  acknowledged: 21,
  notifier: 22,
  poolOut: 23,
  partly: 24,
  inspects: 25,
  /** One for each thread of the pool that is taken to be at work. */
  lanes: 64,
  lanesEnd: 192,
};

/** @typedef {InstanceType<typeof Shared>} SharedMemory */

/** Whether the watcher may hold an inspector session: it may not once the process goes, Node would wait for it. */
const GATE = { free: 0, taken: 1, shut: 2 };

/** Words of a slot (its first half); numbers of a slot (its second half, as doubles). */
const SLOT = { state: 0, thread: 1, nodeThread: 2, loop: 3, wait: 4, timed: 5, told: 6 };
const NUMBER = {
  beatAt: 8,
  idle: 9,
  longFrom: 10,
  longTo: 11,
  waitSince: 12,
  busy: 13,
  own: 14,
  /** Of the main thread: since its start, without a core though it was ready. */
  coreWait: 15,
};
const STATE = { free: 0, starting: 1, looping: 2, ended: 3 };

const now = performance.now.bind(performance);
/** Of this thread: `performance.now()` counts from its own start. */
const ORIGIN_NS = Number(process.hrtime.bigint()) - now() * 1e6;

/** Monotonic ns, as every probe's clock. */
function nowNs() {
  return ORIGIN_NS + now() * 1e6;
}

class Shared {
  /** @param {SharedArrayBuffer} buffer */
  constructor(buffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.unsigned = new Uint32Array(buffer);
    this.numbers = new Float64Array(buffer);
  }

  /** @param {number} counter */
  next(counter) {
    return Atomics.add(this.words, counter, 1) + 1;
  }

  /** First word of a new thread's slot. */
  takeSlot() {
    for (let turn = 0; turn < SLOTS; turn++) {
      const slot = (CONTROL_BYTES + turn * SLOT_BYTES) / 4;
      for (const free of [STATE.free, STATE.ended]) {
        if (Atomics.compareExchange(this.words, slot, free, STATE.starting) !== free) continue;
        this.words.fill(0, slot + 1, slot + SLOT_BYTES / 4);
        return slot;
      }
    }
    return SPARE_SLOT;
  }

  /**
   * @param {number} kind @param {number} actor @param {number} at
   * @param {number} a @param {number} b @param {number} c @param {number} aux
   */
  write(kind, actor, at, a = 0, b = 0, c = 0, aux = 0) {
    const { words, unsigned } = this;
    const waiting =
      (Atomics.load(words, CONTROL.head) - Atomics.load(words, CONTROL.drained)) >>> 0;
    if (waiting > RING_RECORDS - SLOTS) {
      Atomics.add(words, CONTROL.dropped, 1);
      return;
    }
    const position = Atomics.add(words, CONTROL.head, 1) >>> 0;
    const word = RING_AT / 4 + (position % RING_RECORDS) * (RECORD_BYTES / 4);
    const high = Math.floor(at / 4294967296);
    unsigned[word] = kind | (aux << 16);
    unsigned[word + 1] = actor;
    unsigned[word + 2] = at - high * 4294967296;
    unsigned[word + 3] = high;
    unsigned[word + 4] = a;
    unsigned[word + 5] = b;
    unsigned[word + 6] = c;
    Atomics.store(words, word + 7, (position + 1) | 0);
  }
}

module.exports = {
  Shared,
  CONTROL,
  CONTROL_BYTES,
  GATE,
  NUMBER,
  RING_AT,
  RING_RECORDS,
  SHARED_BYTES,
  SLOT,
  SLOTS,
  SLOT_BYTES,
  STATE,
  nowNs,
};
