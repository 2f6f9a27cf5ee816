// title: Workers that compute for as long as they like: that is what they are for
// expect: nothing
// not: warning
// exit: 0
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

function compute(ms) {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) sum = (sum * 31 + 7) % 1_000_003;
  return sum;
}

async function main() {
  const workers = [0, 1].map(
    (number) => new Worker(new URL(import.meta.url), { name: `w${number}` }),
  );
  await Promise.all(
    workers.map(async (worker) => {
      for (let item = 0; item < 3; item++) {
        worker.postMessage(300);
        await once(worker, 'message');
      }
      await worker.terminate();
    }),
  );
}

if (isMainThread) await main();
else parentPort.on('message', (ms) => parentPort.postMessage(compute(ms)));
