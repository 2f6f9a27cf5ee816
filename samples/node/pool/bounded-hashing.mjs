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
import { promisify } from 'node:util';

const ROUNDS = 220_000;
const GUESTS = 28;
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
  console.log(`a file, alone            ${(await readSettings()).toFixed(1)} ms`);
  const guests = Array.from({ length: GUESTS }, (_, guest) => signIn(guest));
  console.log(`a file, behind ${GUESTS} guests ${(await readSettings()).toFixed(1)} ms`);
  await Promise.all(guests);
}

await main();
