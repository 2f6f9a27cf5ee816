'use strict';
/** Waits in `Atomics.wait`: since when, whether they end by themselves, and who called `Atomics.notify`. */
const { KIND, WAIT, WAIT_RESULT, WAIT_TIMEOUT } = require('./kinds.cjs');
const { leaveOut, takePlace } = require('./places.cjs');
const { CONTROL, NUMBER, SLOT, nowNs } = require('./shared.cjs');
const { stackHere } = require('./stacks.cjs');

/** Of a wait in its slot: nobody has told of it; its own thread will. Else the watcher has told of the wait with that number. */
const TOLD = { nobody: 0, itself: -1 };
/** Shorter ones are everyday. */
const SHORTEST_NS = 1e6;

/** @typedef {Int32Array | BigInt64Array} Waitable */

/** @param {import('./threads.cjs').ProgramThread} thread */
function followAtomics(thread) {
  const { shared, slot, at: number, actor } = thread;
  const { words, numbers } = shared;
  const { wait, notify, waitAsync } = Atomics;
  let count = 0;

  /** @param {number} since @param {string} result @param {number | undefined} timeout */
  const ended = (since, result, timeout) => {
    const told = Atomics.compareExchange(words, slot + SLOT.told, TOLD.nobody, TOLD.itself);
    const at = nowNs();
    thread.waitedNs += at - since;
    if (told === TOLD.nobody && at - since >= SHORTEST_NS) {
      const stack = thread.definitions.stack(stackHere());
      const kind = WAIT.condition | (timeout === undefined ? 0 : WAIT_TIMEOUT);
      shared.write(KIND.waitBegin, actor, since, 0, stack, timeout ?? 0, kind);
    }
    if (told !== TOLD.nobody || at - since >= SHORTEST_NS) {
      const notifier = result === 'ok' ? Atomics.load(words, CONTROL.notifier) : 0;
      const how = result === 'timed-out' ? WAIT_RESULT.timeout : WAIT_RESULT.done;
      shared.write(KIND.waitEnd, actor, at, 0, 0, notifier, how);
    }
    Atomics.store(words, slot + SLOT.told, TOLD.nobody);
  };

  /** @param {unknown[]} args */
  function wait_(...args) {
    const [array, index, , limit] = args;
    const timeout = typeof limit === 'number' && limit < 2 ** 31 ? Math.max(1, limit) : undefined;
    const since = nowNs();
    count = (count + 1) & 0x3fffffff;
    thread.waitsFor = [array, index];
    words[slot + SLOT.timed] = timeout ?? 0;
    numbers[number + NUMBER.waitSince] = since;
    Atomics.store(words, slot + SLOT.wait, count + 1);
    let result = '';
    try {
      result = Reflect.apply(wait, Atomics, args);
      return result;
    } catch (error) {
      leaveOut(error);
      throw error;
    } finally {
      Atomics.store(words, slot + SLOT.wait, 0);
      thread.waitsFor = undefined;
      try {
        ended(since, result, timeout);
      } catch {
        // The program goes on.
      }
    }
  }

  /** @param {unknown[]} args */
  function notify_(...args) {
    try {
      const woken = Reflect.apply(notify, Atomics, args);
      if (woken > 0) Atomics.store(words, CONTROL.notifier, actor);
      return woken;
    } catch (error) {
      leaveOut(error);
      throw error;
    }
  }

  /** @param {unknown[]} args */
  function waitAsync_(...args) {
    // It may time out, which shows nowhere: this loop may always be woken, as far as we know.
    thread.mayWake = true;
    try {
      return Reflect.apply(waitAsync, Atomics, args);
    } catch (error) {
      leaveOut(error);
      throw error;
    }
  }

  takePlace(Atomics, 'wait', wait_);
  takePlace(Atomics, 'notify', notify_);
  if (typeof waitAsync === 'function') takePlace(Atomics, 'waitAsync', waitAsync_);
}

module.exports = { TOLD, followAtomics };
