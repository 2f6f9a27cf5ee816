// JavaScript as it is while somebody types: nothing crashes, an edited file is read like a fresh one, silence is kept.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { randomFrom } from '../../../scripts/faults/random.ts';
import { serviceOver } from '../support.ts';

const folder = new URL('./golden/', import.meta.url);
const files = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(new URL(file, folder), 'utf8'),
}));
const service = await serviceOver();
for (const { file } of files) await service.prepare(file);

const PIECES = [
  '(',
  ')',
  '{',
  '}',
  '=>',
  'async ',
  'await ',
  '`',
  '${',
  '"',
  '/*',
  '//',
  '<',
  '...',
  '?.',
  ';',
  '\n',
  'é',
  '😀',
  'for (',
  'new ',
  'class A {',
  ': ',
  '[',
  '=',
  '!',
];

describe('random edits', () => {
  it('never crash the service, a thousand times', () => {
    const random = randomFrom(5);
    let { file, text } = files[0]!;
    for (let round = 0; round < 1000; round++) {
      if (round % 10 === 0) {
        ({ file, text } = files[Math.floor(random() * files.length)]!);
        const at = Math.floor(random() * text.length);
        text = text.slice(at, at + 1500);
      }
      const at = Math.floor(random() * text.length);
      const kind = random();
      if (kind < 0.2) text = text.slice(0, at);
      else if (kind < 0.6) text = text.slice(0, at) + text.slice(at + Math.ceil(random() * 12));
      else text = text.slice(0, at) + PIECES[Math.floor(random() * PIECES.length)] + text.slice(at);
      for (const found of service.diagnose(file, text) ?? []) {
        for (const span of [found, ...found.fixes.flatMap((fix) => fix.edits)])
          assert.ok(
            span.start >= 0 && span.start <= span.end && span.end <= text.length,
            `round ${round}: ${found.rule}`,
          );
      }
      service.hover(file, text, at);
      if (round % 20 === 0) service.fixAll(`fixed-${file}`, text);
    }
  });

  it('give what a fresh look at the same text gives', async () => {
    for (const { file, text } of files) {
      const fresh = await serviceOver();
      await fresh.prepare(file);
      service.diagnose(file, text);
      const at = text.indexOf('\n', text.length / 2) + 1;
      const edited = `${text.slice(0, at)}\n${text.slice(at)}`;
      assert.deepEqual(service.diagnose(file, edited), fresh.diagnose(file, edited), file);
    }
  });
});

describe('a function being typed', () => {
  const good =
    'async function a(x) {\n  fetch(x);\n}\n\nasync function b(x) {\n  fetch(x + 1);\n}\n';
  const said = (text: string) =>
    (service.diagnose('typed.js', text) ?? []).map((each) => text.slice(each.start, each.end));

  it('keeps what was said of it', () => {
    assert.deepEqual(said(good), ['fetch(x)', 'fetch(x + 1)']);
    assert.deepEqual(said(good.replace('fetch(x);', 'if (x[;\n  fetch(x);')), [
      'fetch(x)',
      'fetch(x + 1)',
    ]);
    assert.deepEqual(said(good.replace('fetch(x);', 'await fetch(x);')), ['fetch(x + 1)']);
  });
});

describe('comments that silence', () => {
  const rules = (text: string) =>
    (service.diagnose('quiet.js', text) ?? []).map((each) => each.rule);

  it('speak of their line, of the next one when alone, and of the file', () => {
    assert.deepEqual(rules('fetch(1);'), ['floating-promise']);
    assert.deepEqual(rules('fetch(1); // interleave: ignore[floating-promise]'), []);
    assert.deepEqual(rules('// interleave: ignore\nfetch(1);'), []);
    assert.deepEqual(rules('// interleave: ignore-file[floating-promise]\n\nfetch(1);'), []);
    assert.deepEqual(rules('fetch(1); // interleave: ignore[await-in-loop]'), ['floating-promise']);
  });
});

describe('a grammar', () => {
  it('is loaded only when a file needs it, and until then nothing is said', async () => {
    const other = await serviceOver();
    assert.deepEqual(other.diagnose('a.ts', 'fetch(1);'), []);
    await other.prepare('a.py');
    assert.deepEqual(other.diagnose('a.ts', 'fetch(1);'), []);
    await other.prepare('a.ts');
    assert.equal(other.diagnose('a.ts', 'fetch(1);')?.length, 1);
  });
});

describe('a file with a single word about concurrency', () => {
  const cases = [
    ['let n = 0;\nexport function* f() {\n  n += yield;\n}\n', 'non-atomic-update'],
    ['declare const p: PromiseLike<void> & Promise<void>;\np;\n', 'floating-promise'],
    ['go().catch(on).finally(end).finally(end);\n', undefined],
    ['ask().then(go);\n', 'floating-promise'],
    [
      'import { readFileSync } from "fs";\nexport const f = () => readFileSync("x");\n',
      'sync-io-in-async',
    ],
    ['const c = new Int32Array(new SharedArrayBuffer(8));\nc[0]++;\n', 'atomics-misuse'],
  ] as const;

  it('is looked at', () => {
    for (const [text, rule] of cases) {
      const found = service.diagnose('one.ts', text) ?? [];
      if (rule === undefined) assert.deepEqual(found, [], text);
      else
        assert.ok(
          found.some((each) => each.rule === rule),
          text,
        );
    }
  });
});
