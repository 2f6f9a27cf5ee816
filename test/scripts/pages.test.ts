/** What the pages say is there: links, files, commands and counts. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../cli/commands.ts';
import { ROOT } from '../../scripts/project.ts';
import { JAVASCRIPT_RULES } from '../../server/javascript/rules.ts';
import { PYTHON_RULES } from '../../server/rules.ts';
import { RULES } from '../../wire/rules.ts';

const PAGES = globSync(['*.md', '{docs,probe,samples,wire}/**/*.md'], { cwd: ROOT });
/** Every room, also where only a part of a path is named. */
const FILES = globSync(
  '{*,{base,wire,probe,record,engine,server,cli,extension,webview,samples,test,scripts}/**/*}',
  { cwd: ROOT },
);
const NAMES = new Set(FILES.map((file) => file.split(/[\\/]/).at(-1)));
const ROOMS =
  /^(?:base|wire|probe|record|engine|server|cli|extension|webview|samples|test|scripts|docs)\//;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

for (const page of PAGES) {
  describe(page, () => {
    const text = read(page);
    const isThere = (path: string) =>
      existsSync(join(ROOT, path)) || existsSync(join(ROOT, dirname(page), path));

    test('every link leads somewhere', () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (!/^\w+:/.test(target)) assert.ok(existsSync(join(ROOT, dirname(page), target)), target);
      }
    });

    test('every file that it names is there', () => {
      const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
      for (const [, name = ''] of prose.matchAll(/`([\w./-]+)`/g)) {
        // `yourRule.ts` and `TOPIC/` are to be made.
        if (/\byour|[A-Z]{4}\//.test(name)) continue;
        const isFile = /\w\.(?:[cm]?[jt]s|py|[ch]|md)$/.test(name);
        if (isFile && !name.includes('/')) assert.ok(NAMES.has(name), name);
        else if (ROOMS.test(name)) assert.ok(isThere(name), name);
      }
    });
  });
}

test('every file of the native core is in its table', () => {
  const page = read('probe/native/README.md');
  for (const file of globSync('probe/native/**/*.{c,h}', { cwd: ROOT }))
    assert.ok(page.includes(`\`${file.split(/[\\/]/).at(-1)}\``), file);
});

test('the pages count the lints right', () => {
  const [python, javascript] = [PYTHON_RULES.length, JAVASCRIPT_RULES.length];
  const mended = [...PYTHON_RULES, ...JAVASCRIPT_RULES].filter((rule) => rule.fix !== 'none');
  const one = (text: string) => text.replaceAll(/\s+/g, ' ');
  assert.match(
    one(read('docs/lints.md')),
    new RegExp(`${python} rules for Python, ${javascript} for`),
  );
  assert.match(
    one(read('README.md')),
    new RegExp(
      `report \\[${python + javascript} kinds of mistakes\\].* ${python} in Python, ${javascript} in JavaScript and TypeScript, ${mended.length} of them with a fix`,
    ),
  );
});

test('the README has every rule, with its severity', () => {
  const rows = new Map(
    [...read('README.md').matchAll(/^\| `([a-z-]+)`\s*\| (\w+)\s*\|/gm)].map(
      ([, rule, severity]) => [rule, severity],
    ),
  );
  // Opt-in, and not there yet.
  const { 'data-race': _, ...told } = RULES;
  assert.deepEqual(Object.fromEntries(rows), told);
});

test('the commands that the pages show exist', () => {
  const pages = `${read('README.md')}${read('CONTRIBUTING.md')}${read('CHANGELOG.md')}`;
  for (const [, name = ''] of pages.matchAll(/^\s*interleave (\w+)/gm)) {
    assert.ok(Object.hasOwn(COMMANDS, name) || name === 'help', name);
  }
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [, name = ''] of pages.matchAll(/npm run (\w+)/g)) assert.ok(name in scripts, name);
});

test('the commands and settings of the editor that the pages name are contributed', () => {
  const { contributes } = JSON.parse(read('package.json')) as {
    contributes: {
      commands: readonly { readonly command: string; readonly title: string }[];
      configuration: { readonly properties: Record<string, unknown> };
    };
  };
  const { commands, configuration } = contributes;
  const known = new Set([
    ...commands.map(({ command }) => command),
    ...Object.keys(configuration.properties),
  ]);
  for (const page of PAGES) {
    const text = read(page);
    for (const [, name = ''] of text.matchAll(/(?:`|command:)(interleave\.\w[\w.]*)/g))
      assert.ok(known.has(name), `${page}: ${name}`);
    for (const [, title = ''] of text.matchAll(/Interleave: ([A-Z]\w+)/g))
      assert.ok(
        commands.some((one) => one.title.startsWith(title)),
        `${page}: ${title}`,
      );
  }
});
