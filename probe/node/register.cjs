'use strict';
/** Starts the probe in this thread: in the main one with everything, in a worker with what the main one has laid out. */
const { isMainThread, threadId } = require('node:worker_threads');

function register() {
  // A thread that is none of the program's has no number of its own.
  if (isMainThread) require('./process.cjs').startProcess();
  else if (threadId > 0) require('./threads.cjs').joinProcess();
}

module.exports = { register };
