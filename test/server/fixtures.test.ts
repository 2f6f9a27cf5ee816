// Small programs whose comments say which lines must be reported, where it matters how severely, and that no other line is.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LineIndex } from '../../server/lines.ts';
import { serviceOver } from './support.ts';

const folder = new URL('./fixtures/', import.meta.url);
const service = await serviceOver();

/** Hints that say something of nearly every small example, unless it says `# quiet: none`. */
const QUIET = new Set([
  'needless-async',
  'join-without-timeout',
  'gather-loses-failures',
  'nested-acquire-without-timeout',
]);

for (const file of readdirSync(folder)) {
  describe(file, () => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const expected = text.split('\n').flatMap((line, index) => {
      const rules = /# lint: (.*)$/.exec(line)?.[1]?.split(', ') ?? [];
      return rules.map((rule) => `${index + 1} ${rule}`);
    });
    /** A mark may say how severe: `rule=hint`. */
    const plain = expected.map((key) => key.replace(/=.*/, ''));
    const lines = new LineIndex(text);
    const isStrict = text.includes('\n# quiet: none\n');
    const found = (service.diagnose(file, text) ?? []).map((each) => ({
      rule: each.rule,
      key: `${lines.lineAt(each.start) + 1} ${each.rule}`,
      severity: each.severity,
    }));
    it('has every marked lint', () => {
      const left = found.map((each) => each.key);
      const missed = plain.filter((key) => {
        const at = left.indexOf(key);
        if (at !== -1) left.splice(at, 1);
        return at === -1;
      });
      assert.deepEqual(missed, []);
    });
    it('has each as severe as its mark says', () => {
      const keys = new Set(found.map((each) => `${each.key}=${each.severity}`));
      const other = expected.filter((key) => key.includes('=') && !keys.has(key));
      assert.deepEqual(other, []);
    });
    it('has no other lint', () => {
      const left = [...plain];
      const extra = found.filter((each) => {
        const at = left.indexOf(each.key);
        if (at !== -1) left.splice(at, 1);
        return at === -1 && (isStrict || !QUIET.has(each.rule));
      });
      assert.deepEqual(
        extra.map((each) => each.key),
        [],
      );
    });
  });
}
