/** A drawn recording for looking at the panel: an orders service with an event loop, a thread pool that deadlocks, and a process pool. */
import type { Batch } from '../../wire/batch.ts';
import { KIND, SAMPLE, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { StreamWriter } from '../engine/traceWriter.ts';
import { type At, app, END, library, MS, numbers } from './drawing.ts';
import { drawPool } from './ordersPool.ts';

interface Drawn {
  readonly at: number;
  readonly write: () => void;
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
