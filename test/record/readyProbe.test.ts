/** The probe is compiled before the first program needs it, and wherever its folder lies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findInterpreter } from '../../record/interpreter.ts';
import { probeFolder, readyProbe } from '../../record/readyProbe.ts';
import { makeTemporaryFolder } from '../../record/temporaryFolder.ts';

const interpreter = await findInterpreter();

/** A copy of the probe in which nothing is compiled. */
function freshProbe(into: string): string {
  const folder = join(into, 'python');
  cpSync(probeFolder(), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('__pycache__'),
  });
  return folder;
}

/** The files of a folder and when each was written. */
function filesIn(folder: string): ReadonlyMap<string, number> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, statSync(path).mtimeMs]),
  );
}

/** Runs a program under a probe that must not write into the user's own cache folder, and gives what it prints. */
function run(probe: string, scratch: string, env: NodeJS.ProcessEnv, program: string): string {
  const recording = join(scratch, 'recording');
  rmSync(recording, { recursive: true, force: true });
  mkdirSync(recording);
  return execFileSync(interpreter.path, ['-c', program], {
    encoding: 'utf8',
    env: {
      ...process.env,
      XDG_CACHE_HOME: join(scratch, 'cache'),
      INTERLEAVE_RECORDING: recording,
      PYTHONPATH: join(probe, 'bootstrap'),
      ...env,
    },
  });
}

function compiledBootstrap(probe: string): readonly string[] {
  return [...filesIn(join(probe, 'bootstrap')).keys()].filter((path) => path.endsWith('.pyc'));
}

const SEEN = 'import asyncio, sys; print(sys.dont_write_bytecode, sys.pycache_prefix)';

test('a program finds everything compiled that it needs', async () => {
  const scratch = makeTemporaryFolder();
  try {
    const probe = freshProbe(scratch.path);
    await readyProbe(interpreter, probe);
    const before = filesIn(probe);
    assert.ok([...before.keys()].some((path) => path.endsWith('.pyc')));
    run(probe, scratch.path, {}, SEEN);
    assert.deepEqual(filesIn(probe), before);
  } finally {
    scratch.dispose();
  }
});

test('what is compiled is neither asked of nor shown to the program', () => {
  const scratch = makeTemporaryFolder();
  try {
    const probe = freshProbe(scratch.path);
    const prefix = join(scratch.path, 'prefix');
    const seen = run(
      probe,
      scratch.path,
      { PYTHONDONTWRITEBYTECODE: '1', PYTHONPYCACHEPREFIX: prefix },
      SEEN,
    );
    assert.equal(seen.trim(), `True ${prefix}`);
    assert.ok([...filesIn(probe).keys()].some((path) => path.endsWith('.pyc')));
    // Beside a prefix of the program's the first file of all would not be found.
    assert.deepEqual(compiledBootstrap(probe), []);
    assert.deepEqual(
      [...filesIn(scratch.path).keys()].filter((path) => path.startsWith(prefix)),
      [],
    );
  } finally {
    scratch.dispose();
  }
});

test('the file that every start begins with is compiled also with -B, and read anew when it has changed', () => {
  const scratch = makeTemporaryFolder();
  try {
    const probe = freshProbe(scratch.path);
    const quiet = { PYTHONDONTWRITEBYTECODE: '1', PYTHONPYCACHEPREFIX: undefined };
    const used = 'import sys; print("interleave_probe" in sys.modules)';
    assert.equal(run(probe, scratch.path, quiet, used).trim(), 'True');
    assert.equal(compiledBootstrap(probe).length, 1);
    const before = filesIn(probe);
    assert.equal(run(probe, scratch.path, quiet, used).trim(), 'True');
    assert.deepEqual(filesIn(probe), before);
    const first = join(probe, 'bootstrap', 'sitecustomize.py');
    writeFileSync(first, `print("changed")\n${readFileSync(first, 'utf8')}`);
    assert.equal(run(probe, scratch.path, quiet, used).trim(), 'changed\nTrue');
  } finally {
    scratch.dispose();
  }
});

test('where the probe’s folder cannot be written the user’s cache folder is used, once', () => {
  const scratch = makeTemporaryFolder();
  try {
    const probe = freshProbe(scratch.path);
    // A file in its place: permissions do not keep a superuser from writing.
    for (const part of ['interleave_probe', 'bootstrap']) {
      writeFileSync(join(probe, part, '__pycache__'), '');
    }
    const before = filesIn(probe);
    run(probe, scratch.path, {}, SEEN);
    assert.deepEqual(filesIn(probe), before);
    const cache = join(scratch.path, 'cache', 'interleave');
    const kept = filesIn(cache);
    assert.ok([...kept.keys()].some((path) => path.includes('aio_loop') && path.endsWith('.pyc')));
    assert.ok([...kept.keys()].some((path) => path.endsWith('.edits')));
    run(probe, scratch.path, {}, SEEN);
    assert.deepEqual(filesIn(cache), kept);
  } finally {
    scratch.dispose();
  }
});

test('what has changed, or is cut short, is not run as it was kept', () => {
  const scratch = makeTemporaryFolder();
  try {
    const probe = freshProbe(scratch.path);
    const said =
      "import asyncio, sys; print(*sorted(getattr(sys, 'said', '')), 'interleave_probe' in sys.modules)";
    assert.equal(run(probe, scratch.path, {}, said).trim(), 'True');
    const changed = {
      a: 'aio_loop.py',
      l: 'loading.py',
      p: 'pools.py',
      s: 'sink.py',
      w: 'watcher.py',
    };
    for (const [letter, part] of Object.entries(changed)) {
      const line = `\nimport sys\nsys.said = getattr(sys, 'said', '') + '${letter}'\n`;
      appendFileSync(join(probe, 'interleave_probe', part), line);
      assert.ok(run(probe, scratch.path, {}, said).includes(letter), part);
    }
    const kept = [...filesIn(probe).keys()].filter((path) => path.endsWith('.kept'));
    // What every start needs, and what programs with tasks and with pools need.
    assert.equal(kept.length, 3);
    for (const path of kept) {
      for (const size of [statSync(path).size >> 1, 0]) {
        truncateSync(path, size);
        assert.equal(run(probe, scratch.path, {}, said).trim(), 'a l p s w True');
        assert.ok(statSync(path).size > size, 'it is written anew');
      }
    }
  } finally {
    scratch.dispose();
  }
});
