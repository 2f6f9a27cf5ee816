// title: Workers that wait for messages in their loops, and a main thread that waits for a timer
// expect: nothing
// not: warning
// exit: 0
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (isMainThread) {
  const workers = [0, 1, 2].map(() => new Worker(new URL(import.meta.url)));
  setTimeout(() => {
    for (const worker of workers) worker.postMessage('end');
  }, 2500);
} else parentPort.once('message', () => undefined);
