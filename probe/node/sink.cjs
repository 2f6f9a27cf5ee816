'use strict';
/** Copies records from memory into the ring's file. The watcher does it all the time, the main thread once at the end. */
const fs = require('node:fs');
const { join } = require('node:path');
const { HEADER, HEADER_BYTES, KIND, MAGIC, REASON, RECORD_BYTES, VERSION } = require('./kinds.cjs');
const { CONTROL, RING_AT, RING_RECORDS, nowNs } = require('./shared.cjs');

const { writeSync, readdirSync, statSync } = fs;
const SMALLEST_BYTES = 256 * 1024;
const SEQ_CYCLE = 2 ** 32 - 1;
/** A record claimed and not written for this long never will be: its thread was ended in between. */
const TORN_AFTER_NS = 60e6;
const BATCH = 2048;

/** Bytes that this process's ring and definitions may take. @param {string} folder @param {number} budget */
function shareOf(folder, budget) {
  let taken = 0;
  let first = true;
  for (const name of readdirSync(folder)) {
    if (!/\.(?:ring|defs)$/.test(name)) continue;
    const { size } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > HEADER_BYTES) first = false;
    taken += size;
  }
  return Math.max(SMALLEST_BYTES, (first ? budget : Math.max(0, budget - taken)) / 4);
}

class Sink {
  /**
   * @param {import('./shared.cjs').SharedMemory} shared
   * @param {{ readonly fd: number, readonly limit: number, readonly pid: number, readonly startedAt: number }} file
   */
  constructor(shared, file) {
    this.shared = shared;
    this.file = file;
    this.header = Buffer.alloc(72);
    this.batch = Buffer.alloc(BATCH * RECORD_BYTES);
    /** Kept in the shared page, as two threads write: position in the file and the slots of a lap. */
    this.state = new Float64Array(shared.buffer, 1024, 4);
    this.tornSince = 0;
    this.toldDropped = 0;
    this.toldLost = 0;
  }

  /** @param {number} closedAt 0 while the process lives */
  writeHeader(closedAt) {
    const { header, file, shared } = this;
    header.write(MAGIC, 0, 'latin1');
    header.writeUInt32LE(VERSION, HEADER.version);
    header.writeUInt32LE(RECORD_BYTES, HEADER.recordBytes);
    const put = (/** @type {number} */ at, /** @type {number} */ value) =>
      header.writeBigUInt64LE(BigInt(Math.max(0, Math.floor(value))), at);
    put(HEADER.pid, file.pid);
    put(HEADER.startedAt, file.startedAt);
    put(HEADER.capacity, this.state[1] ?? 0);
    put(HEADER.head, this.state[0] ?? 0);
    put(HEADER.closedAt, closedAt);
    put(HEADER.overhead, this.state[2] ?? 0);
    put(HEADER.dropped, Atomics.load(shared.words, CONTROL.dropped));
    writeSync(file.fd, header, 0, header.length, 0);
  }

  /** Everything that is whole in memory goes to the file. False when somebody else is at it. @param {boolean} final */
  drain(final) {
    const { words } = this.shared;
    if (Atomics.compareExchange(words, CONTROL.drainLock, 0, 1) !== 0) return false;
    try {
      while (this.#some(final));
    } finally {
      Atomics.store(words, CONTROL.drainLock, 0);
    }
    return true;
  }

  /** True when there may be more. @param {boolean} final */
  #some(final) {
    const { words, unsigned } = this.shared;
    const from = Atomics.load(words, CONTROL.drained);
    const ready = (Atomics.load(words, CONTROL.head) - from) >>> 0;
    let count = 0;
    while (count < ready && count < BATCH) {
      const position = (from + count) >>> 0;
      const word = RING_AT / 4 + (position % RING_RECORDS) * (RECORD_BYTES / 4);
      if (Atomics.load(words, word + 7) !== ((position + 1) | 0)) {
        if (!final && !this.#isTorn()) break;
        // Left out: what comes after it matters more.
        unsigned.fill(0, word, word + 7);
      }
      this.tornSince = 0;
      for (let index = 0; index < 7; index++)
        this.batch.writeUInt32LE(unsigned[word + index] ?? 0, count * RECORD_BYTES + index * 4);
      count++;
    }
    if (count === 0) return false;
    this.#put(count);
    Atomics.store(words, CONTROL.drained, (from + count) | 0);
    return count === BATCH;
  }

  #isTorn() {
    if (this.tornSince === 0) this.tornSince = nowNs();
    return nowNs() - this.tornSince > TORN_AFTER_NS;
  }

  /** The first `count` records of the batch, at their places. @param {number} count */
  #put(count) {
    const { state, batch, file } = this;
    const most = Math.floor((file.limit - HEADER_BYTES) / RECORD_BYTES);
    let done = 0;
    while (done < count) {
      const position = state[0] ?? 0;
      let capacity = state[1] ?? 0;
      if (capacity === 0 && position >= most) capacity = this.#wrap(position);
      const slot = capacity === 0 ? position : position % capacity;
      const room = (capacity === 0 ? most : capacity) - slot;
      const some = Math.min(count - done, room);
      const lap = capacity === 0 ? 0 : Math.floor(position / capacity) % 256;
      for (let index = 0; index < some; index++) {
        const at = (done + index) * RECORD_BYTES;
        batch[at + 1] = lap;
        batch.writeUInt32LE(((position + index) % SEQ_CYCLE) + 1, at + 28);
      }
      const bytes = some * RECORD_BYTES;
      let written = 0;
      try {
        written = writeSync(
          file.fd,
          batch,
          done * RECORD_BYTES,
          bytes,
          HEADER_BYTES + slot * RECORD_BYTES,
        );
      } catch {
        // The disk is full.
      }
      const whole = Math.floor(written / RECORD_BYTES);
      state[0] = position + whole;
      done += whole;
      if (whole === some) continue;
      // It grows no more: the oldest make room. With too little to overwrite, the rest is lost and counted.
      if (capacity !== 0 || position + whole < 64) {
        Atomics.add(this.shared.words, CONTROL.dropped, count - done);
        return;
      }
      this.#wrap(position + whole);
    }
  }

  /** @param {number} slots there are no more */
  #wrap(slots) {
    this.state[1] = slots;
    this.writeHeader(0);
    return slots;
  }

  /** What could not be written is said in the stream, too. @param {number} actor */
  tellLosses(actor) {
    const { words } = this.shared;
    const lost = Atomics.load(words, CONTROL.definitionsLost);
    if (lost > this.toldLost) {
      const more = lost - this.toldLost;
      this.shared.write(KIND.dropped, actor, nowNs(), 0, more, REASON.definitionsFull);
      this.toldLost = lost;
    }
    const dropped = Atomics.load(words, CONTROL.dropped);
    if (dropped > this.toldDropped) {
      this.shared.write(
        KIND.dropped,
        actor,
        nowNs(),
        0,
        dropped - this.toldDropped,
        REASON.internalError,
      );
      this.toldDropped = dropped;
    }
  }
}

module.exports = { Sink, shareOf };
