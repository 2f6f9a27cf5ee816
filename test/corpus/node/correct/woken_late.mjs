// title: A worker that stands in Atomics.wait until a timer of the main thread wakes it
// expect: nothing
// not: warning
// exit: 0
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

async function main() {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: cell, name: 'sleeper' });
  setTimeout(() => {
    Atomics.store(cell, 0, 1);
    Atomics.notify(cell, 0);
  }, 3000);
  const [code] = await once(worker, 'exit');
  console.log(`worker ended with ${code}`);
}

if (isMainThread) await main();
else while (Atomics.load(workerData, 0) === 0) Atomics.wait(workerData, 0, 0);
