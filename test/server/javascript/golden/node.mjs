// Synchronous work on the loop, workers, shared memory, Promise.all.
import { execSync as shell } from 'node:child_process';
import * as crypto from 'crypto';
import fs, { readFileSync, existsSync as there } from 'node:fs';
import http from 'node:http';
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import express from 'express';

const config = readFileSync('config.json', 'utf8');
const app = express();

export async function answer(name, salt) {
  const text = readFileSync(name, 'utf8'); // lint: sync-io-in-async
  fs.writeFileSync(name, text); // lint: sync-io-in-async
  if (there(name)) return config; // lint: sync-io-in-async
  shell('ls'); // lint: sync-io-in-async
  [1].forEach(() => fs.statSync(name)); // lint: sync-io-in-async
  const queue = { flushSync() {} };
  queue.flushSync();
  crypto.randomBytes(4);
  setTimeout(() => readFileSync(name), 10); // lint: sync-io-in-async
  return crypto.pbkdf2Sync('x', salt, 1000, 64, 'sha512'); // lint: sync-io-in-async
}

export function load() {
  return readFileSync('start.txt'); // lint: sync-io-in-async
}

app.get('/', (request, response) => {
  response.send(fs.readFileSync(request.path)); // lint: sync-io-in-async
});
http.createServer((request, response) => {
  response.end(fs.readFileSync('page.html')); // lint: sync-io-in-async
});

export function workers(files) {
  new Worker('./a.js'); // lint: unsupervised-worker
  const deaf = new Worker('./b.js'); // lint: unsupervised-worker
  deaf.postMessage(1);
  const heard = new Worker('./c.js');
  heard.on('error', console.error);
  const given = new Worker('./d.js');
  watch(given);
  for (const file of files) {
    const each = new Worker(file); // lint: unsupervised-worker
    each.on('error', console.error);
  }
  const pool = cpus().map(() => new Worker('./e.js'));
  return pool;
}

function watch(worker) {
  worker.on('error', console.error);
}

export function shared() {
  const cells = new Int32Array(new SharedArrayBuffer(16));
  cells[0] = 5;
  cells[0]++; // lint: atomics-misuse
  cells[1] += 2; // lint: atomics-misuse
  const own = new Int32Array(4);
  own[0]++;
  Atomics.wait(cells, 0, 0); // lint: atomics-misuse
  return () => {
    cells[2] = 1; // lint: atomics-misuse
    return Atomics.load(cells, 2);
  };
}

export async function together(send, log) {
  try {
    await Promise.all([send(1), send(2)]); // lint: promise-all-fails-fast
  } catch (error) {
    log(error);
  }
  try {
    await Promise.all([send(1), send(2)]);
  } catch (error) {
    throw new Error('no', { cause: error });
  }
  const [a, b] = await Promise.all([send(1), send(2)]);
  await Promise.all([send(1), send(2)]);
  return a + b;
}
