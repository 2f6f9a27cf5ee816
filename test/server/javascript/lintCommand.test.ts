// `interleave lint` over JavaScript and TypeScript files on disk, among Python ones.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lintCommand } from '../../../cli/lint.ts';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'interleave-lint-js-'));
  writeFileSync(
    join(folder, 'a.py'),
    'import time\n\n\nasync def main(x):\n    time.sleep(1)\n    await x\n',
  );
  writeFileSync(join(folder, 'b.ts'), 'declare const p: Promise<void>;\np;\n');
  writeFileSync(
    join(folder, 'c.mjs'),
    'export async function all(xs, f) {\n  xs.forEach(async (x) => {\n    if (!x) return; // keep me\n    await f(x);\n  });\n}\n',
  );
});

after(() => rmSync(folder, { recursive: true }));

async function lint(...args: string[]): Promise<{ status: number; out: string }> {
  let out = '';
  const take = (text: string) => {
    out += text;
  };
  return { status: await lintCommand(args, { stdout: take, stderr: take }), out };
}

describe('lint', () => {
  it('reads each file by its own language', async () => {
    const { status, out } = await lint(folder);
    assert.equal(status, 1);
    assert.match(out, /a\.py:5:5: warning blocking-sleep/);
    assert.match(out, /b\.ts:2:1: warning floating-promise/);
    assert.match(out, /c\.mjs:2:14: warning async-callback-ignored/);
  });

  it('names the rules in SARIF', async () => {
    const { out } = await lint('--format', 'sarif', join(folder, 'b.ts'));
    const [run] = JSON.parse(out).runs;
    assert.deepEqual(
      run.tool.driver.rules.map((each: { id: string }) => each.id),
      ['floating-promise'],
    );
  });

  it('marks synchronous calls at the top of a module when asked to', async () => {
    const file = join(folder, 'd.mjs');
    writeFileSync(file, 'import fs from "node:fs";\nexport const text = fs.readFileSync("x");\n');
    assert.doesNotMatch((await lint('--severity', 'hint', file)).out, /sync-io-in-async/);
    const { out } = await lint('--severity', 'hint', '--sync-at-top-level', file);
    assert.match(out, /d\.mjs:2:21: hint sync-io-in-async/);
  });

  it('turns forEach into a loop and keeps comments', async () => {
    const file = join(folder, 'c.mjs');
    assert.equal((await lint('--fix', file)).status, 0);
    assert.equal(
      readFileSync(file, 'utf8'),
      'export async function all(xs, f) {\n  for (const x of xs) {\n    if (!x) continue; // keep me\n    await f(x);\n  }\n}\n',
    );
  });
});
