// Many small programs a rule, kept apart by lines of three dashes: each marked line is reported as often as it says, and no other.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { applyEdits } from '../../../server/diagnostic.ts';
import { dialectOf, loadJavascriptParser } from '../../../server/javascript/parser.ts';
import { readable } from '../../../server/javascript/readable.ts';
import { LineIndex } from '../../../server/lines.ts';
import { serviceOver } from '../support.ts';

const folder = new URL('./snippets/', import.meta.url);
const service = await serviceOver();
for (const extension of ['ts', 'tsx', 'js', 'jsx']) await service.prepare(`a.${extension}`);

interface Snippet {
  readonly extension: string;
  readonly text: string;
  /** Line of its file before its first. */
  readonly before: number;
}

function snippetsOf(text: string): Snippet[] {
  const snippets: Snippet[] = [];
  let lines: string[] = [];
  let extension = 'ts';
  let before = 0;
  for (const [index, line] of [...text.trimEnd().split('\n'), '---'].entries()) {
    if (!line.startsWith('---')) {
      lines.push(line);
      continue;
    }
    snippets.push({ extension, text: `${lines.join('\n')}\n`, before });
    extension = line.slice(3).trim() || 'ts';
    lines = [];
    before = index + 1;
  }
  return snippets;
}

for (const file of readdirSync(folder)) {
  const rule = file.replace(/\.txt$/, '');
  describe(rule, () => {
    it('is told on the marked lines and on no other', () => {
      const wrong: string[] = [];
      for (const [index, snippet] of snippetsOf(
        readFileSync(new URL(file, folder), 'utf8'),
      ).entries()) {
        const lines = new LineIndex(snippet.text);
        const name = `${rule}${index}.${snippet.extension}`;
        const found = (service.diagnose(name, snippet.text) ?? [])
          .filter((each) => each.rule === rule)
          .map((each) => lines.lineAt(each.start));
        for (const [at, line] of snippet.text.split('\n').entries()) {
          const mark = /\/\/ lint ?(\d*)$/.exec(line);
          const expected = mark === null ? 0 : Number(mark[1] || 1);
          const actual = found.filter((each) => each === at).length;
          if (actual !== expected)
            wrong.push(`${file}:${snippet.before + at + 1} ${actual} for ${expected}: ${line}`);
        }
      }
      assert.deepEqual(wrong, []);
    });

    it('is mended by each of its fixes', async () => {
      const snippets = snippetsOf(readFileSync(new URL(file, folder), 'utf8'));
      for (const [index, { extension, text, before }] of snippets.entries()) {
        const name = `${rule}${index}.${extension}`;
        const parser = await loadJavascriptParser(dialectOf(name), {});
        const ofRule = (source: string) =>
          (service.diagnose(name, source) ?? []).filter((each) => each.rule === rule);
        const found = ofRule(text);
        for (const each of found) {
          for (const fix of each.fixes) {
            const fixed = applyEdits(text, fix.edits);
            const tree = parser.parse(readable(name, fixed).parsed);
            const where = `${file}, from line ${before + 1}, "${fix.title}": ${text.slice(each.start, each.end)}`;
            assert.equal(parser.read(tree).broken, false, `does not parse: ${where}`);
            tree.delete();
            assert.ok(ofRule(fixed).length < found.length, `still there: ${where}`);
          }
        }
      }
    });
  });
}
