/** What is recorded of Node programs that know themselves what they did: blocks, waits, hangs, the pool, workers, children. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allNodes } from '../../scripts/nodes.ts';
import type { Finding, Report } from '../../wire/report.ts';
import { programIn, record } from './harness.ts';

/** How far a busy machine may stretch what takes a given time. */
const SLACK_NS = 400e6;

/** Of CPU time: what others take of it on a busy machine is no block. */
const SPIN = `function spin(ms) {
  const from = process.cpuUsage();
  for (let used = 0; used < ms * 1000; ) { const { user, system } = process.cpuUsage(from); used = user + system; }
}
`;
const STARVED = fileURLToPath(new URL('../../samples/node/pool/starved-pool.mjs', import.meta.url));
const SERVER =
  'require("node:http").createServer(() => {}).listen(0).unref(); setInterval(() => {}, 30).unref();';

for (const { path, version } of await allNodes()) {
  describe(`seen on Node ${version.join('.')}`, { concurrency: 1 }, () => {
    patiently('the line that blocks a loop, and for how long', async (t) => {
      const file = programIn(
        t,
        `${SPIN}${SERVER}\nsetTimeout(function job() { const from = performance.now(); spin(400); console.log(performance.now() - from); }, 150);\nsetTimeout(() => {}, 700);`,
      );
      const { report, stdout } = await record(t, path, [file]);
      const block = only(report, 'loop-blocked');
      assert.equal(block.locations[0]?.line, 3);
      assert.ok(
        block.locations.some(({ line }) => line === 6),
        'the caller',
      );
      const { maxNs } = block.evidence as { maxNs: number };
      const tookNs = Number(stdout) * 1e6;
      assert.ok(maxNs >= 0.7 * tookNs && maxNs < tookNs + SLACK_NS, `${maxNs}, ${tookNs}`);
    });

    patiently('an endless loop, told of before it ends', async (t) => {
      const file = programIn(t, `${SERVER}\nsetTimeout(() => {\n  for (;;);\n}, 200);`);
      const { report, signal } = await record(t, path, [file], { killAfterMs: 5000 });
      assert.equal(signal, 'SIGKILL');
      assert.equal(only(report, 'loop-blocked').locations[0]?.line, 3);
    });

    test('workers that compute can be ended at any time', async (t) => {
      const file = programIn(
        t,
        `import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
const SPIN = 'for (;;) { const end = performance.now() + 5; while (performance.now() < end); }';
for (let turn = 0; turn < 10; turn++) {
  const workers = [0, 1, 2].map(() => new Worker(SPIN, { eval: true }));
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  await sleep(60 + turn * 7);
  await Promise.all(workers.map((worker) => worker.terminate()));
}`,
        'program.mjs',
      );
      const { status, report } = await record(t, path, [file], { killAfterMs: 20_000 });
      assert.equal(status, 0);
      assert.ok(report.threads.some(({ name }) => name.startsWith('worker ')));
    });

    test('a worker that has waited and computes is not said to be where it waited', async (t) => {
      const file = programIn(
        t,
        `import { isMainThread, Worker } from 'node:worker_threads';
if (isMainThread) new Worker(new URL(import.meta.url));
else {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  const end = Date.now() + 700;
  while (Date.now() < end);
}`,
        'program.mjs',
      );
      const { report } = await record(t, path, [file]);
      const worker = report.threads.find(({ name }) => name.startsWith('worker '));
      assert.ok(worker !== undefined && worker.cpuNs > 0);
      assert.equal(worker.location, null);
    });

    patiently('many short callbacks in one turn of the loop are no block', async (t) => {
      const file = programIn(
        t,
        `${SPIN}${SERVER}\nsetTimeout(() => { for (let i = 0; i < 300; i++) setImmediate(spin, 1); }, 150);\nsetTimeout(() => {}, 1200);`,
      );
      const { report } = await record(t, path, [file]);
      assert.deepEqual(
        report.findings.map(({ title }) => title),
        [],
      );
      assert.ok((report.loops[0]?.lag.max ?? 0) > 200e6, 'late it was all the same');
    });

    patiently(
      'a machine that is busy with others is no fault of the program',
      async (t) => {
        const file = programIn(
          t,
          `const { spawn } = require('node:child_process');
const cores = require('node:os').availableParallelism();
${SPIN}
const others = Array.from({ length: cores * 6 }, () => spawn('sh', ['-c', 'while :; do :; done']));
const server = require('node:http').createServer(() => {}).listen(0);
setInterval(() => spin(40), 100);
setTimeout(() => { for (const one of others) one.kill('SIGKILL'); process.exit(7); }, 4000);`,
        );
        const { report, status } = await record(t, path, [file]);
        assert.equal(status, 7);
        assert.deepEqual(
          report.findings.map(({ title }) => title),
          [],
        );
        assert.ok((report.loops[0]?.lag.max ?? 0) > 100e6, 'late it was all the same');
      },
      !existsSync('/proc/self/schedstat'),
    );

    patiently('blocking calls of Node, by the line that makes them', async (t) => {
      const file = programIn(
        t,
        `${SERVER}
setTimeout(() => {
  require('node:child_process').execSync('sleep 0.3');
}, 150);
setTimeout(() => {
  require('node:crypto').pbkdf2Sync('a', 'b', 600000, 64, 'sha512');
}, 900);
setTimeout(() => {}, 2000);`,
      );
      const { report } = await record(t, path, [file]);
      const lines = report.findings.flatMap(({ locations }) =>
        locations.map(({ line, file: place }) => (place === file ? line : 0)),
      );
      assert.ok(
        lines.includes(3) && lines.includes(6),
        JSON.stringify(report.findings.map(({ title }) => title)),
      );
    });

    patiently('a native call that lets nobody look, by its own line', async (t) => {
      const file = programIn(
        t,
        `${SERVER}
const text = JSON.stringify(Array.from({ length: 600000 }, (_, id) => ({ id, name: 'n' + id })));
setTimeout(() => {
  const all = JSON.parse(text);
  const half = all.length / 2;
  console.log(half);
}, 150);
setTimeout(() => {}, 1000);`,
      );
      const { report } = await record(t, path, [file]);
      assert.equal(only(report, 'loop-blocked').locations[0]?.line, 4);
    });

    patiently(
      'no alarm for a script, a worker and a child that compute and keep nobody waiting',
      async (t) => {
        const file = programIn(
          t,
          `import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { readFile } from 'node:fs/promises';
const spin = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
spin(250);
await readFile(new URL(import.meta.url));
spin(400);
if (isMainThread) await new Promise((done) => new Worker(new URL(import.meta.url)).on('message', done).on('exit', done));
else { spin(300); parentPort.postMessage(1); }`,
          'program.mjs',
        );
        const { report, status } = await record(t, path, [file]);
        assert.equal(status, 0);
        assert.deepEqual(
          report.findings.map(({ title }) => title),
          [],
        );
      },
    );

    patiently(
      'two workers that wait for each other are a hang; one that is woken is none',
      async (t) => {
        const locks = (
          second: string,
        ) => `const { Worker, isMainThread, workerData } = require('node:worker_threads');
const spare = new Int32Array(new SharedArrayBuffer(4));
if (isMainThread) {
  const memory = new SharedArrayBuffer(8);
  for (const order of [[0, 1], ${second}]) new Worker(__filename, { workerData: { memory, order } });
} else {
  const cells = new Int32Array(workerData.memory);
  const lock = (at) => { while (Atomics.compareExchange(cells, at, 0, 1) !== 0) Atomics.wait(cells, at, 1); };
  const unlock = (at) => { Atomics.store(cells, at, 0); Atomics.notify(cells, at, 1); };
  const [first, second] = workerData.order;
  lock(first);
  Atomics.wait(spare, 0, 0, 400);
  lock(second);
  unlock(second);
  unlock(first);
}`;
        const stuck = await record(t, path, [programIn(t, locks('[1, 0]'))], { killAfterMs: 7000 });
        const hang = only(stuck.report, 'hang');
        assert.ok(hang.locations.some(({ line }) => line === 8));
        const waiting = stuck.report.threads.filter(({ name }) => name.startsWith('worker'));
        assert.equal(waiting.length, 2);
        const fine = await record(t, path, [programIn(t, locks('[0, 1]'))]);
        assert.equal(fine.status, 0);
        assert.deepEqual(
          fine.report.findings.map(({ title }) => title),
          [],
        );
      },
    );

    patiently('a wait in Atomics.wait that a timer ends is no hang', async (t) => {
      const file = programIn(
        t,
        `const { Worker, isMainThread, workerData } = require('node:worker_threads');
if (isMainThread) {
  const cells = new Int32Array(new SharedArrayBuffer(4));
  new Worker(__filename, { workerData: cells.buffer });
  setTimeout(() => Atomics.notify(cells, 0), 4200).unref();
} else Atomics.wait(new Int32Array(workerData), 0, 0);`,
      );
      const { report, status } = await record(t, path, [file], { killAfterMs: 4000 });
      assert.equal(status, null);
      assert.deepEqual(report.findings, []);
      const worker = report.threads.find(({ name }) => name.startsWith('worker'));
      assert.ok((worker?.otherWaitNs ?? 0) > 0.7e9, JSON.stringify(worker));
    });

    patiently(
      'children, workers that are ended, and an exception that ends the program',
      async (t) => {
        const file = programIn(
          t,
          `const { Worker } = require('node:worker_threads');
const child = require('node:child_process');
const worker = new Worker('for (;;);', { eval: true });
child.spawn(process.execPath, ['-e', 'setTimeout(() => process.exit(3), 60)']);
worker.on('online', () => setTimeout(() => worker.terminate(), 300));
worker.on('exit', () => setTimeout(() => { throw new RangeError('the end'); }, 2500));`,
        );
        const { report, trace, status } = await record(t, path, [file]);
        assert.equal(status, 1);
        const [main, other] = trace.streams;
        assert.equal(trace.streams.length, 2);
        assert.equal(other?.process?.how, 'subprocess');
        assert.equal(other.process.parent, main?.name);
        assert.equal(other.endSeen?.code, 3);
        assert.ok(main?.threads.find(({ main: isMain }) => !isMain)?.ended, 'the worker has ended');
        assert.equal(report.processes.length, 2);
      },
    );

    patiently('short calls behind long ones in the libuv pool', async (t) => {
      const file = programIn(
        t,
        `const { pbkdf2 } = require('node:crypto');
const { stat } = require('node:fs');
const hash = () => new Promise((done) => pbkdf2('a', 'b', 120000, 64, 'sha512', done));
const look = () => new Promise((done) => stat(__filename, done));
(async () => {
  for (let wave = 0; wave < 3; wave++) {
    const hashes = Array.from({ length: 16 }, hash);
    await Promise.all([...hashes, ...Array.from({ length: 10 }, look)]);
  }
})();`,
      );
      const { report } = await record(t, path, [file]);
      assert.ok(
        only(report, 'pool-saturated').locations.some(({ line }) => line === 3 || line === 4),
      );
    });

    patiently(
      'pieces that zlib hands to the libuv pool, by the line that wrote them',
      async (t) => {
        const file = programIn(
          t,
          `const { brotliCompress, createBrotliCompress } = require('node:zlib');
const { stat } = require('node:fs');
const text = Buffer.from(require('node:crypto').randomBytes(1 << 16).toString('hex'));
const pack = () => new Promise((done) => brotliCompress(text, done));
const look = () => new Promise((done) => stat(__filename, done));
(async () => {
  for (let wave = 0; wave < 6; wave++) {
    await Promise.all([...Array.from({ length: 12 }, pack), ...Array.from({ length: 8 }, look)]);
  }
  console.log(String(Object.getPrototypeOf(createBrotliCompress()._handle).write));
})();`,
        );
        const { report, stdout } = await record(t, path, [file]);
        assert.match(stdout, /^function \w*\(\) \{ \[native code\] \}$/m);
        assert.ok(only(report, 'pool-saturated').locations.some(({ line }) => line === 4));
      },
    );

    patiently(
      'a libuv pool of which no thread comes back',
      async (t) => {
        const file = programIn(
          t,
          `const { execFileSync } = require('node:child_process');
const { mkdtempSync, open, stat } = require('node:fs');
const folder = mkdtempSync(require('node:os').tmpdir() + '/pipes');
const pipe = folder + '/pipe';
execFileSync('mkfifo', [pipe]);
for (let turn = 0; turn < 4; turn++) open(pipe, 'r', () => {});
setInterval(() => stat(pipe, () => {}), 100);
setTimeout(() => require('node:fs').rmSync(folder, { recursive: true }), 3500);`,
        );
        // Node waits for its pool even as it goes.
        const { report, signal } = await record(t, path, [file], { killAfterMs: 4500 });
        assert.equal(signal, 'SIGKILL');
        const stuck = only(report, 'pool-saturated');
        assert.match(stuck.title, /none has come back/);
        assert.equal(stuck.locations[0]?.line, 7);
      },
      process.platform === 'win32',
    );

    patiently('an await at the top of a module that nothing is left to settle', async (t) => {
      const file = programIn(
        t,
        `import { Worker } from 'node:worker_threads';
const worker = new Worker('setTimeout(() => {}, 100)', { eval: true });
const answer = await new Promise((done) => worker.once('message', done));
console.log(answer);`,
        'program.mjs',
      );
      const { report, status } = await record(t, path, [file]);
      assert.equal(status, 13);
      assert.match(only(report, 'task-pending-at-exit').title, /program\.mjs/);
      const chosen = programIn(t, 'await 0;\nprocess.exit(3);', 'program.mjs');
      assert.deepEqual((await record(t, path, [chosen])).report.findings, []);
    });

    patiently('no thread of the libuv pool runs for longer than there was time', async (t) => {
      const { report } = await record(t, path, [STARVED]);
      const workers = report.pools[0]?.perWorker ?? [];
      assert.equal(workers.length, 4);
      for (const { name, busyNs } of workers) {
        assert.ok(busyNs <= report.durationNs, `${name} ran ${busyNs} ns of ${report.durationNs}`);
      }
    });

    patiently(
      'what was recorded before a SIGKILL is there, up to the last tenth of a second',
      async (t) => {
        const file = programIn(
          t,
          `const a = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => { Atomics.wait(a, 0, 0, 4); process.stdout.write(process.hrtime.bigint() + '\\n'); }, 5);`,
        );
        const { stdout, trace, folder } = await record(t, path, [file], { killAfterMs: 1500 });
        const last = Number(stdout.trim().split('\n').at(-1));
        const newest = trace.origin + trace.endNs;
        assert.ok(last - newest < 100e6 + SLACK_NS / 4, `${(last - newest) / 1e6} ms in ${folder}`);
      },
    );

    patiently('a small budget holds, and what is overwritten is counted', async (t) => {
      const file = programIn(
        t,
        `const { isMainThread, Worker } = require('node:worker_threads');
if (isMainThread) for (let i = 0; i < 4; i++) new Worker(__filename);
const a = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => { for (let i = 0; i < 8; i++) Atomics.wait(a, 0, 0, 1.2); }, 0);
if (isMainThread) setTimeout(() => process.exit(5), 5000);`,
      );
      const { status, report, trace } = await record(t, path, [file], { budgetBytes: 1 });
      assert.equal(status, 5);
      assert.equal(report.processes.length, 1);
      const losses = trace.streams[0]!.losses;
      assert.ok((losses.get('overwritten') ?? 0) > 0, 'the ring went round');
      for (const [reason, count] of losses)
        assert.ok(reason === 'overwritten' || count === 0, reason);
    });
  });
}

/** A machine that is busy with something else stretches times, and blocks loops in truth: what is wrong is wrong three times. */
function patiently(name: string, body: (t: TestContext) => Promise<void>, skip = false): void {
  test(name, { skip }, async (t) => {
    for (let turn = 1; turn < 3; turn++) {
      try {
        return await body(t);
      } catch (failure) {
        t.diagnostic(String(failure));
      }
    }
    await body(t);
  });
}

function only(report: Report, rule: string): Finding {
  const found = report.findings.filter((one) => one.rule === rule);
  assert.equal(
    found.length,
    1,
    `${rule}: ${JSON.stringify(report.findings.map(({ title }) => title))}`,
  );
  assert.equal(
    report.findings.length,
    1,
    JSON.stringify(report.findings.map(({ title }) => title)),
  );
  return found[0]!;
}
