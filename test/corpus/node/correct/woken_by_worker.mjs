// title: A worker that waits while another one computes, and is woken by it
// expect: nothing
// not: warning
// exit: 0
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

function wait({ cell }) {
  while (Atomics.load(cell, 0) === 0) Atomics.wait(cell, 0, 0);
}

function work({ cell }) {
  const end = performance.now() + 2500;
  while (performance.now() < end);
  Atomics.store(cell, 0, 1);
  Atomics.notify(cell, 0);
}

async function main() {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const workers = ['wait', 'work'].map(
    (role) => new Worker(new URL(import.meta.url), { workerData: { cell, role }, name: role }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
}

if (isMainThread) await main();
else (workerData.role === 'wait' ? wait : work)(workerData);
