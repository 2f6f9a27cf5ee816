// title: The same computing on the main thread, in workers and in processes
// seeds: S01 S14 S33
// shows: three stretches on the timeline. On the main thread the jobs follow one another and the loop stands still; workers and processes run side by side, and the loop stays free.
// expect: loop-blocked
// not: deadlock hang
// timeout: 40
// exit: 0
/**
 * JavaScript runs on one thread: async is a way to wait, not a way to compute. A heartbeat tells what each way does to everybody else.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const JOBS = 4;
const LIMIT = 2_500_000;
const HERE = new URL(import.meta.url);

function countPrimes(limit) {
  let found = 0;
  for (let candidate = 2; candidate < limit; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) found++;
  }
  return found;
}

async function onMainThread() {
  const results = [];
  for (let job = 0; job < JOBS; job++) {
    results.push(countPrimes(LIMIT)); // expect: loop-blocked
    // A turn for the others between two jobs; within one there is none.
    await new Promise((done) => setImmediate(done));
  }
  return results;
}

function inWorkers() {
  const jobs = Array.from({ length: JOBS }, async (_, job) => {
    const worker = new Worker(HERE, { workerData: LIMIT, name: `primes-${job}` });
    const [found] = await once(worker, 'message');
    return found;
  });
  return Promise.all(jobs);
}

function inProcesses() {
  const jobs = Array.from({ length: JOBS }, async () => {
    const child = fork(fileURLToPath(HERE), ['--child', String(LIMIT)]);
    const [[found]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
    return found;
  });
  return Promise.all(jobs);
}

async function timed(label, work) {
  let longest = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 20);
  const begin = performance.now();
  const [found] = await work();
  await new Promise((done) => setTimeout(done, 25));
  clearInterval(pulse);
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `${label.padEnd(12)} ${seconds.toFixed(2)} s   ${found} primes, ${JOBS} times; the longest pause of a heartbeat every 20 ms: ${longest.toFixed(0)} ms`,
  );
  return seconds;
}

async function main() {
  const alone = await timed('main thread', onMainThread);
  const workers = await timed('workers', inWorkers);
  const processes = await timed('processes', inProcesses);
  console.log(`workers      ${(alone / workers).toFixed(2)} x the speed of the main thread`);
  console.log(
    `processes    ${(alone / processes).toFixed(2)} x, on ${availableParallelism()} cores`,
  );
}

if (!isMainThread) parentPort.postMessage(countPrimes(workerData));
else if (process.argv[2] === '--child') {
  process.send(countPrimes(Number(process.argv[3])), () => process.disconnect());
} else await main();
