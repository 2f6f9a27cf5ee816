/** A program does with the probe what it does without: output, exit status, signals, stacks of errors, counts of listeners. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allNodes } from '../../scripts/nodes.ts';
import { type Ended, folderOf, programIn, record, run } from './harness.ts';

const WORKER = 'const { Worker } = require("node:worker_threads");';
const CHILD = 'const child = require("node:child_process");';
/** Long enough for the watcher to have looked. */
const COMPUTE = 'const end = Date.now() + 300; while (Date.now() < end);';

const PROGRAMS: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'an exception at once': 'throw new Error("at once")',
  'an exception later': 'setTimeout(() => { throw new TypeError("later") }, 80)',
  'an exception in an exit handler': 'process.on("exit", () => { throw new Error("in exit") })',
  'a rejection nobody handles': 'Promise.reject(new Error("lost"))',
  'a handler of exceptions':
    'process.on("uncaughtException", (e) => console.log(e.message)); setTimeout(() => { throw new Error("caught") }, 60)',
  'process.exit': 'process.exit(7)',
  'process.exit in a timer': 'setTimeout(() => process.exit(3), 120)',
  'an exit code and a late handler':
    'process.exitCode = 4; process.on("exit", (c) => console.log("bye", c, process.exitCode)); setTimeout(() => {}, 60)',
  'a promise that never settles': 'new Promise(() => {})',
  'its own signal':
    'setTimeout(() => process.kill(process.pid, "SIGTERM"), 100); setInterval(() => {}, 50)',
  'a handler of signals':
    'process.on("SIGTERM", () => { console.log("term"); process.exit(9) }); setInterval(() => {}, 50); setTimeout(() => process.kill(process.pid, "SIGTERM"), 80)',
  'what it can see of itself': `setTimeout(() => console.log(process.execArgv, process.argv.length, process.listenerCount("exit"),
    process.eventNames(), Object.keys(require.cache).length, process.getActiveResourcesInfo(), Object.keys(globalThis),
    Object.keys(process).includes("emit"), process.emit.name, Error.stackTraceLimit, Object.getOwnPropertyNames(Error),
    /native code/.test(Atomics.wait), Atomics.wait.length, Atomics.notify.name, new Error("here").stack), 60)`,
  'an emit of its own':
    'const { emit } = process; process.emit = function (...all) { if (all[0] === "exit") console.log("mine"); return emit.apply(this, all) }; setTimeout(() => {}, 60)',
  'no listeners left': 'setTimeout(() => { process.removeAllListeners(); process.exit(6) }, 60)',
  'a worker that ends': `${WORKER} const w = new Worker("process.exit(5)", { eval: true }); w.on("exit", (c) => console.log(c, w.listenerCount("exit"), w.constructor === Worker, Object.keys(w)))`,
  'a worker that is ended': `${WORKER} const w = new Worker("for (;;);", { eval: true }); w.on("exit", (c) => console.log(c)); w.on("online", () => setTimeout(() => w.terminate(), 300))`,
  'a worker that fails': `${WORKER} const w = new Worker("setTimeout(() => { throw new RangeError(1) }, 50)", { eval: true }); w.on("error", (e) => console.log(e.stack))`,
  'a worker that fails and nobody listens': `${WORKER} new Worker("/no/such/file.js")`,
  'a worker with nothing of ours': `${WORKER} const w = new Worker("setInterval(() => {}, 9)", { eval: true, env: {}, execArgv: [] }); w.on("online", () => setTimeout(async () => console.log(await w.terminate()), 100))`,
  'a listener for new workers': `process.on("worker", (w) => console.log("new", typeof w)); ${WORKER}
    setTimeout(() => new Worker("0", { eval: true }), 60)`,
  'asynchronous hooks in the first turn': `let before = 0; const hook = require("node:async_hooks").createHook({ before() { before++ } }).enable();
    Promise.resolve().then(() => { hook.disable(); console.log(before) })`,
  'a debugger of its own': `${COMPUTE} const session = new (require("node:inspector").Session)(); session.connect();
    session.on("Debugger.paused", () => console.log("paused")); session.post("Debugger.enable"); debugger; console.log("after")`,
  'a wait for a debugger that is not there': `${COMPUTE} try { require("node:inspector").waitForDebugger() } catch (e) { console.log(e.code) }`,
  'a variable named as one of Node':
    'require("node:vm").runInThisContext("let process"); setTimeout(() => { throw new Error("late") }, 60)',
  'no such variable any more':
    'const { exit } = process; delete globalThis.process; setTimeout(() => exit(5), 60)',
  'what is alive as its asynchronous hooks see it': `const alive = new Map(); const hook = require("node:async_hooks")
    .createHook({ init(id, type) { alive.set(id, type) }, destroy(id) { alive.delete(id) } });
    Promise.resolve().then(() => { hook.enable(); ${COMPUTE} });
    setTimeout(() => console.log([...alive.values()].filter((type) => /^[A-Z]+$/.test(type) && type !== "PROMISE")), 500)`,
  'a worker made wrongly': `${WORKER} try { new Worker() } catch (e) { console.log(e.stack) }`,
  'Atomics used wrongly':
    'try { Atomics.wait(new Int32Array(4), 0, 0) } catch (e) { console.log(e.message) }',
  Atomics:
    'const a = new Int32Array(new SharedArrayBuffer(8)); console.log(Atomics.wait(a, 0, 1), Atomics.wait(a, 0, 0, 80), Atomics.notify(a, 0))',
  'a child': `${CHILD} const c = child.spawn("sh", ["-c", "exit 3"]); c.on("exit", (a, b) => console.log(a, b, c.listenerCount("exit"), Object.keys(c)))`,
  'an exception in a handler of a child': `${CHILD} child.spawn("sh", ["-c", "kill -9 $$"]).on("exit", (a, b) => { throw new Error(a + b) })`,
  'a child that cannot be started': `${CHILD} child.spawn("/no/such/command").on("error", (e) => console.log(e.message))`,
  'a child of the cluster':
    'const c = require("node:cluster"); if (c.isPrimary) c.fork().on("exit", (a, b) => console.log(a, b)); else process.exit(3)',
  'a pipe':
    'process.stdin.on("data", (d) => console.log(String(d))).on("end", () => console.log("end"))',
  'much output':
    'let n = 0; (function go() { while (n++ < 400) if (!process.stdout.write("x".repeat(65536))) return process.stdout.once("drain", go) })()',
  'the pool': `const { pbkdf2 } = require("node:crypto"); let n = 0;
    for (let i = 0; i < 12; i++) pbkdf2("a", "b", 90000, 64, "sha512", () => { if (++n === 12) console.log("all") })`,
  'a promise in the middle of a step':
    'Promise.resolve().then(() => console.log("after")); const end = Date.now() + 300; while (Date.now() < end); console.log("before")',
};

for (const { path, version } of await allNodes()) {
  describe(`the same on Node ${version.join('.')}`, { concurrency: 2 }, () => {
    for (const [name, source] of Object.entries(PROGRAMS)) {
      test(name, async (t) => {
        const file = programIn(t, source);
        const how = { input: 'hello', killAfterMs: 60_000 };
        const bare = await run(path, [file], how);
        const { trace, ...probed } = await record(t, path, [file], how);
        assert.deepEqual(shown(probed), shown(bare));
        assert.ok(trace.streams.length > 0, 'nothing was recorded');
      });
    }

    test('a module, code on the command line, code on stdin', async (t) => {
      const file = programIn(t, 'console.log(import.meta.url.length > 0)', 'program.mjs');
      for (const args of [
        [file],
        ['-e', 'console.log(1)'],
        ['-'],
        ['--input-type=module', '-e', 'console.log(2)'],
      ]) {
        const bare = await run(path, args, { input: 'console.log("stdin")' });
        assert.deepEqual(
          shown(await record(t, path, args, { input: 'console.log("stdin")' })),
          shown(bare),
        );
      }
    });

    test('NODE_OPTIONS of its own stay in force', async (t) => {
      const file = programIn(
        t,
        'console.log(require("node:v8").getHeapStatistics().heap_size_limit < 4e8)',
      );
      const env = { NODE_OPTIONS: '--max-old-space-size=100' };
      assert.equal((await record(t, path, [file], { env })).stdout, 'true\n');
    });

    test('the runner of tests', async (t) => {
      const file = programIn(
        t,
        'const { test } = require("node:test"); test("one", () => {}); test("two", () => { throw new Error("no") })',
        'program.test.cjs',
      );
      const ended = await record(t, path, ['--test', file]);
      assert.equal(ended.status, 1);
      assert.match(ended.stdout, /pass 1\n/);
      assert.match(ended.stdout, /fail 1\n/);
    });

    test('a folder that is not there, or is no folder for us, records nothing and harms nothing', async (t) => {
      const { INTERLEAVE_RECORDING: _, ...env } = process.env;
      const folder = join(folderOf(t), 'gone');
      const bootstrap = new URL('../../probe/node/bootstrap.cjs', import.meta.url).pathname;
      mkdirSync(folder);
      for (const place of [join(folder, 'no'), '/proc/self']) {
        const ended = await run(path, ['-e', 'setTimeout(() => console.log("fine"), 50)'], {
          env: { ...env, INTERLEAVE_RECORDING: place, NODE_OPTIONS: `--require "${bootstrap}"` },
        });
        assert.deepEqual(shown(ended), { status: 0, signal: null, stdout: 'fine\n', stderr: '' });
      }
    });

    test('with a debugger attached no stack is taken and no block told of', async (t) => {
      const file = programIn(
        t,
        'setInterval(() => {}, 20).unref(); setTimeout(() => { const end = Date.now() + 400; while (Date.now() < end); }, 60)',
      );
      const { report, status } = await record(t, path, ['--inspect=0', file]);
      assert.equal(status, 0);
      assert.deepEqual(report.findings, []);
    });
  });
}

/** Process ids and addresses differ from run to run. */
function shown({ status, signal, stdout, stderr }: Ended): Ended {
  const steady = (text: string) =>
    text
      // A worker's failure comes by its port or with its end, whichever is first, also without us.
      .replace(/Emitted 'error' event on Worker instance at:\n(?: {4}at .*?(?: \{)?\n)+/, '')
      .replace(/interleave node \w+/g, 'FOLDER')
      .replace(/\(node:\d+\)|0x[\da-f]+/g, '');
  return { status, signal, stdout: steady(stdout), stderr: steady(stderr) };
}
