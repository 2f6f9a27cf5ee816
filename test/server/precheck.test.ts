// A file without the words of any rule is not parsed. That loses nothing only if each rule's words stand in every file in
// which it reports: here all rules are run over everything, and each of them must have named what it needs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NamesIn } from '../../server/needs.ts';
import { nodeWorkspace } from '../../server/nodeWorkspace.ts';
import { analyse } from '../../server/python/analyse.ts';
import { codeOf } from '../../server/python/codeOf.ts';
import { importedIn } from '../../server/python/imports.ts';
import { loadPythonParser } from '../../server/python/parser.ts';
import { rulesFor } from '../../server/python/precheck.ts';
import { Project } from '../../server/python/project.ts';
import { PYTHON_RULES } from '../../server/rules.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { sourceFiles } from '../../server/sourceFiles.ts';
import type { Workspace } from '../../server/workspace.ts';
import { readPage } from './support.ts';

interface File {
  readonly path: string;
  readonly text: string;
}

const parser = await loadPythonParser();

/** What any rule says of a file though the file has not what that rule needs. */
function unforeseen(files: readonly File[], workspace: Workspace): string[] {
  const [everything, checked] = [new Project(workspace, parser), new Project(workspace, parser)];
  const lost: string[] = [];
  for (const { path, text } of files) {
    const imports = (names: NamesIn) => checked.imports(path, text, names);
    const chosen = rulesFor(text, imports);
    for (const { rule } of analyse(everything.open(path, text), DEFAULT_SETTINGS) ?? []) {
      const known = PYTHON_RULES.find(({ id }) => id === rule)!;
      if (!chosen.includes(known)) lost.push(`${path}: ${rule} does not name its words`);
    }
  }
  return lost;
}

describe('what the rules need is there', () => {
  it('in the fixtures', () => {
    const folder = new URL('./fixtures/', import.meta.url);
    const files = readdirSync(folder).map((path) => ({
      path,
      text: readFileSync(new URL(path, folder), 'utf8'),
    }));
    assert.ok(files.length > 20);
    assert.deepEqual(unforeseen(files, nodeWorkspace([fileURLToPath(folder)])), []);
  });

  it('in the bad examples of their pages', () => {
    const files = PYTHON_RULES.map(({ id }) => ({ path: `${id}.py`, text: readPage(id).bad }));
    assert.deepEqual(unforeseen(files, nodeWorkspace([])), []);
  });

  it("in modules of Python's own library", (test) => {
    const ask = 'import sysconfig; print(sysconfig.get_paths()["stdlib"])';
    const library = spawnSync('python3', ['-c', ask], { encoding: 'utf8' }).stdout?.trim();
    if (!library) return test.skip('There is no Python here.');
    const files = [...sourceFiles(library, (path) => path.endsWith('.py'))]
      // Every sixth, and all that are about concurrency.
      .filter((path, index) => index % 6 === 0 || /asyncio|concurrent|multiproc|thread/.test(path))
      .filter((path) => !/\/(?:lib2to3|idlelib|test)\//.test(path))
      .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    assert.deepEqual(unforeseen(files, nodeWorkspace([library])), []);
  });
});

describe('names from other files', () => {
  const files: Record<string, string> = {
    'client.py':
      'async def fetch():\n    pass\n\n\nclass Client:\n    async def get(self):\n        pass\n',
    'pkg/__init__.py': 'from .inner import fetch\n',
    'pkg/inner.py': 'async def fetch():\n    pass\n',
    'state.py': 'import threading\n\nguard = threading.Lock()\n',
  };
  const workspace: Workspace = {
    readFile: (path) => files[path],
    findScript: () => undefined,
    findModule: (name) =>
      [`${name}.py`, `${name}/__init__.py`, `pkg/${name.replace(/^\./, '')}.py`].find(
        (path) => path in files,
      ),
  };
  const rulesOf = (text: string) => {
    const project = new Project(workspace, parser);
    const rules = rulesFor(text, (names) => project.imports('main.py', text, names));
    return (analyse(project.open('main.py', text), DEFAULT_SETTINGS, undefined, rules) ?? []).map(
      ({ rule }) => rule,
    );
  };

  it('are coroutine functions there', () => {
    const expected = ['coroutine-not-awaited'];
    assert.deepEqual(rulesOf('from client import fetch\nfetch()\n'), expected);
    assert.deepEqual(rulesOf('import client\nclient.Client().get()\n'), expected);
    assert.deepEqual(rulesOf('from pkg import fetch\nfetch()\n'), expected);
  });

  it('are locks there', () => {
    const text =
      'from state import guard\n\n\ndef f():\n    with guard:\n        with guard:\n            pass\n';
    assert.deepEqual(rulesOf(text), ['self-deadlock']);
  });

  it('matter only when the file has them', () => {
    const texts = ['from client import other\nother()\n', 'from client import x\nprefetch()\n'];
    for (const text of texts) {
      const project = new Project(workspace, parser);
      const rules = rulesFor(text, (names) => project.imports('main.py', text, names));
      assert.deepEqual(rules, []);
    }
  });
});

describe('the rules that are run over a text', () => {
  const cases = [
    ['from time import perf_counter as clock\nwith self.block(): pass\n', []],
    ['from state import db_lock\nwith db_lock: pass\n', ['self-deadlock']],
    ['queue = [1]\nqueue.append(2)\n', []],
    ['self.queue.put(1)\n', ['unbounded-queue']],
    ['os.fork()\n', []],
    ['Popen(x, preexec_fn=f)\n', ['fork-with-threads']],
    ['v = ContextVar("v", default=None)\n', []],
    ['v = ContextVar("v", default=\\\n  ([]))\n', ['mutable-contextvar-default']],
    ['v = ContextVar("v", default=(yes or []))\n', ['mutable-contextvar-default']],
  ] as const;
  for (const [text, expected] of cases)
    it(`are ${expected[0] ?? 'none'} for ${JSON.stringify(text)}`, () => {
      const rules = rulesFor(text, () => false).map(({ id }) => id);
      assert.deepEqual(rules.length > 0, expected.length > 0);
      for (const rule of expected) assert.ok(rules.includes(rule));
    });
});

it('imports are read off a text as Python means them', () => {
  const text =
    'import os, sys as system\nfrom . import (\n    a,\n    b as c,\n)\nfrom .x.y import z  # import w\nimportant = 1\n  from ..p import (q)\n';
  assert.deepEqual(
    [...importedIn(text)],
    ['os', 'sys', '.a', '.b', '.x.y', '.x.y.z', '..p', '..p.q'],
  );
});

describe('the code of a text', () => {
  const cases = [
    ['x = "await"  # await\n', 'x = ""  \n'],
    ["'''a\n'await' b'''\nawait x\n", '""\nawait x\n'],
    ['r"\\"" + await_\n', 'r"" + await_\n'],
    ['"a\\\nawait" + y\n', '"" + y\n'],
    ['f"{await x}" + "await"\n', 'f"{await x}" + ""\n'],
    ['f"{d["await"]}"\n', 'f"{d["await"]}"\n'],
    ['"not closed\nawait x\n', '""\nawait x\n'],
    ['"""not closed\nawait x\n', '""'],
    ['q: "queue.Queue[int]" = 1\n', 'q: "queue.Queue[int]" = 1\n'],
    ['x = "#"; await y # "\nz = "await"\n', 'x = ""; await y \nz = ""\n'],
  ] as const;
  for (const [text, code] of cases)
    it(JSON.stringify(text), () => assert.equal(codeOf(text), code));
});
