// title: A pool of workers of one's own
// seeds: S38 S32 S11
// shows: three workers are started once and take the items one after another; what each item costs is its computing, and no more.
// expect: nothing
// not: warning thread-churn
// requires: node>=22.18
// timeout: 20
// exit: 0
// cure-of: workers/worker-per-item.mjs
/** In TypeScript, as Node runs it without a build. Results come back in the order of the items, whoever made them. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const ITEMS = 120;
const WORKERS = 3;

function checksum(item: number): number {
  let sum = item;
  for (let step = 0; step < 20_000; step++) sum = (sum * 33 + step) % 65_521;
  return sum;
}

class WorkerPool implements AsyncDisposable {
  readonly #workers: readonly Worker[];

  constructor(size: number) {
    this.#workers = Array.from(
      { length: size },
      (_, number) => new Worker(new URL(import.meta.url), { name: `pool-${number}` }),
    );
  }

  async map(items: readonly number[]): Promise<readonly number[]> {
    const results: number[] = [];
    const waiting = items.entries();
    const lane = async (worker: Worker): Promise<void> => {
      for (const [index, item] of waiting) {
        worker.postMessage(item);
        const [sum]: [number] = await once(worker, 'message');
        results[index] = sum;
      }
    };
    await Promise.all(this.#workers.map(lane));
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

async function main(): Promise<void> {
  const pool = new WorkerPool(WORKERS);
  const begin = performance.now();
  const sums = await pool.map(Array.from({ length: ITEMS }, (_, item) => item));
  const seconds = (performance.now() - begin) / 1000;
  console.log(`${sums.length} items by ${WORKERS} workers in ${seconds.toFixed(2)} s`);
  await pool[Symbol.asyncDispose]();
}

if (isMainThread) await main();
else parentPort?.on('message', (item: number) => parentPort?.postMessage(checksum(item)));
