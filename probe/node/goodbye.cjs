'use strict';
/**
 * Learns of the end of a thread, and of the exception that ends it. Nothing of ours stands in between: the program's
 * listeners are called by Node itself, and are as many as they were.
 */
const { types } = require('node:util');
const { KIND } = require('./kinds.cjs');
const { framesOfText } = require('./stacks.cjs');
const { nowNs } = require('./shared.cjs');

// The program may have another thing of that name later.
const { process } = globalThis;

const UNSETTLED = 13;

/** @param {import('./threads.cjs').ProgramThread} thread @param {(code: number) => void} say runs once, before the program's own listeners */
function atExit(thread, say) {
  let said = false;
  const goodbye = (/** @type {unknown} */ code) => {
    if (said) return;
    said = true;
    try {
      say(typeof code === 'number' ? code : codeUnsaid());
    } catch {
      // It goes all the same.
    }
  };
  // Whoever is about to tell of an event asks for `emit` first, and tells of the last one while the process goes.
  let { emit } = process;
  Object.defineProperty(process, 'emit', {
    configurable: true,
    enumerable: false,
    get() {
      if (!said && isGoing()) goodbye(process.exitCode);
      return emit;
    },
    set(value) {
      emit = value;
    },
  });
  watchFailures(thread);
  if (!thread.isMain) return;
  // A few go without a word.
  let reallyExit = Reflect.get(process, 'reallyExit');
  Object.defineProperty(process, 'reallyExit', {
    configurable: true,
    enumerable: true,
    get() {
      if (isGoing()) goodbye(process.exitCode);
      return reallyExit;
    },
    set(value) {
      reallyExit = value;
    },
  });
}

/** Older Nodes say so only after us that they end in the middle of an `await` of the main module. */
function codeUnsaid() {
  const awaits = process.listeners('exit').some(({ name }) => name === 'handleProcessExit');
  return awaits ? UNSETTLED : 0;
}

function isGoing() {
  return Reflect.get(process, '_exiting') === true;
}

/** @param {import('./threads.cjs').ProgramThread} thread */
function watchFailures(thread) {
  const events = Reflect.get(process, '_events');
  if (typeof events !== 'object' || events === null) return;
  // A listener that is found and not counted: it is inherited.
  const inherited = Object.create(Object.getPrototypeOf(events));
  inherited.uncaughtExceptionMonitor = (/** @type {unknown} */ error) => {
    const handled =
      process.listenerCount('uncaughtException') > 0 ||
      process.hasUncaughtExceptionCaptureCallback?.();
    if (!handled) tellFailure(thread, error);
  };
  Object.setPrototypeOf(events, inherited);
}

/** @param {import('./threads.cjs').ProgramThread} thread @param {unknown} error */
function tellFailure(thread, error) {
  try {
    const isError = types.isNativeError(error);
    const text = isError ? `${error.name}: ${error.message}` : String(error);
    const stack = isError ? thread.definitions.stack(framesOfText(String(error.stack))) : 0;
    const { shared, definitions, actor } = thread;
    shared.write(KIND.failed, actor, nowNs(), definitions.string(text.slice(0, 500)), stack);
  } catch {
    // An exception that cannot even be shown.
  }
}

module.exports = { atExit };
