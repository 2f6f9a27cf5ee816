// title: Hand out work to processes
// seeds: S14 S16 S38
// shows: three children of this program, each a process lane with a loop of its own, take jobs over a pipe; the parent's loop only hands out and collects.
// expect: nothing
// may: loop-saturated
// not: deadlock hang loop-blocked
// timeout: 20
// exit: 0
/** fork() gives a child process a pipe to its parent. A job goes to whoever is free, so a slow one holds up nobody else. */
const { fork } = require('node:child_process');
const { once } = require('node:events');

const CHILDREN = 3;
const JOBS = Array.from({ length: 24 }, (_, number) => 800_000 + (number % 5) * 300_000);

function countPrimes(limit) {
  const composite = new Uint8Array(limit);
  let found = 0;
  for (let number = 2; number < limit; number++) {
    if (composite[number] === 1) continue;
    found++;
    for (let multiple = number * 2; multiple < limit; multiple += number) composite[multiple] = 1;
  }
  return found;
}

async function main() {
  const waiting = JOBS.entries();
  const results = new Array(JOBS.length);
  const serve = async (number) => {
    const child = fork(__filename, ['--child', String(number)]);
    const ended = once(child, 'exit');
    let done = 0;
    for (const [index, limit] of waiting) {
      child.send(limit);
      [results[index]] = await once(child, 'message');
      done++;
    }
    child.disconnect();
    await ended;
    return done;
  };
  const shares = await Promise.all(Array.from({ length: CHILDREN }, (_, number) => serve(number)));
  console.log(
    `${results.length} jobs, ${shares.join(' + ')} by child; the first found ${results[0]} primes`,
  );
}

if (process.argv[2] === '--child') {
  process.on('message', (limit) => process.send(countPrimes(limit)));
} else {
  main();
}
