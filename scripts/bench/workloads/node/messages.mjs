/** Messages to a worker and back, one at a time. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { sized } from './sized.mjs';

if (isMainThread) {
  let left = sized(30_000);
  const worker = new Worker(new URL(import.meta.url));
  worker.on('message', (value) => {
    if (--left > 0) worker.postMessage(value);
    else worker.terminate();
  });
  worker.postMessage({ hello: 'worker' });
} else parentPort.on('message', (value) => parentPort.postMessage(value));
