// Names, locks and calls followed from one module into another; settings and comments that silence.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { grammarFolder } from '../../server/grammarFolder.ts';
import { nodeWorkspace } from '../../server/nodeWorkspace.ts';
import { measuresTime } from '../../server/python/clocks.ts';
import { hasClosuresInLoops } from '../../server/python/closuresInLoops.ts';
import { createLanguageService } from '../../server/service.ts';
import { serviceOver } from './support.ts';

async function rules(files: Record<string, string>, path: string): Promise<string[]> {
  const service = await serviceOver(files);
  const text = files[path]!;
  return (service.diagnose(path, text) ?? [])
    .filter((each) => each.severity !== 'hint')
    .map((each) => `${each.rule} ${text.slice(each.start, each.end)}`);
}

describe('other modules', () => {
  it('make locks', async () => {
    const files = {
      'app/locks.py': 'import threading\nLOCK = threading.Lock()\n',
      'app/main.py':
        'from .locks import LOCK as L\nfrom . import locks\n\n\nasync def f(x):\n    with L:\n        await x\n    with locks.LOCK:\n        await x\n',
    };
    assert.deepEqual(await rules(files, 'app/main.py'), [
      'lock-across-await L',
      'lock-across-await locks.LOCK',
    ]);
  });

  it('define classes whose attributes are known', async () => {
    const files = {
      'app/store.py':
        'import queue\n\n\nclass Base:\n    def __init__(self):\n        self.jobs = queue.Queue()\n\n    async def run(self):\n        pass\n',
      'app/main.py':
        'from app.store import Base\n\n\nclass Own(Base):\n    async def f(self):\n        self.jobs.get()\n        self.run()\n\n\nasync def g(x):\n    Own().jobs.get()\n    await x\n',
    };
    assert.deepEqual(await rules(files, 'app/main.py'), [
      'blocking-wait self.jobs.get()',
      'coroutine-not-awaited self.run()',
      'blocking-wait Own().jobs.get()',
    ]);
  });

  it('block three calls down', async () => {
    const files = {
      'a.py': 'from b import two\n\n\ndef three():\n    two()\n',
      'b.py': 'from c import one\n\n\ndef two():\n    one()\n',
      'c.py': 'import requests\n\n\ndef one():\n    requests.get("x")\n',
      'main.py': 'from a import three\n\n\nasync def main(x):\n    three()\n    await x\n',
    };
    assert.deepEqual(await rules(files, 'main.py'), ['blocking-helper three()']);
  });

  it('take locks in the other order', async () => {
    const files = {
      'locks.py': 'import threading\nA = threading.Lock()\nB = threading.Lock()\n',
      'one.py':
        'import two\nfrom locks import A, B\n\n\ndef f():\n    with A:\n        two.take_b()\n\n\ndef take_a():\n    with A:\n        pass\n',
      'two.py':
        'import one\nfrom locks import A, B\n\n\ndef g():\n    with B:\n        one.take_a()\n\n\ndef take_b():\n    with B:\n        pass\n',
    };
    assert.deepEqual(await rules(files, 'one.py'), ['lock-order-inversion two.take_b()']);
    assert.deepEqual(await rules(files, 'two.py'), ['lock-order-inversion one.take_a()']);
  });

  it('are read again after they changed', async () => {
    const files: Record<string, string> = {
      'h.py': 'import time\n\n\ndef slow():\n    time.sleep(1)\n',
      'm.py': 'from h import slow\n\n\nasync def main(x):\n    slow()\n    await x\n',
    };
    const service = await serviceOver(files);
    assert.equal(service.diagnose('m.py', files['m.py']!)?.[0]?.rule, 'blocking-helper');
    files['h.py'] = 'def slow():\n    pass\n';
    service.changed('h.py');
    assert.deepEqual(service.diagnose('m.py', files['m.py']!), []);
  });

  it('may import each other in a circle', async () => {
    const files = {
      'a.py': 'from b import x\nimport threading\n',
      'b.py': 'from a import x\nimport threading\n',
    };
    assert.deepEqual(await rules(files, 'a.py'), []);
  });
});

describe('silence', () => {
  const sleepy = (comment: string) =>
    `import time\n\n\nasync def main(x):\n    time.sleep(1)${comment}\n    await x\n`;
  const count = async (text: string) => (await rules({ 'm.py': text }, 'm.py')).length;
  it('is kept by a comment on the line, before it or for the file', async () => {
    assert.equal(await count(sleepy('')), 1);
    assert.equal(await count(sleepy('  # interleave: ignore[blocking-sleep]')), 0);
    assert.equal(await count(sleepy('  # interleave: ignore')), 0);
    assert.equal(await count(sleepy('  # interleave: ignore[blocking-http]')), 1);
    assert.equal(
      await count(
        sleepy('').replace('    time', '    # interleave: ignore[blocking-sleep]\n    time'),
      ),
      0,
    );
    assert.equal(await count(`# interleave: ignore-file[blocking-sleep]\n${sleepy('')}`), 0);
  });

  it('and loudness can be set for each rule', async () => {
    const service = await serviceOver();
    service.configure({
      enabled: true,
      rules: { 'blocking-sleep': 'off' },
      blocking: ['legacy.*'],
    });
    assert.deepEqual(service.diagnose('m.py', sleepy('')), []);
    const text = 'import legacy\n\n\nasync def main(x):\n    legacy.fetch(1)\n    await x\n';
    assert.equal(service.diagnose('m.py', text)?.[0]?.rule, 'blocking-wait');
    service.configure({ enabled: true, rules: {}, blocking: ['*.fetch -> legacy.fetch_async()'] });
    const [found] = service.diagnose('m.py', text) ?? [];
    assert.match(found?.message ?? '', /legacy\.fetch blocking.*Use legacy\.fetch_async\(\)\.$/);
    service.configure({ enabled: true, rules: {}, blocking: ['leg*.fet?h', 'fetch'] });
    assert.deepEqual(service.diagnose('m.py', text), []);
    service.configure({ enabled: true, rules: { 'blocking-sleep': 'hint' }, blocking: [] });
    assert.equal(service.diagnose('m.py', sleepy(''))?.[0]?.severity, 'hint');
    service.configure({ enabled: false, rules: {}, blocking: [] });
    assert.deepEqual(service.diagnose('m.py', sleepy('')), []);
  });
});

describe('a package whose modules import each other by star', () => {
  it('is not asked in every order there is', async () => {
    const names = Array.from({ length: 14 }, (_, index) => `m${index}`);
    const files: Record<string, string> = {
      'pkg/__init__.py': `${names.map((name) => `from .${name} import *`).join('\n')}\n`,
    };
    for (const name of names)
      files[`pkg/${name}.py`] =
        `import asyncio\nfrom . import missing\n\n\nasync def ${name}():\n    missing.go()\n`;
    const service = await serviceOver(files);
    assert.deepEqual(
      service.diagnose('pkg/m0.py', files['pkg/m0.py']!)?.map((each) => each.rule),
      ['needless-async'],
    );
  });
});

describe('a function made in a loop', () => {
  it('is told from others by how the lines begin', () => {
    const yes = [
      'for i in x:\n    f(lambda: i)\n',
      'while x:\n  if y:\n    z = 1\n\n    # more\n    def f(): return z\n',
      'x = [lambda: i for i in y]\n',
      'for i, (j, k) in x:\n    f(lambda a, b=i: (\n        a, b +\n        k))\n',
      'for i in x:\n    f(lambda:\n        f"{i}")\n',
      'while x:\n    with y as z:\n        def f(\n            a: int = 1,\n        ) -> None:\n            a = 1\n            return z\n',
      'x = [\n    lambda: i\n    for i in y\n]\n',
      'for i in (\n    1,\n):\n    def f(): return i\n',
      'async def f():\n    async for i in x:\n        async def g(): i()\n',
    ];
    const no = [
      'for i in x:\n    f(i)\nf(lambda: 1)\n',
      'def f():\n    for i in x:\n        pass\n    def g(): pass\n',
      'f(lambda: 1)\nfor i in x: pass\n'.replace('\nfor', '\ny = 1\nfor'),
      '',
      'for i in x:\n    f(x, key=lambda y: -y)\n',
      'for i in x:\n    f(lambda i, j=1: i + j)\n    g = lambda: None\n    g()\n',
      'for i in x:\n    def f(i=i, *j):\n        return self.i(i, j)\n    i()\n',
      'format = lambda: 1\nwhilst = 2\n',
    ];
    assert.deepEqual(
      yes.map(hasClosuresInLoops),
      yes.map(() => true),
    );
    assert.deepEqual(
      no.map(hasClosuresInLoops),
      no.map(() => false),
    );
  });
});

describe('a duration by the wall clock', () => {
  it('is told from other uses of the clock by its text', () => {
    const yes = [
      'a = time.time()\nf()\nprint(time.time() - a)\n',
      'a, b = time.time(), time.time()\nb - a\n',
      'a: float = (\n    time.time()\n)\nx = (time.time()) - (a)\n',
      'a = b = time()\nf(b\n  - a)\n',
      'if (a := time.time()) and (b := time.time()):\n    b - a\n',
      'from time import time as now\ntime()\na = now()\nnow() - a\n',
      'now = time.time\nnow() - time.time()\n',
    ];
    const no = [
      'a = time.time()\nb = a + 1\nc = d - 1\n',
      'self.a = time.time()\nx = time.time() - self.a\n',
      'x = time.time() - 5\n',
      'a = time.time()\na -= b\n',
      'a = strftime()\nb - a\n',
    ];
    assert.deepEqual(
      yes.map(measuresTime),
      yes.map(() => true),
    );
    assert.deepEqual(
      no.map(measuresTime),
      no.map(() => false),
    );
  });
});

describe('a file with a single word about concurrency', () => {
  const cases = [
    ['def f(x):\n    print("a", await x)\n', 'async-sync-mismatch'],
    ['await x\n', 'async-sync-mismatch'],
    ['def f(x):\n    return [y async for y in x]\n', 'async-sync-mismatch'],
    ['from subprocess import Popen\nPopen("x", preexec_fn=print)\n', 'fork-with-threads'],
    [
      'from contextvars import ContextVar as C\nx = C("x", default=[])\n',
      'mutable-contextvar-default',
    ],
    ['import threading as t\nwith t.Lock():\n    pass\n', 'lock-not-shared'],
    ['from concurrent import futures\nfutures.ThreadPoolExecutor()\n', 'pool-without-with'],
    ['from multiprocessing import pool\npool.Pool()\n', 'pool-without-with'],
    ['for i in x:\n    y.append(lambda: i)\n', 'late-bound-loop-variable'],
  ] as const;

  it('is looked at', async () => {
    const service = await serviceOver();
    for (const [text, rule] of cases)
      assert.ok(
        service.diagnose('one.py', text)?.some((each) => each.rule === rule),
        text,
      );
  });
});

describe('a folder on disk', () => {
  const main = 'from work.lib import go\n\n\nasync def f(x):\n    go()\n    await x\n';
  const coroutine = 'async def go():\n    await go()\n';

  it('is looked at again when a file has come, changed or gone', async (test) => {
    const root = mkdtempSync(join(tmpdir(), 'interleave-workspace-'));
    test.after(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, 'work'));
    const service = await createLanguageService(
      nodeWorkspace([root]),
      grammarFolder(import.meta.url),
    );
    const found = async () => {
      // As between two things that happen in an editor.
      await new Promise((turn) => setImmediate(turn));
      return (service.diagnose(join(root, 'main.py'), main) ?? []).map((each) => each.rule);
    };
    const lib = join(root, 'work', 'lib.py');
    assert.deepEqual(await found(), []);
    writeFileSync(lib, coroutine);
    service.changed(lib);
    assert.deepEqual(await found(), ['coroutine-not-awaited']);
    writeFileSync(lib, 'def go():\n    pass\n');
    service.changed(lib);
    assert.deepEqual(await found(), []);
    rmSync(lib);
    service.changed(lib);
    assert.deepEqual(await found(), []);
    writeFileSync(join(root, 'elsewhere.py'), coroutine);
    symlinkSync(join(root, 'elsewhere.py'), lib);
    service.changed(lib);
    assert.deepEqual(await found(), ['coroutine-not-awaited']);
  });
});
