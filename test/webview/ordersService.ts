/** A drawn recording for looking at the panel: an orders service with an event loop, a thread pool that deadlocks, and a process pool. */
import type { Batch } from '../../wire/batch.ts';
import { ACQUIRE, KIND, OWNER, SAMPLE, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { StreamWriter } from '../engine/traceWriter.ts';

const MS = 1e6;
const DEADLOCK_AT = 14_620 * MS;
export const END = 15_900 * MS;

interface Drawn {
  readonly at: number;
  readonly write: () => void;
}

/** Numbers that look random and are the same every time. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The whole recording, each batch with the time at which it would have come. */
export function ordersService(): readonly { readonly at: number; readonly batch: Batch }[] {
  const out: { at: number; batch: Batch }[] = [];
  let now = 0;
  const send = (batch: Batch) => out.push({ at: now, batch });
  send({
    type: 'manifest',
    manifest: {
      format: 'interleave',
      version: 1,
      command: ['python3', 'orders_service.py'],
      cwd: '/app',
      startedAt: { monotonic: 5_000_000_000_000, wall: 1.7e18 },
      budgetBytes: 2 ** 28,
      host: { platform: 'linux', arch: 'x64', cores: 4 },
    },
  });
  const main = new StreamWriter(send, 48213, { argv: ['orders_service.py'] });
  const children = [48290, 48291].map(
    (pid) =>
      new StreamWriter(send, pid, { argv: ['orders_service.py'], parent: main.name, how: 'spawn' }),
  );
  const drawn: Drawn[] = [];
  const at = (time: number, write: () => void) => {
    if (time < END) drawn.push({ at: time, write });
  };
  drawLoop(main, at);
  drawPool(main, at);
  drawPricing(main, children, at);
  drawn.sort((one, other) => one.at - other.at);
  let flushed = 0;
  for (const { at: time, write } of drawn) {
    now = time;
    write();
    if (time - flushed < 40 * MS) continue;
    flushed = time;
    for (const stream of [main, ...children]) stream.flush();
  }
  for (const stream of [main, ...children]) stream.flush();
  return out;
}

type At = (time: number, write: () => void) => void;

const app = (line: number, name: string, file = 'ledger.py') => ({
  file: `/app/${file}`,
  line,
  function: name,
});
const library = (name: string, line: number) => ({
  file: `/usr/lib/python3.11/${name}`,
  line,
  function: name.split('/').at(-1)?.replace('.py', '') ?? name,
});

function drawLoop(main: StreamWriter, at: At): void {
  const random = numbers(7);
  const thread = main.thread('MainThread', { main: true });
  const loop = main.object('loop', 'EventLoop', { library: 'asyncio', name: 'loop' });
  at(0, () => {
    main.record(0, KIND.threadStart, thread);
    main.record(MS, KIND.loopStart, thread, { a: loop });
  });
  const selecting = main.stack(
    library('selectors.py', 469),
    library('asyncio/base_events.py', 1922),
    app(12, 'main', 'app.py'),
  );
  const selector = main.stack(
    { file: '/usr/lib/python3.11/selectors.py', line: 469, function: 'select' },
    app(12, 'main', 'app.py'),
  );
  void selecting;
  const tasks = Array.from({ length: 38 }, (_, index) => {
    const name = `Task-${index + 5}`;
    const target = ['fetch_rates', 'settle_batch', 'handle_order', 'watch_stock'][index % 4]!;
    const task = main.task(name, loop);
    const created = main.stack(app(20 + index, 'spawn', 'app.py'));
    const born = (200 + index * 160) * MS;
    at(born, () => {
      main.record(born, KIND.taskCreate, thread, { a: task, b: created, c: main.string(target) });
      main.record(born + 1, KIND.taskResume, task, { a: loop });
    });
    return { task, target, born };
  });
  for (const { task, born } of tasks) {
    const line = main.stack(app(41, 'fetch_rates', 'rates.py'));
    for (let time = born + 20 * MS; time < END; time += (400 + random() * 3000) * MS) {
      const wait = time;
      const end = wait + (100 + random() * 800) * MS;
      const future = main.object('http GET', 'Other', { library: 'aiohttp' });
      at(wait, () =>
        main.record(wait, KIND.waitBegin, task, { a: future, b: line, aux: WAIT.await }),
      );
      at(end, () => {
        main.record(end, KIND.waitEnd, task, { a: future, aux: WAIT_RESULT.done });
        main.record(end + 1, KIND.taskResume, task, { a: loop });
      });
      at(end + 12 * MS, () =>
        main.record(end + 12 * MS, KIND.taskSuspend, task, { a: 0, b: line }),
      );
    }
  }
  // Steps that block: the loop's lag follows them.
  const blocks = [
    { from: 4_700, ms: 180, task: 5, line: main.stack(app(17, 'parse_batch', 'batch.py')) },
    {
      from: 8_900,
      ms: 240,
      task: 12,
      line: main.stack(library('json/decoder.py', 337), app(17, 'parse_batch', 'batch.py')),
    },
    {
      from: 12_950,
      ms: 312,
      task: 17,
      line: main.stack(library('json/decoder.py', 337), app(17, 'parse_batch', 'batch.py')),
    },
    {
      from: 14_030,
      ms: 482,
      task: 12,
      line: main.stack(
        {
          file: '/usr/lib/python3.11/site-packages/requests/api.py',
          line: 73,
          function: 'requests.get',
        },
        app(41, 'fetch_rates', 'rates.py'),
      ),
    },
  ];
  for (const block of blocks) {
    const end = (block.from + block.ms) * MS;
    const task = tasks[block.task]!.task;
    for (let taken = 60; taken < block.ms; taken += 50)
      at((block.from + taken) * MS, () =>
        main.record((block.from + taken) * MS, KIND.loopStack, thread, {
          a: loop,
          b: block.line,
          c: taken * 1000,
        }),
      );
    at(end, () =>
      main.record(end, KIND.loopStep, task, { a: loop, b: block.line, c: block.ms * 1000 }),
    );
  }
  for (let time = 100 * MS; time < END; time += 25 * MS) {
    const inside = blocks.find(
      (block) => time > block.from * MS && time < (block.from + block.ms + 25) * MS,
    );
    const lag = inside
      ? Math.min(inside.ms, time / MS - inside.from) * 1000
      : 3000 + random() * 9000 + (random() > 0.96 ? 30_000 : 0);
    at(time, () => {
      main.record(time, KIND.loopLag, thread, { a: loop, b: Math.round(lag), c: 3 });
      main.record(time, KIND.loopBusy, thread, { a: loop, b: 9000, c: 16000, aux: 5 });
    });
    const running = random() > 0.55;
    const stack = running ? main.stack(app(30, 'handle_order', 'app.py')) : selector;
    if (!inside)
      at(time + 5 * MS, () =>
        main.record(time + 5 * MS, KIND.sample, thread, {
          a: stack,
          b: running ? 21_000 : 100,
          c: 25_000,
          aux: running ? SAMPLE.running : SAMPLE.blocked,
        }),
      );
  }
}

function drawPool(main: StreamWriter, at: At): void {
  const random = numbers(42);
  const pool = main.object('ledger', 'ThreadPoolExecutor', {
    library: 'concurrent.futures',
    name: 'ledger',
    capacity: 4,
    stack: main.stack(app(52, 'main', 'app.py')),
  });
  const accounts = main.object('accounts_lock', 'Lock', { stack: main.stack(app(12, '<module>')) });
  const ledger = main.object('ledger_lock', 'Lock', { stack: main.stack(app(13, '<module>')) });
  const cache = main.object('cache_lock', 'RLock', {
    stack: main.stack(app(27, '<module>', 'cache.py')),
  });
  const database = main.object('db_pool', 'BoundedSemaphore', {
    capacity: 5,
    stack: main.stack(app(8, '<module>', 'db.py')),
  });
  const workers = [0, 1, 2, 3].map((index) =>
    main.thread(`ledger_${index}`, { pool, native: 48218 + index }),
  );
  const loopThread = main.thread('MainThread', { main: true });
  const transfer = main.stack(
    app(88, 'transfer'),
    app(57, 'run_job', 'app.py'),
    library('concurrent/futures/thread.py', 58),
    library('threading.py', 975),
    library('threading.py', 1038),
  );
  const post = main.stack(
    app(131, 'post_entry'),
    app(57, 'run_job', 'app.py'),
    library('concurrent/futures/thread.py', 58),
  );
  const took = {
    [accounts]: main.stack(app(86, 'transfer'), app(57, 'run_job', 'app.py')),
    [ledger]: main.stack(app(129, 'post_entry'), app(57, 'run_job', 'app.py')),
    [cache]: main.stack(app(90, 'lookup', 'cache.py')),
  };
  const free = new Map<number, number>([
    [accounts, 0],
    [ledger, 0],
    [cache, 0],
  ]);
  const owner = new Map<number, number>();
  let item = 0;
  let permits = 0;
  workers.forEach((worker, index) => {
    at(1000 * MS + index, () =>
      main.record(1000 * MS + index, KIND.threadStart, worker, {
        a: loopThread,
        b: main.stack(app(52, 'main', 'app.py')),
      }),
    );
  });
  const clock = workers.map((_, index) => (1100 + index * 40) * MS);
  for (;;) {
    const index = clock.indexOf(Math.min(...clock));
    const worker = workers[index]!;
    let time = clock[index]!;
    if (time > DEADLOCK_AT - 700 * MS) break;
    const number = ++item;
    const submitted = time - random() * 60 * MS;
    at(submitted, () =>
      main.record(submitted, KIND.submit, loopThread, { a: pool, b: took[accounts]!, c: number }),
    );
    const begun = time;
    at(begun, () =>
      main.record(begun, KIND.itemStart, worker, { a: pool, b: main.string('run_job'), c: number }),
    );
    for (let part = 0; part < 3; part++) {
      const lock = [accounts, ledger, cache][Math.floor(random() * 3)]!;
      const work = (8 + random() * 45) * MS;
      const sampled = time + work;
      at(sampled, () =>
        main.record(sampled, KIND.sample, worker, {
          a: transfer,
          b: Math.round(work / 1200),
          c: Math.round(work / 1000),
          aux: SAMPLE.running,
        }),
      );
      time += work;
      if (random() > 0.5) {
        const gil = time;
        at(gil, () => main.record(gil, KIND.gilWait, worker, { b: 6000 }));
      }
      const until = free.get(lock)!;
      const holder = owner.get(lock) ?? 0;
      const begin = time;
      if (until > time) {
        at(begin, () => {
          main.record(begin, KIND.waitBegin, worker, { a: lock, b: transfer, aux: WAIT.acquire });
          main.record(begin + 1, KIND.waitOwner, worker, {
            a: lock,
            b: took[lock]!,
            c: holder,
            aux: OWNER.holder,
          });
        });
        time = until + MS / 10;
        const got = time;
        at(got, () =>
          main.record(got, KIND.waitEnd, worker, { a: lock, aux: WAIT_RESULT.done, c: holder }),
        );
      }
      const hold = (5 + random() * (time > 12_000 * MS ? 60 : 35)) * MS;
      const from = time;
      const to = time + hold;
      at(from, () =>
        main.record(from, KIND.acquire, worker, {
          a: lock,
          b: took[lock]!,
          aux: until > begin ? ACQUIRE.waited : 0,
        }),
      );
      const io = from + hold * 0.4;
      at(io, () =>
        main.record(io, KIND.sample, worker, {
          a: main.stack(
            { file: '/usr/lib/python3.11/site-packages/db.py', line: 4, function: 'execute' },
            app(90, 'transfer'),
          ),
          b: 300,
          c: 9000,
          aux: SAMPLE.blocked,
        }),
      );
      at(to, () => main.record(to, KIND.release, worker, { a: lock }));
      free.set(lock, to);
      owner.set(lock, worker);
      const taken = ++permits % 5;
      at(from, () => main.record(from, KIND.permits, worker, { a: database, b: 5 - taken }));
      time = to;
    }
    const done = time;
    at(done, () => main.record(done, KIND.itemEnd, worker, { a: pool, c: number }));
    const counts = number;
    at(done, () => {
      main.record(done, KIND.counts, 0, { a: accounts, b: counts * 3, c: counts });
      main.record(done, KIND.counts, 0, { a: ledger, b: counts * 2, c: Math.round(counts / 4) });
      main.record(done, KIND.counts, 0, { a: cache, b: counts * 30, c: counts });
      main.record(done, KIND.overhead, 0, { b: Math.round(done / 1000 / 55), c: counts });
    });
    clock[index] = time + random() * 40 * MS;
  }
  drawDeadlock(main, at, {
    pool,
    accounts,
    ledger,
    workers,
    transfer,
    post,
    took,
    loopThread,
    item,
  });
}

function drawDeadlock(
  main: StreamWriter,
  at: At,
  it: {
    readonly pool: number;
    readonly accounts: number;
    readonly ledger: number;
    readonly workers: readonly number[];
    readonly transfer: number;
    readonly post: number;
    readonly took: Readonly<Record<number, number>>;
    readonly loopThread: number;
    readonly item: number;
  },
): void {
  const [zero, one, two, three] = it.workers as [number, number, number, number];
  const start = 14_500 * MS;
  it.workers.forEach((worker, index) => {
    const begun = start - (4 - index) * MS;
    at(begun, () =>
      main.record(begun, KIND.itemStart, worker, {
        a: it.pool,
        b: main.string('run_job'),
        c: it.item + 1 + index,
      }),
    );
  });
  const take = (time: number, worker: number, lock: number) =>
    at(time, () => main.record(time, KIND.acquire, worker, { a: lock, b: it.took[lock]! }));
  take(start, one, it.accounts);
  take(start + 60 * MS, two, it.ledger);
  const wait = (time: number, worker: number, lock: number, holder: number, stack: number) => {
    at(time, () => {
      main.record(time, KIND.waitBegin, worker, { a: lock, b: stack, aux: WAIT.acquire });
      main.record(time + 1, KIND.waitOwner, worker, {
        a: lock,
        b: it.took[lock]!,
        c: holder,
        aux: OWNER.holder,
      });
    });
    for (let again = time + 100 * MS; again < END; again += 100 * MS) {
      const repeated = again;
      at(repeated, () =>
        main.record(repeated, KIND.waitOwner, worker, {
          a: lock,
          b: it.took[lock]!,
          c: holder,
          aux: OWNER.holder | 0x8000,
        }),
      );
    }
  };
  wait(DEADLOCK_AT - 20 * MS, two, it.accounts, one, it.post);
  wait(DEADLOCK_AT, one, it.ledger, two, it.transfer);
  wait(14_800 * MS, zero, it.accounts, one, it.transfer);
  wait(15_020 * MS, three, it.accounts, one, it.transfer);
  for (let index = 0; index < 23; index++) {
    const time = (14_640 + index * 52) * MS;
    at(time, () =>
      main.record(time, KIND.submit, it.loopThread, {
        a: it.pool,
        b: it.transfer,
        c: it.item + 20 + index,
      }),
    );
  }
}

function drawPricing(main: StreamWriter, children: readonly StreamWriter[], at: At): void {
  const random = numbers(99);
  const shared = 'pool:48213:2';
  const loopThread = main.thread('MainThread', { main: true });
  const pool = main.object('pricing', 'ProcessPoolExecutor', {
    library: 'concurrent.futures',
    name: 'pricing',
    capacity: 2,
    shared,
    stack: main.stack(app(54, 'main', 'app.py')),
  });
  children.forEach((child, index) => {
    const thread = child.thread('MainThread', { main: true });
    const twin = child.object('pricing', 'ProcessPoolExecutor', {
      library: 'concurrent.futures',
      name: 'pricing',
      shared,
      capacity: 2,
    });
    at(1500 * MS, () => child.record(1500 * MS, KIND.threadStart, thread));
    let number = index * 1000;
    for (let time = 1600 * MS; time < END; ) {
      const item = ++number;
      const name = random() > 0.5 ? 'price_basket' : 'simulate';
      const begun = time;
      const length = (120 + random() * 700) * MS;
      at(begun - MS, () =>
        main.record(begun - MS, KIND.submit, loopThread, { a: pool, b: 0, c: item }),
      );
      at(begun, () =>
        child.record(begun, KIND.itemStart, thread, { a: twin, b: child.string(name), c: item }),
      );
      const end = begun + length;
      at(end, () => child.record(end, KIND.itemEnd, thread, { a: twin, c: item }));
      time = end + random() * 150 * MS;
    }
  });
}
