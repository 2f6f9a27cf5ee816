// title: The cure by order: the account with the smaller number first
// seeds: S30
// shows: one worker waits for the other, in Atomics.wait, and then has its turn; nobody waits in a circle.
// expect: nothing
// not: warning
// timeout: 10
// exit: 0
// cure-of: atomics/two-mutexes-deadlock.mjs
/** Whatever a transfer's direction is, its locks are taken in the same order. */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Mutex } from './mutex.mjs';

const ALICE = 0;
const BOB = 1;

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function transfer({ locks, balances, from, to, amount }) {
  const first = new Mutex(locks, Math.min(from, to));
  const second = new Mutex(locks, Math.max(from, to));
  first.lock();
  pause(300);
  second.lock();
  balances[from] -= amount;
  balances[to] += amount;
  second.unlock();
  first.unlock();
}

async function main() {
  const locks = new Int32Array(new SharedArrayBuffer(8));
  const balances = new Int32Array(new SharedArrayBuffer(8)).fill(100);
  const start = (name, from, to, amount) =>
    new Worker(new URL(import.meta.url), {
      name,
      workerData: { locks, balances, from, to, amount },
    });
  const workers = [start('alice-to-bob', ALICE, BOB, 10), start('bob-to-alice', BOB, ALICE, 20)];
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  console.log(`alice ${balances[ALICE]}, bob ${balances[BOB]}`);
}

if (isMainThread) await main();
else transfer(workerData);
