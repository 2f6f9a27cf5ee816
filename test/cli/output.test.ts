/** Reports for code hosts, and files that cannot be written: said before the program runs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathIn, reportSarif } from '../../cli/sarif.ts';
import { wrap } from '../../cli/wrap.ts';
import type { Report } from '../../wire/report.ts';
import { interleave, program } from './cli.ts';

const LOST = `
import asyncio
async def broken():
    raise ValueError("a [link](http://x) | <b>")
async def main():
    asyncio.ensure_future(broken())
    await asyncio.sleep(0.1)
    print("ran", end="")
asyncio.run(main())
`;

interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly startLine: number };
  };
}

interface Sarif {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly SarifLocation[];
        readonly relatedLocations?: readonly SarifLocation[];
      }[];
    },
  ];
}

test('a run as SARIF on the last line, as Markdown in a file, and both again from the recording', async (t) => {
  const file = program(t, LOST);
  const cwd = dirname(file);
  const ran = await interleave(
    [
      ...['run', '--format', 'sarif', '--report', 'report.md', '--output', 'a.interleave'],
      basename(file),
    ],
    { cwd },
  );
  assert.equal(ran.status, 0, ran.stderr);
  const lines = ran.stdout.trimEnd().split('\n');
  assert.equal(lines[0], 'ran');
  const [run] = (JSON.parse(lines[1] ?? '') as Sarif).runs;
  assert.deepEqual(
    run.tool.driver.rules.map((one) => one.id),
    ['task-exception-lost'],
  );
  const [result] = run.results;
  assert.equal(result?.level, 'warning');
  assert.match(result.message.text, /ValueError/);
  const place = result.locations[0]?.physicalLocation;
  assert.equal(place?.artifactLocation.uri, 'program.py');
  assert.equal(place.region.startLine, 4);
  const markdown = readFileSync(join(cwd, 'report.md'), 'utf8');
  assert.match(markdown, /^# Concurrency report\n\n\*\*1 warning\*\*\n/);
  assert.match(markdown, /\*\*warning `task-exception-lost`\*\*/);
  assert.match(markdown, / {2}- `program\.py:4` /);
  assert.doesNotMatch(markdown, /[^\\]\[link\]|<b>/);
  const again = (format: string) =>
    interleave(['report', 'a.interleave', '--format', format], { cwd });
  assert.equal((await again('sarif')).stdout.trimEnd(), lines[1]);
  assert.equal((await again('markdown')).stdout, markdown);
});

test('paths in SARIF: below the folder relative, elsewhere a URI, and what is no file stays one', () => {
  assert.equal(pathIn('/app/src/a b.py', '/app'), 'src/a b.py');
  assert.equal(pathIn('/lib/queue.py', '/app'), undefined);
  const at = (file: string, line: number) => ({ file, line, label: 'here' });
  const finding = {
    ...{ id: 'x', rule: 'hang', severity: 'error', title: 'Hang', detail: 'Why.' },
    ...{ evidence: {}, spans: [], lostNs: 0 },
    locations: [at('/lib/queue.py', 9), at('<frozen os>', 0), at('/app/a b.py', 3)],
  };
  const report = { findings: [finding] } as unknown as Report;
  const { runs } = reportSarif(report, '/app') as Sarif;
  const [result] = runs[0].results;
  const uris = [...(result?.locations ?? []), ...(result?.relatedLocations ?? [])].map((one) => [
    one.physicalLocation.artifactLocation.uri,
    one.physicalLocation.region.startLine,
  ]);
  assert.deepEqual(uris, [
    ['a%20b.py', 3],
    ['file:///lib/queue.py', 9],
    ['%3Cfrozen%20os%3E', 1],
  ]);
});

test('a report or recording that cannot be written is refused before the program runs', async (t) => {
  const file = program(t, 'print("ran")\n');
  const folder = dirname(file);
  mkdirSync(join(folder, 'folder'));
  const wrong = [join(file, 'inside.txt'), join(folder, 'folder'), join(folder, 'none', 'x.txt')];
  // Nobody may write there, root neither.
  if (existsSync('/proc/version')) wrong.push('/proc/report.json');
  for (const path of wrong)
    for (const option of ['--report', '--output']) {
      const { status, stdout, stderr } = await interleave(['run', option, path, file]);
      assert.equal(status, 2, `${option} ${path}`);
      assert.equal(stdout, '');
      assert.match(stderr, /cannot be written|is a folder|does not exist/);
    }
});

test('to look whether a file can be written leaves no trace', async (t) => {
  const file = program(t, 'raise SystemExit(5)\n');
  const folder = dirname(file);
  const kept = join(folder, 'kept.txt');
  writeFileSync(kept, 'before');
  const options = ['--report', kept, '--output', join(folder, 'new.interleave')];
  const { status } = await interleave(['run', ...options, '--format', 'yaml', file]);
  assert.equal(status, 2);
  assert.equal(readFileSync(kept, 'utf8'), 'before');
  assert.equal(existsSync(join(folder, 'new.interleave')), false);
});

test('a number and its unit stay on one line', () =>
  assert.deepEqual(wrap('nothing has moved for 3.8 s, and 12 % of', 25).split('\n'), [
    'nothing has moved for',
    '3.8 s, and 12 % of',
  ]));
