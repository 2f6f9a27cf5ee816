// title: Files that wait behind passwords
// seeds: S24 S39 S32
// shows: libuv's pool has four threads for everything. Sixty guests sign in faster than it can hash, and each read of a small file stands in the queue behind their passwords. The loop is idle all the while.
// expect: pool-saturated
// not: loop-blocked deadlock hang
// timeout: 30
// exit: 0
/**
 * fs, dns.lookup, crypto and zlib share one pool. Nothing blocks the loop here, and yet nothing comes back. The cure is
 * bounded-hashing.mjs.
 */
import { pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROUNDS = 60_000;
const GUESTS = 60;
const hash = promisify(pbkdf2);

async function signIn(guest) {
  await hash(`password of ${guest}`, 'salt', ROUNDS, 32, 'sha512');
}

async function readSettings() {
  const begin = performance.now();
  await readFile(new URL(import.meta.url)); // expect: pool-saturated
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
