// title: A shared counter loses updates, and one that does not
// seeds: S05
// shows: two workers count in the same cell of shared memory: read, add, write loses what the other wrote in between; Atomics.add does not.
// expect: nothing
// not: warning
// timeout: 20
// exit: 0
/** One thread at a time runs JavaScript, until there is shared memory: then `cells[0] += 1` is three steps again. */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const WORKERS = 2;
const ROUNDS = 10_000_000;

function count({ cells, gate }) {
  // Whoever comes last opens the gate: both count at the same time, or there is nothing to see.
  if (Atomics.add(gate, 0, 1) === WORKERS - 1) Atomics.notify(gate, 0);
  else while (Atomics.load(gate, 0) < WORKERS) Atomics.wait(gate, 0, Atomics.load(gate, 0), 1000);
  for (let round = 0; round < ROUNDS; round++) {
    cells[0] += 1;
    Atomics.add(cells, 1, 1);
  }
}

async function main() {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: WORKERS }, (_, number) => {
    const about = { name: `count-${number}`, workerData: { cells, gate } };
    return new Worker(new URL(import.meta.url), about);
  });
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  const wanted = WORKERS * ROUNDS;
  console.log(`plain:   ${cells[0]} of ${wanted}, ${wanted - cells[0]} lost`);
  console.log(`atomic:  ${cells[1]} of ${wanted}`);
}

if (isMainThread) await main();
else count(workerData);
