// title: Never more work than the pool can take
// seeds: S20 S25
// shows: a semaphore of two lets two hashes into the pool at a time; the other two threads are free for files, which come back at once.
// expect: nothing
// not: warning
// timeout: 30
// exit: 0
// cure-of: pool/starved-pool.mjs
/** The backlog waits in the program, where it can be seen, bounded and refused, and not in the pool that everybody shares. */
import { pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROUNDS = 60_000;
const GUESTS = 60;
const hash = promisify(pbkdf2);

class Semaphore {
  #free;
  #waiting = [];

  constructor(permits) {
    this.#free = permits;
  }

  async use(work) {
    if (this.#free > 0) this.#free--;
    else await new Promise((wake) => this.#waiting.push(wake));
    try {
      return await work();
    } finally {
      // A permit goes from hand to hand: were it put down in between, a newcomer could take it before the one who was woken.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

const hashing = new Semaphore(2);

async function signIn(guest) {
  await hashing.use(() => hash(`password of ${guest}`, 'salt', ROUNDS, 32, 'sha512'));
}

async function readSettings() {
  const begin = performance.now();
  await readFile(new URL(import.meta.url));
  return performance.now() - begin;
}

async function main() {
  const alone = await readSettings();
  const begin = performance.now();
  await signIn('the first one');
  // Five guests in the time of one: more than the pool's threads can serve, whatever the machine.
  const pause = (performance.now() - begin) / 5;
  const guests = [];
  const reads = [];
  for (let guest = 0; guest < GUESTS; guest++) {
    guests.push(signIn(guest));
    reads.push(readSettings());
    await sleep(pause);
  }
  const slowest = Math.max(...(await Promise.all(reads)));
  await Promise.all(guests);
  console.log(
    `a small file: ${alone.toFixed(1)} ms alone, up to ${slowest.toFixed(0)} ms beside guests`,
  );
}

await main();
