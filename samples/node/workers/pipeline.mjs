// title: A pipeline over workers, with errors set aside
// seeds: S27 S25 S15
// shows: one producer, three workers, one consumer. At most two orders are on the way to each worker, so the producer waits for the slowest stage, and the broken orders end in a list of their own.
// expect: nothing
// not: warning
// timeout: 20
// exit: 0
/** Back-pressure by credit: a worker that has answered may have the next order. Nobody's mailbox grows. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const WORKERS = 3;
const CREDIT = 2;
const ORDERS = 120;

async function* produce() {
  for (let id = 1; id <= ORDERS; id++) {
    if (id % 20 === 0) await sleep(5);
    yield { id, amount: id % 17 === 0 ? Number.NaN : id * 3 };
  }
}

/** What one order costs: a few milliseconds of computing. */
function price({ id, amount }) {
  if (Number.isNaN(amount)) throw new RangeError(`order ${id} has no amount`);
  let total = amount;
  for (let step = 0; step < 400_000; step++) total = (total * 31 + step) % 1_000_003;
  return { id, total };
}

function serve(port) {
  port.on('message', (order) => {
    if (order === undefined) {
      port.close();
      return;
    }
    try {
      port.postMessage({ from: workerData, result: price(order) });
    } catch (failure) {
      port.postMessage({ from: workerData, failure: `${failure.name}: ${failure.message}` });
    }
  });
}

async function main() {
  const workers = Array.from(
    { length: WORKERS },
    (_, number) =>
      new Worker(new URL(import.meta.url), { workerData: number, name: `price-${number}` }),
  );
  const free = workers.flatMap((worker) => Array(CREDIT).fill(worker));
  const waiting = [];
  const results = [];
  const failures = [];
  for (const worker of workers) {
    worker.on('message', ({ result, failure }) => {
      if (failure === undefined) results.push(result);
      else failures.push(failure);
      const wake = waiting.shift();
      if (wake === undefined) free.push(worker);
      else wake(worker);
    });
  }
  for await (const order of produce()) {
    const worker = free.pop() ?? (await new Promise((wake) => waiting.push(wake)));
    worker.postMessage(order);
  }
  for (const worker of workers) worker.postMessage(undefined);
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  console.log(
    `${results.length} orders priced, ${failures.length} set aside, for example: ${failures[0]}`,
  );
}

if (isMainThread) await main();
else serve(parentPort);
