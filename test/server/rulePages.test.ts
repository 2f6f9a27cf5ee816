// Every rule has a page; its bad example has the lint, its good one has not, and its fixes mend the bad one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { applyEdits } from '../../server/diagnostic.ts';
import { JAVASCRIPT_RULES } from '../../server/javascript/rules.ts';
import { PYTHON_RULES } from '../../server/rules.ts';
import { RULES } from '../../wire/rules.ts';
import { readPage, serviceOver } from './support.ts';

const service = await serviceOver();
await service.prepare('example.mjs');

const sources: string[] = [];
const scripts: string[] = [];

for (const rule of [...PYTHON_RULES, ...JAVASCRIPT_RULES]) {
  const isPython = PYTHON_RULES.some((each) => each.id === rule.id);
  const file = isPython ? 'example.py' : 'example.mjs';
  const fixedSources = isPython ? sources : scripts;
  const rulesIn = (text: string) => (service.diagnose(file, text) ?? []).map((each) => each.rule);
  describe(rule.id, () => {
    const page = readPage(rule.id);
    it('names its number and severity', () => {
      assert.match(
        page.text,
        new RegExp(`^# ${rule.id}\\n\\n.* · rule ${rule.number} · ${rule.severity}\\n`),
      );
    });
    it('is found in the bad example', () => {
      assert.ok(
        rulesIn(page.bad).includes(rule.id),
        `found ${rulesIn(page.bad).join(', ') || 'nothing'}`,
      );
    });
    it('is not found in the good example, nor is any other error or warning', () => {
      const found = service.diagnose(file, page.good) ?? [];
      assert.deepEqual(
        found
          .filter(
            (each) =>
              each.rule === rule.id || each.severity === 'error' || each.severity === 'warning',
          )
          .map((each) => each.rule),
        [],
      );
    });
    it('has a fix of the promised kind, after which it is gone', () => {
      const found = (service.diagnose(file, page.bad) ?? []).filter(
        (each) => each.rule === rule.id,
      );
      const fixes = found.flatMap((each) => each.fixes);
      if (rule.fix === 'none') assert.deepEqual(fixes, []);
      else
        assert.ok(
          fixes.some((fix) => fix.automatic === (rule.fix === 'automatic')),
          'no such fix',
        );
      for (const fix of fixes) {
        const fixed = applyEdits(page.bad, fix.edits);
        fixedSources.push(fixed);
        assert.notEqual(fixed, page.bad);
        const left = rulesIn(fixed).filter((each) => each === rule.id).length;
        assert.ok(left < found.length, `still there after "${fix.title}":\n${fixed}`);
      }
      if (rule.fix === 'automatic') {
        const all = service.fixAll(file, page.bad);
        fixedSources.push(all);
        assert.ok(!rulesIn(all).includes(rule.id), `still there after fixing all:\n${all}`);
      }
    });
  });
}

it('has no page without a rule', () => {
  const pages = readdirSync(new URL('../../docs/rules', import.meta.url)).map((file) =>
    file.replace(/\.md$/, ''),
  );
  const known = new Set([
    ...PYTHON_RULES.map((rule) => rule.id),
    ...JAVASCRIPT_RULES.map((rule) => rule.id),
    ...Object.keys(RULES),
  ]);
  assert.deepEqual(
    pages.filter((page) => !known.has(page)),
    [],
  );
});

it('has a page for every rule that judges a run', () => {
  for (const rule of Object.keys(RULES))
    assert.match(
      readFileSync(new URL(`../../docs/rules/${rule}.md`, import.meta.url), 'utf8'),
      new RegExp(`^# ${rule}\\n`),
    );
});

it('gives scripts that Node itself can parse', () => {
  for (const rule of JAVASCRIPT_RULES) scripts.push(readPage(rule.id).bad, readPage(rule.id).good);
  for (const script of scripts) {
    const result = spawnSync(process.execPath, ['--input-type=module', '--check', '-'], {
      input: script,
      encoding: 'utf8',
    });
    assert.equal(result.status, 0, `${result.stderr}\n${script}`);
  }
  assert.ok(scripts.length > 2 * JAVASCRIPT_RULES.length);
});

it('gives sources that Python itself can compile', { skip: !hasPython() }, () => {
  for (const rule of PYTHON_RULES) sources.push(readPage(rule.id).good);
  const code =
    'import json, sys, warnings\nwarnings.simplefilter("ignore")\nfor s in json.load(sys.stdin): compile(s, "fixed", "exec")';
  const result = spawnSync('python3', ['-c', code], {
    input: JSON.stringify(sources),
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stderr);
  assert.ok(sources.length > PYTHON_RULES.length);
});

function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0;
}

describe('the list of lints', () => {
  it('has a line for each rule, with its severity and fix', () => {
    const fixes = { automatic: 'yes', suggestion: 'to choose', none: '' };
    const listed = readFileSync(new URL('../../docs/lints.md', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => /^\| \d/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, 5)
          .map((cell) => cell.trim()),
      );
    assert.deepEqual(
      listed,
      [...PYTHON_RULES, ...JAVASCRIPT_RULES]
        .sort((one, other) => one.number - other.number)
        .map(({ number, id, severity, fix }) => [
          `${number}`,
          `[${id}](rules/${id}.md)`,
          severity,
          fixes[fix],
        ]),
    );
  });
});
