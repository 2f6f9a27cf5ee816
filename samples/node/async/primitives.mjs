// title: An async mutex, a semaphore and a queue
// seeds: S20 S25 S05
// shows: one thread, and still a race: what is read before an await may be old after it. The mutex cures it, the semaphore bounds how many fetch at once, the queue makes the producer wait.
// expect: nothing
// not: warning
// timeout: 15
// exit: 0
/** JavaScript has none of the three; each takes a dozen lines and a list of those who wait. */
import { setTimeout as sleep } from 'node:timers/promises';

class Semaphore {
  #free;
  #waiting = [];

  constructor(permits) {
    this.#free = permits;
  }

  async acquire() {
    if (this.#free > 0) this.#free--;
    else await new Promise((wake) => this.#waiting.push(wake));
  }

  release() {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  async use(work) {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}

/** A queue with room for so many items: `put` waits while it is full, `get` while it is empty. */
class Queue {
  #items = [];
  #room;
  #filled = new Semaphore(0);

  constructor(size) {
    this.#room = new Semaphore(size);
  }

  async put(item) {
    await this.#room.acquire();
    this.#items.push(item);
    this.#filled.release();
  }

  async get() {
    await this.#filled.acquire();
    const item = this.#items.shift();
    this.#room.release();
    return item;
  }
}

async function account() {
  let balance = 0;
  const deposit = async () => {
    const before = balance;
    await sleep(1);
    balance = before + 10;
  };
  await Promise.all(Array.from({ length: 10 }, deposit));
  const racy = balance;
  balance = 0;
  const mutex = new Semaphore(1);
  await Promise.all(Array.from({ length: 10 }, () => mutex.use(deposit)));
  console.log(`ten deposits of 10: ${racy} without a mutex, ${balance} with one`);
}

async function fetches() {
  const limit = new Semaphore(3);
  let now = 0;
  let most = 0;
  const fetchOne = async () => {
    most = Math.max(most, ++now);
    await sleep(20);
    now--;
  };
  await Promise.all(Array.from({ length: 12 }, () => limit.use(fetchOne)));
  console.log(`twelve fetches, never more than ${most} at once`);
}

async function bounded() {
  const queue = new Queue(4);
  let ahead = 0;
  let most = 0;
  const produce = async () => {
    for (let item = 0; item < 40; item++) {
      await queue.put(item);
      most = Math.max(most, ++ahead);
    }
    await queue.put(undefined);
  };
  const consume = async () => {
    for (let item = await queue.get(); item !== undefined; item = await queue.get()) {
      ahead--;
      await sleep(2);
    }
  };
  await Promise.all([produce(), consume()]);
  console.log(`forty items, the producer never more than ${most} ahead`);
}

await account();
await fetches();
await bounded();
