/** Where ▶ Profile stands in JavaScript and TypeScript, and what is run at the cursor. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeLensTargets, nodeTargetAt } from '../../extension/nodeLensTargets.ts';
import { listSamples } from '../../record/samples.ts';
import { ROOT } from '../../scripts/project.ts';

function lensLines(text: string): readonly string[] {
  const lines = text.split('\n');
  return nodeLensTargets(text).map(({ line }) => lines[line]!.trim());
}

test('main and the line that calls it run the file', () => {
  const text = `import fs from 'node:fs';\n\nasync function main() {\n  await 1;\n}\n\nmain().catch(console.error);\n`;
  assert.deepEqual(lensLines(text), ['async function main() {', 'main().catch(console.error);']);
});

test('a guard makes a program of a module', () => {
  assert.deepEqual(
    lensLines(`exports.add = (a, b) => a + b;\nif (require.main === module) {\n  run();\n}\n`),
    ['if (require.main === module) {'],
  );
  assert.deepEqual(lensLines(`export function serve() {}\nif (import.meta.main) serve();\n`), [
    'if (import.meta.main) serve();',
  ]);
});

test('without either, the first line that sets to work does', () => {
  assert.deepEqual(
    lensLines(
      `'use strict';\nconst { createServer } = require('node:http');\nconst server = createServer();\nserver.listen(8000);\nconsole.log(1);\n`,
    ),
    ['server.listen(8000);'],
  );
  assert.deepEqual(lensLines(`const answer = await fetch('http://x');\n`), [
    `const answer = await fetch('http://x');`,
  ]);
  assert.deepEqual(lensLines(`for (const one of [1, 2]) {\n  console.log(one);\n}\n`), [
    'for (const one of [1, 2]) {',
  ]);
});

test('a module, a page’s script and a file of declarations have none', () => {
  assert.deepEqual(lensLines(`export const one = 1;\nregister(one);\n`), []);
  assert.deepEqual(lensLines(`document.querySelector('a').click();\n`), []);
  assert.deepEqual(lensLines(`interface One {\n  two(): void;\n}\nfunction one() {}\n`), []);
  assert.deepEqual(lensLines(`describe('jest', () => {});\n`), []);
});

test('what stands in comments and templates is no code', () => {
  const text = `/*\nmain();\n*/\nconst page = \`\nstart();\n\`;\n// go();\ngo(page);\n`;
  assert.deepEqual(lensLines(text), ['go(page);']);
});

const TESTS = `import assert from 'node:assert';
import { describe, test } from 'node:test';

test('adds (up)', () => {
  assert.equal(1 + 1, 2);
});

describe('a ledger', () => {
  test("isn't empty", async () => {
    await 1;
  });
  for (const n of [1, 2]) test(\`number \${n}\`, () => {});
});

const helper = 1;
`;

test('tests of node:test can be run one by one; others are for their own runners', () => {
  const named = nodeLensTargets(TESTS).map(({ target }) => target?.name);
  assert.deepEqual(named, ['adds (up)', 'a ledger', "isn't empty"]);
  assert.deepEqual(nodeLensTargets(TESTS.replace('node:test', 'vitest')).length, 0);
});

test('at the cursor: the innermost test, else the file', () => {
  const lines = TESTS.split('\n');
  const at = (text: string): string | undefined => {
    const found = nodeTargetAt(
      TESTS,
      lines.findIndex((line) => line.includes(text)),
    );
    return found.kind === 'target' ? found.target?.name : 'needs arguments';
  };
  assert.equal(at('assert.equal'), 'adds (up)');
  assert.equal(at('await 1'), "isn't empty");
  assert.equal(at('describe('), 'a ledger');
  assert.equal(at('for (const n'), 'a ledger');
  assert.equal(at('const helper'), undefined);
});

test('every Node sample has a lens', () => {
  const samples = listSamples(join(ROOT, 'samples')).filter(({ runtime }) => runtime === 'node');
  assert.ok(samples.length >= 10);
  for (const { file } of samples) {
    assert.notDeepEqual(nodeLensTargets(readFileSync(file, 'utf8')), [], file);
  }
});
