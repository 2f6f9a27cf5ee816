/** package.json and the code say the same: settings, commands, menus, pictures, walkthroughs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listSamples } from '../../record/samples.ts';
import { ROOT } from '../../scripts/project.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

interface Step {
  readonly id: string;
  readonly description: string;
  readonly media: Readonly<Record<string, unknown>>;
  readonly completionEvents?: readonly string[];
}
interface About {
  readonly version: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly icon?: string }[];
    readonly menus: Readonly<
      Record<string, readonly { readonly command: string; readonly when?: string }[]>
    >;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
    readonly viewsWelcome: readonly { readonly contents: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly Step[] }[];
  };
}

const about = JSON.parse(read('package.json')) as About;
const { contributes } = about;
const commands = new Set(contributes.commands.map(({ command }) => command));

test('every setting that is read is contributed, and every contributed one is read', () => {
  const own = all(read('extension/config.ts'), /\bread\('(\w+)'/g);
  // The server reads its own part, as a whole and by name.
  const ofLints = [
    ...all(read('server/settings.ts'), /\bgiven\.(\w+)/g),
    ...all(read('server/main.ts'), /as \{ (\w+)\?: unknown \} \| null\)\?\.\1 === true/g),
  ].map((name) => `lint.${name}`);
  const contributed = Object.keys(contributes.configuration.properties);
  assert.deepEqual(
    [...new Set([...own, ...ofLints])].map((name) => `interleave.${name}`).sort(),
    contributed.sort(),
  );
  // Nobody reads a setting past these places.
  for (const file of readdirSync(join(ROOT, 'extension')).filter((name) => name.endsWith('.ts'))) {
    for (const name of all(read(`extension/${file}`), /affectsConfiguration\('([\w.]+)'\)/g)) {
      assert.ok(contributed.includes(name), `${file}: ${name}`);
    }
  }
});

test('every command has its handler, and menus name commands that exist', () => {
  const table = read('extension/commands.ts');
  const handlers = all(
    table.slice(table.indexOf('  return {\n'), table.indexOf('export function registerCommands')),
    /^ {4}(?:async )?(\w+)(?:\(|:|,$)/gm,
  );
  assert.deepEqual(handlers.map((name) => `interleave.${name}`).sort(), [...commands].sort());
  for (const [menu, items] of Object.entries(contributes.menus)) {
    for (const { command } of items) assert.ok(commands.has(command), `${menu}: ${command}`);
  }
  const welcome = contributes.viewsWelcome.map(({ contents }) => contents).join('\n');
  for (const name of all(welcome, /command:(interleave\.\w+)/g))
    assert.ok(commands.has(name), name);
});

test('what a menu needs to show is a kind of item that a view makes', () => {
  const made = new Set(
    ['runsView', 'samplesView', 'findingsView'].flatMap((file) =>
      all(read(`extension/${file}.ts`), /'((?:run|sample|finding)(?:\.\w+)?)'/g),
    ),
  );
  for (const { when = '' } of contributes.menus['view/item/context'] ?? []) {
    for (const value of all(when, /viewItem == ([\w.]+)/g)) assert.ok(made.has(value), value);
    for (const value of all(when, /viewItem =~ \/([^/]+)\//g)) {
      assert.ok(
        [...made].some((item) => new RegExp(value).test(item)),
        value,
      );
    }
  }
});

test('panels that are restored wake the extension up', () => {
  for (const file of ['panels', 'comparePanels']) {
    const [type] = all(read(`extension/${file}.ts`), /^const (?:PANEL|COMPARE) = '([\w.]+)'/gm);
    assert.ok(about.activationEvents.includes(`onWebviewPanel:${type}`), type);
  }
});

test('files of every language that is linted wake the extension up', () => {
  const [list = ''] = all(read('extension/languageClient.ts'), /^const LANGUAGES = \[(.*)\];$/gm);
  const languages = all(list, /'(\w+)'/g);
  assert.ok(languages.length > 1);
  for (const language of languages)
    assert.ok(about.activationEvents.includes(`onLanguage:${language}`), language);
});

test('every step of a walkthrough has its page, and leads to commands and samples that exist', () => {
  const samples = new Set(listSamples(join(ROOT, 'samples')).map(({ id }) => id));
  assert.ok(contributes.walkthroughs.length > 0);
  for (const { id, steps } of contributes.walkthroughs) {
    assert.equal(new Set(steps.map((step) => step.id)).size, steps.length, id);
    for (const { id: step, description, media, completionEvents = [] } of steps) {
      for (const [kind, path] of Object.entries(media)) {
        if (kind !== 'altText') assert.ok(existsSync(join(ROOT, String(path))), `${step}: ${path}`);
      }
      const links = all(description, /\(command:([^)]+)\)/g);
      assert.ok(links.length > 0, `${step} has nothing to do`);
      for (const link of links) {
        const [name = '', query = ''] = link.split('?');
        assert.ok(commands.has(name) || !name.startsWith('interleave.'), `${step}: ${name}`);
        if (query === '') continue;
        const [sample] = JSON.parse(decodeURIComponent(query)) as string[];
        assert.ok(samples.has(sample ?? ''), `${step}: ${sample}`);
      }
      for (const event of completionEvents) {
        const [, command = ''] = /^onCommand:(.*)$/.exec(event) ?? [];
        assert.ok(commands.has(command) || !command.startsWith('interleave.'), `${step}: ${event}`);
      }
    }
  }
});

test('the first walkthrough has a program of every runtime', () => {
  const samples = listSamples(join(ROOT, 'samples'));
  const [first] = contributes.walkthroughs;
  const shown = all(
    decodeURIComponent(first?.steps.map(({ description }) => description).join('\n') ?? ''),
    /profileSample\?\["([^"]+)"\]/g,
  );
  const runtimes = new Set(
    samples.filter(({ id }) => shown.includes(id)).map(({ runtime }) => runtime),
  );
  assert.deepEqual(runtimes, new Set(samples.map(({ runtime }) => runtime)));
});
