/** Whose code a frame is: what a person is shown are their own lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLibrary, location, place } from '../../engine/frames.ts';
import { TraceWriter } from './traceWriter.ts';

test('libraries, generated code and what runs one function for the editor are not the program', () => {
  for (const file of [
    '/usr/lib/python3.11/threading.py',
    'C:\\Python311\\Lib\\asyncio\\events.py',
    'C:\\Users\\me\\miniconda3\\envs\\work\\Lib\\threading.py',
    'C:\\Users\\me\\uv\\python\\cpython-3.14\\Lib\\concurrent\\futures\\thread.py',
    '/app/.venv/lib/python3.12/site-packages/anyio/_core.py',
    '<frozen importlib._bootstrap>',
    '/ext/probe/python/interleave_probe/run_target.py',
    'C:\\ext\\probe\\python\\interleave_probe\\run_target.py',
  ])
    assert.ok(isLibrary(file), file);
});

test('a program may have a file of that name, or lie in a folder called lib', () => {
  for (const file of [
    '/app/run_target.py',
    '/app/lib/jobs.py',
    '/home/me/python/orders.py',
    'C:\\work\\Lib\\jobs.py',
  ])
    assert.ok(!isLibrary(file), file);
});

test('a command that an installer made is nobody\u2019s own code: the package that it calls tells more', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const package_ = '/app/.venv/lib/python3.12/site-packages/gunicorn/arbiter.py';
  const inner = { file: '/usr/lib/python3.12/selectors.py', line: 468 };
  const called = { file: package_, line: 487 };
  const placed = (file: string, line: number, name: string) => {
    stream.stack(inner, called, { file, line, function: name });
    stream.flush();
    return place(location(world.trace, world.trace.stacks.length - 1, ''));
  };
  assert.equal(placed('/app/.venv/bin/gunicorn', 8, '<module>'), 'arbiter.py:487');
  assert.equal(placed('/home/me/bin/report', 8, 'main'), 'report:8');
  assert.equal(placed('/home/me/bin/report', 80, '<module>'), 'report:80');
});

test('a file whose name was no text to the locale of the program is found all the same', () => {
  const world = new TraceWriter();
  const stream = world.process();
  // As PEP 383 has it: sm\u00e4ll.py under the locale C, and a byte that is no UTF-8.
  stream.stack({ file: '/app/sm\udcc3\udca4ll.py', line: 3 });
  stream.flush();
  assert.equal(place(location(world.trace, world.trace.stacks.length - 1, '')), 'sm\u00e4ll.py:3');
  stream.stack({ file: '/app/\udcff.py', line: 3 });
  stream.flush();
  assert.equal(place(location(world.trace, world.trace.stacks.length - 1, '')), '\udcff.py:3');
});
