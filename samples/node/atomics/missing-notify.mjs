// title: A value that changes, and nobody is told
// seeds: S08 S11 S39
// shows: the store is done at once and the worker goes on standing in Atomics.wait: without Atomics.notify nothing wakes it, whatever the value is by then.
// expect: hang
// not: deadlock loop-blocked
// timeout: 5
// exit: timeout
/** `Atomics.wait` looks at the value once, before it goes to sleep. Who changes the value later has to say so. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const EMPTY = 0;
const FULL = 1;

function consume(mailbox) {
  Atomics.wait(mailbox, 0, EMPTY); // expect: hang
  console.log(`got ${Atomics.load(mailbox, 1)}`);
}

async function main() {
  const mailbox = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), { workerData: mailbox, name: 'consumer' });
  await once(worker, 'online');
  await sleep(300);
  Atomics.store(mailbox, 1, 42);
  Atomics.store(mailbox, 0, FULL);
  // Here belongs: Atomics.notify(mailbox, 0);
  await once(worker, 'exit');
}

if (isMainThread) await main();
else consume(workerData);
