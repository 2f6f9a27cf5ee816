/** The thread pool of the drawn orders service: four workers, three locks, and the deadlock at 14.62 s. */
import { ACQUIRE, KIND, OWNER, SAMPLE, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import type { StreamWriter } from '../engine/traceWriter.ts';
import { type At, app, END, library, MS, numbers } from './drawing.ts';

const DEADLOCK_AT = 14_620 * MS;

export function drawPool(main: StreamWriter, at: At): void {
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
      main.record(done, KIND.overhead, 0, { a: Math.round(done / 1000 / 55), b: counts });
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
