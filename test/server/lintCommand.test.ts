// `interleave lint` over real files: its three formats, its fixes and its exit status.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lintCommand } from '../../cli/lint.ts';

const SLEEPY =
  'import asyncio\nimport time\n\n\nasync def main():\n    time.sleep(1)  # keep me\n    await asyncio.sleep(0)\n';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'interleave-lint-'));
  mkdirSync(join(folder, 'site-packages'));
  writeFileSync(join(folder, 'site-packages', 'theirs.py'), SLEEPY);
});

after(() => rmSync(folder, { recursive: true }));

async function lint(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io = {
    stdout(text: string) {
      out += text;
    },
    stderr(text: string) {
      err += text;
    },
  };
  return { status: await lintCommand(args, io), out, err };
}

describe('lint', () => {
  it('writes a line for each mistake and counts them, leaving other people’s code alone', async () => {
    writeFileSync(join(folder, 'sleepy.py'), SLEEPY);
    const { status, out } = await lint(folder);
    assert.equal(status, 1);
    assert.match(out, /sleepy\.py:6:5: warning blocking-sleep: time\.sleep stops/);
    assert.match(out, /\n1 file: 1 warning; --fix mends 1\.\n$/);
  });

  it('writes one JSON object', async () => {
    const { out } = await lint('--format', 'json', folder);
    const report = JSON.parse(out);
    assert.equal(report.version, 1);
    assert.deepEqual(
      report.diagnostics.map((each: { rule: string; line: number; fixable: boolean }) => [
        each.rule,
        each.line,
        each.fixable,
      ]),
      [['blocking-sleep', 6, true]],
    );
  });

  it('writes SARIF with the rules it used', async () => {
    const { out } = await lint('--format=sarif', folder);
    const [run] = JSON.parse(out).runs;
    assert.deepEqual(
      run.tool.driver.rules.map((each: { id: string }) => each.id),
      ['blocking-sleep'],
    );
    assert.equal(run.results[0].locations[0].physicalLocation.region.startLine, 6);
  });

  it('mends what can be mended, keeps comments, and is content afterwards', async () => {
    const file = join(folder, 'sleepy.py');
    const { status, out } = await lint('--fix', file);
    assert.equal(status, 0);
    assert.match(out, /Fixed 1 file\./);
    assert.equal(
      readFileSync(file, 'utf8'),
      SLEEPY.replace('time.sleep(1)', 'await asyncio.sleep(1)'),
    );
  });

  it('shows and fails by severity and rule', async () => {
    writeFileSync(join(folder, 'sleepy.py'), SLEEPY);
    assert.equal((await lint('--ignore', 'blocking-sleep', folder)).status, 0);
    assert.equal((await lint('--select', 'blocking-http', folder)).status, 0);
    assert.equal((await lint('--fail-on', 'error', folder)).status, 0);
    assert.equal((await lint('--severity', 'error', folder)).status, 0);
  });

  it('leaves hints out of the text, unless they are asked for by name, for a failure or by a program', async () => {
    const file = join(folder, 'hint.py');
    writeFileSync(file, 'async def answer():\n    return 42\n');
    assert.doesNotMatch((await lint(file)).out, /needless-async/);
    for (const args of [
      ['--format', 'json'],
      ['--select', 'needless-async'],
      ['--severity', 'hint'],
    ]) {
      const { status, out } = await lint(...args, file);
      assert.match(out, /needless-async/, args.join(' '));
      assert.equal(status, 0);
    }
    const failed = await lint('--fail-on', 'hint', file);
    assert.equal(failed.status, 1);
    assert.match(failed.out, /needless-async/);
    assert.doesNotMatch(
      (await lint('--format', 'json', '--severity', 'info', file)).out,
      /needless-async/,
    );
  });

  it('knows the modules of a package that is named itself, or one file of it', async () => {
    const pack = join(folder, 'shop', 'till');
    mkdirSync(pack, { recursive: true });
    writeFileSync(join(folder, 'shop', '__init__.py'), '');
    writeFileSync(join(pack, '__init__.py'), '');
    writeFileSync(join(pack, 'work.py'), 'async def save():\n    await other()\n');
    const uses = 'from shop.till.work import save\n\n\nasync def main():\n    save()\n';
    writeFileSync(join(pack, 'uses.py'), uses);
    for (const path of [join(folder, 'shop'), pack, join(pack, 'uses.py')])
      assert.match((await lint(path)).out, /uses\.py:5:5: error coroutine-not-awaited/);
    rmSync(join(folder, 'shop'), { recursive: true });
  });

  it('says what is wrong with arguments', async () => {
    for (const args of [
      [],
      ['--format', 'xml', '.'],
      ['--frobnicate', '.'],
      ['--select'],
      ['/no/such/place'],
      ['--severity', 'loud', '.'],
    ]) {
      const { status, err } = await lint(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(err, /\.\n$|…\n$/);
    }
    assert.match((await lint('--help')).out, /--format text\|json\|sarif/);
  });
});
