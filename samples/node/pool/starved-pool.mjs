// title: Files that wait behind passwords
// seeds: S24 S39 S32
// shows: libuv's pool has four threads for everything: twenty hashes fill it, and reading a file of a few bytes waits until they are done. The loop is idle all the while.
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
import { promisify } from 'node:util';

const ROUNDS = 120_000;
const WAVES = 4;
const GUESTS = 20;
const FILES = 6;
const hash = promisify(pbkdf2);

async function signIn(guest) {
  await hash(`password of ${guest}`, 'salt', ROUNDS, 32, 'sha512'); // expect: pool-saturated
}

async function readSettings() {
  const begin = performance.now();
  await readFile(new URL(import.meta.url));
  return performance.now() - begin;
}

async function main() {
  console.log(`a file, alone            ${(await readSettings()).toFixed(1)} ms`);
  for (let wave = 1; wave <= WAVES; wave++) {
    const guests = Array.from({ length: GUESTS }, (_, guest) => signIn(guest));
    const files = await Promise.all(Array.from({ length: FILES }, readSettings));
    console.log(`a file, behind ${GUESTS} guests ${Math.max(...files).toFixed(1)} ms`);
    await Promise.all(guests);
  }
}

await main();
