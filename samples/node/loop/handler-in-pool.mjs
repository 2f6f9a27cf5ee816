// title: The same handler with the hash in the pool
// seeds: S24 S23
// shows: the hashes run on the threads of libuv's pool, side by side, and the loop goes on answering pings within a few milliseconds.
// expect: nothing
// not: warning
// timeout: 20
// exit: 0
// cure-of: loop/blocking-handler.mjs
/** pbkdf2 with a promise: the loop hands the work over and goes on. */
import { pbkdf2 } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { promisify } from 'node:util';

const ROUNDS = 600_000;
const hash = promisify(pbkdf2);

async function hashOf(password) {
  return (await hash(password, 'salt', ROUNDS, 32, 'sha512')).toString('hex');
}

const server = createServer(async (request, response) => {
  if (request.url === '/sign-in') {
    response.end((await hashOf('correct horse battery staple')).slice(0, 8));
  } else response.end('pong');
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
