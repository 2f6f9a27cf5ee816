// title: A blocking call in a request handler
// seeds: S24 S39
// shows: while one sign-in hashes a password, nobody else is served: the loop's lag jumps to the length of the hash, and the finding names the line.
// expect: loop-blocked
// may: loop-saturated
// not: deadlock hang
// timeout: 20
// exit: 0
/** pbkdf2Sync where pbkdf2 was meant. The cure is handler-in-pool.mjs: three words of difference. */
import { pbkdf2Sync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';

const ROUNDS = 600_000;

function hashOf(password) {
  return pbkdf2Sync(password, 'salt', ROUNDS, 32, 'sha512').toString('hex'); // expect: loop-blocked
}

const server = createServer((request, response) => {
  if (request.url === '/sign-in') response.end(hashOf('correct horse battery staple').slice(0, 8));
  else response.end('pong');
});

async function ping(url) {
  const begin = performance.now();
  const [response] = await once(get(url), 'response');
  response.resume();
  await once(response, 'end');
  return performance.now() - begin;
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;
const pings = [];
const pulse = setInterval(() => pings.push(ping(`${base}/ping`)), 20);
for (let guest = 0; guest < 3; guest++) {
  await ping(`${base}/sign-in`);
  await new Promise((done) => setTimeout(done, 100));
}
clearInterval(pulse);
const longest = Math.max(...(await Promise.all(pings)));
console.log(
  `${pings.length} pings while 3 guests signed in; the slowest took ${longest.toFixed(0)} ms`,
);
server.close();
server.closeAllConnections();
