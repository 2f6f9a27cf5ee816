// title: Promises that never let go of the loop
// seeds: S24 S39
// shows: every await returns at once, so the chain of promises runs on and on within one turn of the loop: the timer that was due after 10 ms comes after a second.
// expect: loop-blocked
// may: loop-saturated
// not: deadlock hang
// timeout: 15
// exit: 0
/**
 * `await` is no pause. What is there already goes on in the same turn, before any timer, any connection. With `setImmediate` every
 * now and then the others get theirs.
 */
import { setImmediate as turn } from 'node:timers/promises';

const cache = new Map(Array.from({ length: 1000 }, (_, key) => [key, { key, hits: 0 }]));

async function lookUp(key) {
  return cache.get(key);
}

async function scan(untilMs, politely) {
  const end = performance.now() + untilMs;
  let looked = 0;
  let sum = 0;
  while (performance.now() < end) {
    const entry = await lookUp(looked++ % 1000);
    for (let step = 0; step < 400; step++) sum += entry.key ^ step; // expect: loop-blocked
    if (politely && looked % 1000 === 0) await turn();
  }
  return { looked, sum };
}

async function main() {
  for (const politely of [false, true]) {
    // The loop has to have turned before anybody can wait for it.
    await new Promise((done) => setTimeout(done, 50));
    const due = performance.now() + 10;
    const timer = new Promise((done) => setTimeout(() => done(performance.now() - due), 10));
    const { looked } = await scan(1000, politely);
    const late = (await timer).toFixed(0);
    console.log(
      `${politely ? 'with turns   ' : 'without turns'} ${looked} look-ups; a timer of 10 ms came ${late} ms late`,
    );
  }
}

await main();
