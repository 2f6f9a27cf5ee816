// title: Atomics.wait as a pause, on the main thread of a script and in a worker
// expect: nothing
// not: warning
// exit: 0
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

if (isMainThread) {
  pause(300);
  const worker = new Worker(new URL(import.meta.url));
  await once(worker, 'exit');
} else for (let turn = 0; turn < 5; turn++) pause(250);
