// Every fix of every lint in the small programs: the lint is gone, comments are kept, and Python can still compile it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { applyEdits } from '../../server/diagnostic.ts';
import { serviceOver } from './support.ts';

const folder = new URL('./fixtures/', import.meta.url);
const service = await serviceOver();
const python = spawnSync('python3', ['--version']).status === 0 ? 'python3' : undefined;

const COMPILES = `import json, sys, warnings
warnings.simplefilter("ignore")
def compiles(text):
    try:
        compile(text, "fixed", "exec")
    except SyntaxError as error:
        return str(error)
json.dump([compiles(text) for text in json.load(sys.stdin)], sys.stdout)`;

/** What Python says of each text; null for what it can compile. */
function judged(texts: readonly string[]): (string | null)[] {
  if (python === undefined) return texts.map(() => null);
  const result = spawnSync(python, ['-c', COMPILES], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout) as (string | null)[];
}

const hashes = (text: string) => text.split('#').length;

for (const file of readdirSync(folder)) {
  describe(file, () => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const rulesIn = (source: string) => (service.diagnose(file, source) ?? []).map((d) => d.rule);
    it('is mended by each of its fixes', () => {
      const found = service.diagnose(file, text) ?? [];
      const fixed: { name: string; text: string }[] = [];
      const tried = new Map<string, number>();
      for (const { rule, fixes, start } of found) {
        const before = found.filter((each) => each.rule === rule).length;
        for (const fix of fixes) {
          const name = `${rule} at ${text.slice(0, start).split('\n').length}: ${fix.title}`;
          const after = applyEdits(text, fix.edits);
          const times = (tried.get(fix.title) ?? 0) + 1;
          tried.set(fix.title, times);
          // Each look takes the whole file anew: two of a kind tell enough.
          if (times <= 2)
            assert.ok(rulesIn(after).filter((each) => each === rule).length < before, name);
          assert.ok(hashes(after) >= hashes(text), `a comment is lost: ${name}`);
          fixed.push({ name, text: after });
        }
      }
      // Programs about what can't be compiled stay what they are.
      if (judged([text])[0] !== null) return;
      const faults = judged(fixed.map((each) => each.text));
      const broken = fixed.flatMap((each, at) =>
        faults[at] === null ? [] : [`${each.name}: ${faults[at]}`],
      );
      assert.deepEqual(broken, []);
    });
  });
}
