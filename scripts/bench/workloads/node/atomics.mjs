/** Four workers take one mutex made of Atomics, each to count. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { sized } from './sized.mjs';

const [FREE, TAKEN, WANTED] = [0, 1, 2];
if (isMainThread) {
  const workerData = new Int32Array(new SharedArrayBuffer(8));
  for (let count = 0; count < 4; count++) new Worker(new URL(import.meta.url), { workerData });
} else {
  const cells = workerData;
  for (let turn = sized(150_000); turn > 0; turn--) {
    if (Atomics.compareExchange(cells, 0, FREE, TAKEN) !== FREE)
      while (Atomics.exchange(cells, 0, WANTED) !== FREE) Atomics.wait(cells, 0, WANTED);
    cells[1]++;
    if (Atomics.exchange(cells, 0, FREE) === WANTED) Atomics.notify(cells, 0, 1);
  }
}
