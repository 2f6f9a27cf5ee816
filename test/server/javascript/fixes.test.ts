// Every fix of every lint in the small programs: what it gives parses, and has one lint of that rule less.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { applyEdits } from '../../../server/diagnostic.ts';
import { dialectOf, loadJavascriptParser } from '../../../server/javascript/parser.ts';
import { readable } from '../../../server/javascript/readable.ts';
import { serviceOver } from '../support.ts';

const folder = new URL('./golden/', import.meta.url);
const service = await serviceOver();

for (const file of readdirSync(folder)) {
  describe(file, () => {
    it('is mended by each of its fixes', async () => {
      await service.prepare(file);
      const parser = await loadJavascriptParser(dialectOf(file), {});
      const text = readFileSync(new URL(file, folder), 'utf8');
      const found = service.diagnose(file, text) ?? [];
      const count = (rule: string, all: readonly { rule: string }[]) =>
        all.filter((each) => each.rule === rule).length;
      let fixes = 0;
      for (const each of found) {
        for (const fix of each.fixes) {
          fixes++;
          const fixed = applyEdits(text, fix.edits);
          const tree = parser.parse(readable(file, fixed).parsed);
          const where = `${each.rule}, "${fix.title}": ${text.slice(each.start, each.end)}`;
          assert.equal(parser.read(tree).broken, false, where);
          tree.delete();
          const left = count(each.rule, service.diagnose(file, fixed) ?? []);
          assert.ok(left < count(each.rule, found), `still there after ${where}`);
        }
      }
      assert.ok(fixes > 0, file);
    });
  });
}

it('offers no rounds at once where each closes what it opened', () => {
  const fixes = (body: string) =>
    (
      service.diagnose('using.ts', `async function f(xs) { for (const x of xs) { ${body} } }`) ?? []
    ).map((each) => each.fixes.length);
  assert.deepEqual(fixes('await x.open();'), [1]);
  assert.deepEqual(fixes('await using file = x.open();'), [0]);
});
