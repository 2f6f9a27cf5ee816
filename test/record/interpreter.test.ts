/** Which Python a project means: the environment that tools put into its folder. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { environmentIn } from '../../record/interpreter.ts';

test('a virtual environment in the folder is found, and what only looks like one is not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-project-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(environmentIn(folder), undefined);
  const python = (name: string): string =>
    join(folder, name, process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python');
  const make = (path: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  };
  make(python('env'));
  assert.equal(environmentIn(folder), undefined, 'a folder of that name with a bin of its own');
  make(join(folder, 'venv', 'pyvenv.cfg'));
  assert.equal(environmentIn(folder), undefined, 'one whose Python is gone');
  make(python('venv'));
  assert.equal(environmentIn(folder), python('venv'));
  make(join(folder, '.venv', 'pyvenv.cfg'));
  make(python('.venv'));
  assert.equal(environmentIn(folder), python('.venv'));
});
