// What hovers say, in Python and in JavaScript; `^` in the text marks the place.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceOver } from './support.ts';

async function hoverIn(path: string, marked: string, files: Record<string, string> = {}) {
  const service = await serviceOver(files);
  await service.prepare(path);
  const offset = marked.indexOf('^');
  const text = marked.replace('^', '');
  const hover = service.hover(path, text, offset);
  return hover === undefined
    ? undefined
    : {
        ...hover,
        name: text.slice(hover.start, hover.end),
        lines: hover.places?.map((each) => each.line),
      };
}

describe('hovers in Python', () => {
  it('say of a lock where it is made and taken', async () => {
    const hover = await hoverIn(
      'a.py',
      'import threading\n\nlock = threading.Lock()\n\n\ndef f():\n    with ^lock:\n        pass\n\n\ndef g():\n    lock.acquire()\n',
    );
    assert.match(
      hover?.markdown ?? '',
      /thread lock.*Made in line 3\..*line 7 in f, line 12 in g/s,
    );
    assert.deepEqual(hover?.lines, [3, 7, 12]);
  });

  it('say where a lock of another file is made', async () => {
    const files = {
      'b.py':
        'import threading\n\n\nclass B:\n    def __init__(self):\n        self.lock = threading.Lock()\n',
    };
    const hover = await hoverIn(
      'a.py',
      'from b import B\n\nb = B()\nwith b.^lock:\n    pass\n',
      files,
    );
    assert.match(hover?.markdown ?? '', /Made in line 6 of b\.py\./);
    assert.deepEqual(hover?.places?.[0], { path: 'b.py', line: 6 });
  });

  it('say of pools, queues and coroutine functions what they are', async () => {
    const of = async (text: string) => (await hoverIn('a.py', text))?.markdown ?? '';
    assert.match(await of('import queue\nq = queue.Queue()\n^q.get()\n'), /queue\.Queue.*a queue/);
    assert.match(
      await of('from concurrent.futures import ThreadPoolExecutor as T\np = T()\n^p.submit(1)\n'),
      /pool of workers/,
    );
    assert.match(await of('async def ^f():\n    pass\n'), /runs on the event loop/);
    assert.match(await of('async def f():\n    pass\n\n\n^f()\n'), /coroutine function/);
  });
});

describe('hovers in JavaScript', () => {
  const of = async (text: string, path = 'a.mjs') => (await hoverIn(path, text))?.markdown;

  it('say of an async function where it first waits', async () => {
    assert.match(
      (await of('async function ^load(x) {\n  const a = 1;\n  await x(a);\n}\n')) ?? '',
      /\*\*load\*\* is async.*first await, in line 3/s,
    );
    assert.match((await of('const go = async () => 1;\n^go();\n')) ?? '', /never awaits/);
    assert.match((await of('class A {\n  async ^run() {}\n}\n')) ?? '', /run/);
  });

  it('say of a promise where it is made and awaited', async () => {
    const text = 'const later = fetch("x");\nexport const got = await ^later;\n';
    assert.match((await of(text)) ?? '', /is a promise.*Made in line 1.*Awaited in line 2/s);
    assert.match((await of('const ^lost = fetch("x");\n')) ?? '', /Nobody awaits it/);
    assert.match((await of('declare const p: Promise<number>;\n^p;\n', 'a.ts')) ?? '', /promise/);
    assert.match(
      (await of('import { readFile } from "node:fs/promises";\nawait ^readFile("x");\n')) ?? '',
      /gives a promise/,
    );
  });

  it('say of a worker what it is listened to for', async () => {
    const text =
      'import { Worker } from "node:worker_threads";\nconst worker = new Worker("./a.js");\n^worker.on("message", console.log);\n';
    assert.match((await of(text)) ?? '', /is a worker.*line 2.*Listened to for message/s);
  });

  it('say of Atomics and shared memory what they do', async () => {
    const text =
      'const cells = new Int32Array(new SharedArrayBuffer(8));\nAtomics.^wait(cells, 0, 0);\ncells[1] = 2;\n';
    assert.match((await of(text)) ?? '', /Atomics\.wait.*stops the thread/);
    assert.match(
      (await of(text.replace('^', '').replace('cells[1]', '^cells[1]'))) ?? '',
      /memory that threads share.*by Atomics in line 2.*without Atomics in line 3/s,
    );
  });

  it('say of synchronous calls that they stop the loop', async () => {
    assert.match(
      (await of('import fs from "fs";\nfs.^readFileSync("x");\n')) ?? '',
      /stops the event loop/,
    );
  });

  it('say nothing of the rest', async () => {
    assert.equal(await of('const ^a = 1;\n'), undefined);
    assert.equal(await of('function ^f() {}\n'), undefined);
    assert.equal(await of('^'), undefined);
  });
});
