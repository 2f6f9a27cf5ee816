'use strict';
/**
 * A program that uses the inspector itself has it for itself. While a session of ours is there Node takes it for somebody
 * who will go on with a thread that stands at a breakpoint: the thread would stand there for ever.
 */
const { CONTROL, GATE } = require('./shared.cjs');
const { onMade } = require('./made.cjs');
const { leaveOut, takePlace } = require('./places.cjs');

const LONGEST_MS = 200;
// As they were before we take their places.
const { wait, notify } = Atomics;

/** Ends the watcher's session, and lets it have no other. @param {Int32Array} words */
function shutOut(words) {
  const before = Atomics.exchange(words, CONTROL.gate, GATE.shut);
  Atomics.add(words, CONTROL.wake, 1);
  notify(words, CONTROL.wake);
  if (before === GATE.free) Atomics.store(words, CONTROL.acknowledged, 1);
  else wait(words, CONTROL.acknowledged, 0, LONGEST_MS);
}

/** From the first session on that this thread makes, or the first time that it opens the door to a debugger or waits for one. @param {Int32Array} words */
function keepOut(words) {
  const keep = () => {
    if (Atomics.exchange(words, CONTROL.inspects, 1) === 0) shutOut(words);
  };
  let inspector;
  try {
    inspector = require('node:inspector');
  } catch {
    return;
  }
  onMade(inspector.Session.prototype, keep);
  for (const name of /** @type {const} */ (['open', 'waitForDebugger'])) {
    const original = inspector[name];
    takePlace(inspector, name, (/** @type {unknown[]} */ ...args) => {
      keep();
      try {
        return Reflect.apply(original, inspector, args);
      } catch (error) {
        leaveOut(error);
        throw error;
      }
    });
  }
}

module.exports = { keepOut, shutOut };
