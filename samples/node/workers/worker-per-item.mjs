// title: A worker for every item
// seeds: S39 S32
// shows: each item costs the start of a whole JavaScript engine, a hundred times what the work itself takes; then three workers do the same items again and are done in no time.
// expect: thread-churn
// not: warning
// timeout: 40
// exit: 0
/** A worker takes tens of milliseconds to start. Make a few, keep them, and send them messages. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const ITEMS = 120;
const AT_ONCE = 3;

function checksum(item) {
  let sum = item;
  for (let step = 0; step < 20_000; step++) sum = (sum * 33 + step) % 65_521;
  return sum;
}

async function inOwnWorker(item) {
  const worker = new Worker(new URL(import.meta.url), { workerData: item }); // expect: thread-churn
  const [[sum]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return sum;
}

/** Three at a time, each with a worker of its own. */
async function oneForEach(items) {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await inOwnWorker(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function fewForAll(items) {
  const workers = Array.from({ length: AT_ONCE }, () => new Worker(new URL(import.meta.url)));
  const waiting = [...items];
  const lane = async (worker) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      worker.postMessage(item);
      await once(worker, 'message');
    }
    await worker.terminate();
  };
  await Promise.all(workers.map(lane));
}

async function main() {
  const items = Array.from({ length: ITEMS }, (_, item) => item);
  for (const [label, work] of [
    ['a worker for every item', oneForEach],
    ['three workers for all', fewForAll],
  ]) {
    const begin = performance.now();
    await work(items);
    console.log(`${label.padEnd(24)} ${((performance.now() - begin) / 1000).toFixed(2)} s`);
  }
}

if (isMainThread) await main();
else if (typeof workerData === 'number') parentPort.postMessage(checksum(workerData));
else parentPort.on('message', (item) => parentPort.postMessage(checksum(item)));
