// title: Two workers, two mutexes, opposite order
// seeds: S30
// shows: both workers stand in Atomics.wait from the same instant on: each transfer holds the account that the other one wants. The main thread idles in its loop and can do nothing for them.
// expect: deadlock|hang
// not: loop-blocked
// timeout: 5
// exit: timeout
/** The classic in shared memory. Workers may block, the main thread had better not. The cure is two-mutexes-ordered.mjs. */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Mutex } from './mutex.mjs';

const ALICE = 0;
const BOB = 1;

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function transfer({ locks, balances, from, to, amount }) {
  const source = new Mutex(locks, from);
  const target = new Mutex(locks, to);
  source.lock();
  pause(300); // the unlucky moment that luck brings once a month, made to last
  target.lock(); // expect: deadlock|hang
  balances[from] -= amount;
  balances[to] += amount;
  target.unlock();
  source.unlock();
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
