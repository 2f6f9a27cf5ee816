'use strict';
/**
 * Workers and child processes as they are made and as they end, seen from the thread that makes them. No function of the
 * program's or of Node's is replaced: an error's stack, a class and a count of listeners are what they are without us.
 */
const { Worker, getEnvironmentData, setEnvironmentData } = require('node:worker_threads');
const { constants } = require('node:os');
const { KIND, START } = require('./kinds.cjs');
const { onMade } = require('./made.cjs');
const { CONTROL_BYTES, SLOT, SLOTS, SLOT_BYTES, STATE, nowNs } = require('./shared.cjs');
const { stackHere } = require('./stacks.cjs');

/** Who makes a worker writes it here for the worker to find: the environment's data is copied as the worker is made. */
const CREATOR_KEY = 'interleave.creator';
const signals = /** @type {Readonly<Record<string, number>>} */ (constants.signals);

/** @typedef {{ readonly child: import('node:child_process').ChildProcess, readonly stack: number, readonly at: number, pid: number }} Child */
/** @typedef {{ readonly worker: Worker, number: number }} Live */

/** @returns {{ creator?: number, stack?: number }} */
function creatorOf() {
  const creator = getEnvironmentData(CREATOR_KEY);
  return typeof creator === 'object' && creator !== null ? creator : {};
}

/** @param {import('./threads.cjs').ProgramThread} thread @returns {() => void} to be called now and then, and at the end */
function followWorkers(thread) {
  /** @type {Set<Live>} */
  const workers = new Set();
  /** @type {Set<Child>} */
  const children = new Set();
  onMade(Worker.prototype, (worker) => {
    setEnvironmentData(CREATOR_KEY, {
      creator: thread.actor,
      stack: thread.definitions.stack(stackHere()),
    });
    workers.add({ worker, number: 0 });
  });
  onMade(require('node:child_process').ChildProcess.prototype, (child) => {
    children.add({ child, stack: thread.definitions.stack(stackHere()), at: nowNs(), pid: 0 });
  });
  return () => {
    for (const one of workers) lookAtWorker(thread, workers, one);
    for (const one of children) lookAtChild(thread, children, one);
  };
}

/** A worker that was ended from outside cannot say so itself. @param {import('./threads.cjs').ProgramThread} thread @param {Set<Live>} workers @param {Live} one */
function lookAtWorker({ shared }, workers, one) {
  const number = one.worker.threadId;
  if (number > 0) one.number = number;
  if (number !== -1) return;
  workers.delete(one);
  const { words } = shared;
  for (let turn = 0; turn < SLOTS; turn++) {
    const slot = (CONTROL_BYTES + turn * SLOT_BYTES) / 4;
    const state = Atomics.load(words, slot);
    if (state === STATE.free) return;
    if (state === STATE.ended || words[slot + SLOT.nodeThread] !== one.number) continue;
    if (Atomics.exchange(words, slot, STATE.ended) === STATE.ended) return;
    shared.write(KIND.threadEnd, words[slot + SLOT.thread] ?? 0, nowNs());
    return;
  }
}

/** @param {import('./threads.cjs').ProgramThread} thread @param {Set<Child>} children @param {Child} one */
function lookAtChild({ shared, actor }, children, one) {
  const { child } = one;
  if (one.pid === 0 && child.pid !== undefined) {
    one.pid = child.pid;
    shared.write(KIND.processStart, actor, one.at, one.pid, one.stack, 0, START.subprocess);
  }
  if (child.exitCode === null && child.signalCode === null) {
    // It could not be started.
    if (one.pid === 0 && nowNs() - one.at > 1e9) children.delete(one);
    return;
  }
  children.delete(one);
  if (one.pid === 0) return;
  const code = child.exitCode ?? -(signals[String(child.signalCode)] ?? 1);
  shared.write(KIND.processEnd, actor, nowNs(), one.pid, code >>> 0);
}

module.exports = { creatorOf, followWorkers };
