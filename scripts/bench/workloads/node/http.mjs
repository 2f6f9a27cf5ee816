/** A web server and a client of it with 200 connections that stay open. */
import { Agent, createServer, get } from 'node:http';
import { sized } from './sized.mjs';

const CONNECTIONS = 200;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const { port } = server.address();

const ask = () =>
  new Promise((done, fail) => {
    get({ port, host: '127.0.0.1', agent }, (response) => response.on('end', done).resume()).on(
      'error',
      fail,
    );
  });
let left = sized(6000);
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    while (left-- > 0) await ask();
  }),
);
agent.destroy();
server.close();
