// Code as it is while somebody types: nothing crashes, and what was known of a function stays until it parses again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFrom } from '../../scripts/faults/random.ts';
import { PYTHON_RULES } from '../../server/rules.ts';
import { readPage, serviceOver } from './support.ts';

const service = await serviceOver();

const PIECES = [
  '(',
  ')',
  ':',
  '\n',
  '    ',
  '"',
  "'''",
  'async ',
  'with ',
  'await ',
  'lambda: ',
  '=',
  '\\',
  'é',
  '😀',
  '@',
  'def f(',
  '\t',
  '[',
  '#',
];

describe('random edits', () => {
  it('never crash the service, a thousand times', () => {
    const random = randomFrom(7);
    const pages = PYTHON_RULES.map((rule) => readPage(rule.id).bad);
    let text = pages[0]!;
    for (let round = 0; round < 1000; round++) {
      if (round % 10 === 0) text = pages[Math.floor(random() * pages.length)]!;
      const at = Math.floor(random() * text.length);
      const kind = random();
      if (kind < 0.3) text = text.slice(0, at);
      else if (kind < 0.6) text = text.slice(0, at) + text.slice(at + Math.ceil(random() * 12));
      else text = text.slice(0, at) + PIECES[Math.floor(random() * PIECES.length)] + text.slice(at);
      for (const found of service.diagnose('edited.py', text) ?? []) {
        assert.ok(
          found.start >= 0 && found.start <= found.end && found.end <= text.length,
          `round ${round}: ${found.rule}`,
        );
        for (const edit of found.fixes.flatMap((fix) => fix.edits)) {
          assert.ok(
            edit.start >= 0 && edit.start <= edit.end && edit.end <= text.length,
            `round ${round}: fix of ${found.rule}`,
          );
        }
      }
      service.hover('edited.py', text, at);
      if (round % 20 === 0) service.fixAll('fixed.py', text);
    }
  });

  it('give what a fresh look at the same text gives', async () => {
    const random = randomFrom(11);
    for (const rule of PYTHON_RULES) {
      const { bad } = readPage(rule.id);
      const fresh = await serviceOver();
      service.diagnose('kept.py', bad);
      const at = bad.lastIndexOf('\n', Math.floor(random() * bad.length)) + 1;
      const edited = `${bad.slice(0, at)}\n${bad.slice(at)}`;
      assert.deepEqual(
        service.diagnose('kept.py', edited),
        fresh.diagnose('kept.py', edited),
        rule.id,
      );
    }
  });
});

describe('a function being typed', () => {
  const good =
    'import time\n\n\nasync def main(x):\n    time.sleep(1)\n    await x\n\n\nasync def other(x):\n    time.sleep(2)\n    await x\n';
  const rules = (text: string) =>
    (service.diagnose('typed.py', text) ?? []).map(
      (each) => `${each.rule} ${text.slice(each.start, each.end)}`,
    );

  it('keeps what was said of it, at its new place', () => {
    assert.deepEqual(rules(good), ['blocking-sleep time.sleep(1)', 'blocking-sleep time.sleep(2)']);
    const typing = good.replace('    time.sleep(1)\n', '    foo(bar[\n    time.sleep(1)\n');
    assert.deepEqual(rules(typing), [
      'blocking-sleep time.sleep(1)',
      'blocking-sleep time.sleep(2)',
    ]);
  });

  it('is looked at anew when it parses again', () => {
    rules(good);
    rules(good.replace('time.sleep(1)', 'time.sleep(1'));
    assert.deepEqual(rules(good.replace('time.sleep(1)', 'time.monotonic()')), [
      'blocking-sleep time.sleep(2)',
    ]);
  });
});

describe('a request that is no longer wanted', () => {
  it('ends without an answer, and the next one has one', () => {
    const text = 'import time\n\n\nasync def main(x):\n    time.sleep(1)\n    await x\n';
    assert.equal(
      service.diagnose('stale.py', text, () => true),
      undefined,
    );
    assert.equal(service.diagnose('stale.py', text)?.[0]?.rule, 'blocking-sleep');
  });
});

describe('code nested deeper than a stack', () => {
  const deep = [
    ['deep.py', `async def f():\n    x = ${'a + '.repeat(20_000)}1\n`],
    ['deep.py', `async def f():\n    x = ${'('.repeat(4000)}1${')'.repeat(4000)}\n`],
    ['deep.py', `async def f():\n    x = ${'['.repeat(30_000)}`],
    ['deep.ts', `await ${'(\n'.repeat(8000)}1${')'.repeat(8000)};`],
    ['deep.ts', `await x;\nconst a = ${'a +\n'.repeat(20_000)}1;`],
    ['deep.js', `async function f() {}\nf()${'\n.then(() => {})'.repeat(5000)};`],
  ] as const;

  it('breaks nothing, and the next text is read as ever', async () => {
    await service.prepare('deep.ts');
    for (const [path, text] of deep) {
      assert.ok(Array.isArray(service.diagnose(path, text)), path);
      service.hover(path, text, 20);
    }
    const text = 'import time\n\n\nasync def main(x):\n    time.sleep(1)\n    await x\n';
    assert.equal(service.diagnose('deep.py', text)?.[0]?.rule, 'blocking-sleep');
    assert.equal(service.diagnose('deep.ts', 'fetch(1);')?.[0]?.rule, 'floating-promise');
  });

  it('takes no lint of the code around it away', async () => {
    await service.prepare('deep.ts');
    const sleeps = 'import time\n\n\nasync def main(x):\n    time.sleep(1)\n    await x\n';
    for (const text of [
      `x = ${'a + '.repeat(20_000)}1`,
      `x = ${'('.repeat(4000)}1${')'.repeat(4000)}`,
      `x = a${'.b()'.repeat(5000)}`,
    ])
      assert.equal(
        service.diagnose('around.py', `${text}\n${sleeps}`)?.[0]?.rule,
        'blocking-sleep',
      );
    const around = `fetch(1);\nconst a = ${'a +\n'.repeat(20_000)}1;\n`;
    assert.equal(service.diagnose('around.ts', around)?.[0]?.rule, 'floating-promise');
  });

  it('and names that stand for each other go round once', () => {
    const circle =
      'const a = b.c;\nconst b = a.d;\nawait a.e();\na.then(() => {});\ntype A = B;\ntype B = A;\ndeclare const x: A;\nx;\nclass P extends Q {}\nclass Q extends P {}\nnew P().z();\n';
    assert.ok(Array.isArray(service.diagnose('circle.ts', circle)));
    const python =
      'import threading\nx = y\ny = x\nclass A(B): pass\nclass B(A): pass\nA().run()\nwith x: pass\n';
    assert.ok(Array.isArray(service.diagnose('circle.py', python)));
  });
});
