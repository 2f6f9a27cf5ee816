/** Whose code a frame is: what a person is shown are their own lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLibrary } from '../../engine/frames.ts';

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
