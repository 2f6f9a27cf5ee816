// Fixes fit the text they are for: its ends of lines, its byte order mark; and once applied there is nothing left to apply.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JAVASCRIPT_RULES } from '../../server/javascript/rules.ts';
import { PYTHON_RULES } from '../../server/rules.ts';
import { readPage, serviceOver } from './support.ts';

const service = await serviceOver();
await service.prepare('page.ts');

const pages = [
  ...PYTHON_RULES.map(({ id }) => ({ path: `${id}.py`, text: readPage(id).bad })),
  ...JAVASCRIPT_RULES.map(({ id }) => ({ path: `${id}.ts`, text: readPage(id).bad })),
];

for (const { path, text } of pages) {
  const fixed = service.fixAll(path, text);
  describe(path, () => {
    it('is fixed by one run', () => {
      assert.equal(service.fixAll(path, fixed), fixed);
    });
    it('keeps the ends of its lines', () => {
      const windows = text.replace(/\n/g, '\r\n');
      assert.equal(service.fixAll(path, windows), fixed.replace(/\n/g, '\r\n'));
      for (const found of service.diagnose(path, windows) ?? [])
        for (const { edits } of found.fixes)
          for (const edit of edits) assert.doesNotMatch(edit.text, /(?<!\r)\n/, found.rule);
    });
    it('keeps its byte order mark in front', () => {
      assert.equal(service.fixAll(path, `\uFEFF${text}`), `\uFEFF${fixed}`);
    });
    it('counts what is outside the first plane as the editor does', () => {
      const comment = path.endsWith('.py') ? '# 😀 ' : '// 😀 ';
      const before = `${comment}\n`;
      const places = (source: string, by: number) =>
        (service.diagnose(path, source) ?? []).map(({ rule, start, end }) => [
          rule,
          start - by,
          end - by,
        ]);
      assert.deepEqual(places(before + text, before.length), places(text, 0));
    });
  });
}

describe('a statement that has no line of its own', () => {
  const fixed = (line: string) =>
    service
      .fixAll('line.py', `import asyncio\nimport queue\njobs = queue.Queue()\n${line}\n`)
      .split('\n')
      .find((each) => /create_task|jobs\.get/.test(each))
      ?.trim();
  const kept =
    'task = asyncio.create_task(run()); background_tasks.add(task); task.add_done_callback(background_tasks.discard)';
  for (const [before, after] of [
    ['    if it: ', ''],
    ['    while it: ', '; break'],
    ['    it(); ', ''],
    ['    match it:\n        case 1: ', '; it()'],
  ] as const)
    it(`keeps what is around it: ${before.trim()}`, () => {
      const text = `async def main(run, it):\n${before}asyncio.create_task(run())${after}`;
      assert.equal(fixed(text), `${before.split('\n').at(-1)!.trimStart()}${kept}${after}`);
    });
  it('is marked done in the loop that gets it', () => {
    const text = 'def work():\n    while True: jobs.get()()\ndef main():\n    jobs.join()';
    assert.equal(fixed(text), 'while True: jobs.get()(); jobs.task_done()');
  });
});
