// Small programs in JavaScript and TypeScript whose comments say which lines must be reported, and that no other is.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LineIndex } from '../../../server/lines.ts';
import { serviceOver } from '../support.ts';

const folder = new URL('./golden/', import.meta.url);
const service = await serviceOver();

for (const file of readdirSync(folder)) {
  describe(file, () => {
    it('has the marked lints and no other', async () => {
      await service.prepare(file);
      const text = readFileSync(new URL(file, folder), 'utf8');
      const expected = text.split('\n').flatMap((line, index) => {
        const rules = /\/\/ lint: (.*)$/.exec(line)?.[1]?.split(', ') ?? [];
        return rules.map((rule) => `${index + 1} ${rule}`);
      });
      const lines = new LineIndex(text);
      const found = (service.diagnose(file, text) ?? []).map(
        (each) => `${lines.lineAt(each.start) + 1} ${each.rule}`,
      );
      const missed = expected.filter((each) => !found.includes(each));
      const extra = found.filter((each) => !expected.includes(each));
      assert.deepEqual({ missed, extra }, { missed: [], extra: [] });
    });
  });
}
