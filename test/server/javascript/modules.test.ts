// What a file imports from other modules of the workspace is what it is declared to be there.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LineIndex } from '../../../server/lines.ts';
import { nodeWorkspace } from '../../../server/nodeWorkspace.ts';
import { createLanguageService, type LanguageService } from '../../../server/service.ts';
import { memoryWorkspace, scriptCandidates } from '../../../server/workspace.ts';
import { serviceOver } from '../support.ts';

/** `line rule`, for each lint of a file. */
function lints(service: LanguageService, path: string, text: string): string[] {
  const lines = new LineIndex(text);
  return (service.diagnose(path, text) ?? []).map(
    (each) => `${lines.lineAt(each.start) + 1} ${each.rule}`,
  );
}

/** The lints of `main.ts` among other files; marked lines must have `floating-promise`, or the rule that they name. */
async function check(files: Readonly<Record<string, string>>, path = 'src/main.ts'): Promise<void> {
  const service = await serviceOver(files);
  await service.prepare(path);
  const text = files[path]!;
  const marked = text.split('\n').flatMap((line, index) => {
    const mark = /\/\/ lint(?:: ([\w-]+))?$/.exec(line);
    return mark === null ? [] : [`${index + 1} ${mark[1] ?? 'floating-promise'}`];
  });
  assert.deepEqual(lints(service, path, text), marked);
}

const DB = `export async function save() {}
export const load = async () => 1;
export function plain() {}
export const ready = save();
export default async function () {}
export class Store { async open() {} static async make() { return new Store(); } close(): void {} }
export interface Api { get(url: string): Promise<string>; ping(): void }
export type Listener = () => void;
export function on(listener: Listener) {}
export function over(kind: 'now'): Promise<void>;
export function over(kind: 'later'): void;
export interface Held<T> { one: T; two: string }
export namespace Types { export type Later = () => Promise<void> }
export function over(kind: string): unknown { return kind; }
`;

describe('an import from a module of the workspace', () => {
  it('is what that module exports', () =>
    check({
      'src/db.ts': DB,
      'src/main.ts': `import reset, { type Api, load as fetchAll, on, over, plain, ready, save, Store } from './db';
save(); // lint
fetchAll(); // lint
plain();
ready; // lint
reset(); // lint
new Store().open(); // lint
new Store().close();
Store.make(); // lint
Store.make().then((store) => store.open(), console.error);
declare const api: Api;
api.get('x'); // lint
api.ping();
on(save); // lint: async-callback-ignored
on(plain);
over('now'); // lint
over('later');
class Own extends Store {
  async go() {
    this.open(); // lint
    await super.open();
  }
  async close() {} // lint: async-callback-ignored
}
void new Own().go();
`,
    }));

  it('may be of the whole module', () =>
    check({
      'src/db.ts': DB,
      'src/main.ts': `import * as db from './db.js';
db.save(); // lint
db.plain();
new db.Store().open(); // lint
const later = (api: db.Api) => {
  api.get('x'); // lint
};
const { save } = db;
save(); // lint
const own = await import('./db');
own.save(); // lint
(await import('./db')).save(); // lint
import('./db').then((loaded) => loaded.plain(), console.error);
import('./db').then(console.log); // lint
void import('./db').then((loaded) => {
  loaded.save(); // lint
  loaded.plain();
});
export { later };
`,
    }));

  it('may have come through others', () =>
    check({
      'src/db.ts': DB,
      'src/index.ts':
        "export * from './db';\nexport { default as reset, save as store } from './db';\nexport * as all from './db';\n",
      'src/again.ts':
        "import { save } from '.';\nimport type { Api } from './index';\nexport { save, type Api };\n",
      'src/main.ts': `import { all, load, plain, reset, store } from './index';
import { type Api, save } from './again';
import type { Types } from './db';
load(); // lint
plain();
reset(); // lint
store(); // lint
all.save(); // lint
save(); // lint
export const f = (api: Api, other: all.Api, later: Types.Later, held: all.Held<Promise<void>>) => {
  api.get('x'); // lint
  other.get('x'); // lint
  held.one; // lint
  held.two;
  later(); // lint
};
`,
    }));

  it('is found without a word of promises in the file itself', () =>
    check({
      'src/db.ts': DB,
      'src/index.ts': "export { save } from './db';\n",
      'src/main.ts': "import { save } from './index';\nsave(); // lint\n",
    }));

  it('is found in JavaScript, with its JSDoc and its required modules', () =>
    check(
      {
        'src/db.js': `/** @returns {Promise<void>} */
exports.save = () => store.save();
exports.load = async () => {};
exports.plain = () => 1;
`,
        'src/compiled.js':
          'exports.tell = exports.go = void 0;\nexports.tell = (error) => {};\nexports.go = async () => {};\n',
        'src/one.js': 'module.exports = async () => {};\n',
        'src/all.js': 'async function go() {}\nmodule.exports = { go, stop() {} };\n',
        'src/main.js': `const db = require('./db');
const { load, plain } = require('./db');
const all = require('./all');
import other from './all';
db.save(); // lint
load(); // lint
plain();
all.go(); // lint
all.stop();
other.go(); // lint
require('./all').go(); // lint
require('./one')(); // lint
const one = require('./one');
one(); // lint
const compiled = require('./compiled');
compiled.go().catch(compiled.tell);
compiled.go(); // lint
`,
      },
      'src/main.js',
    ));

  it('says what the attributes of a component take', () =>
    check(
      {
        'src/Button.tsx':
          'export interface Props { onPress: () => void; load: () => Promise<void> }\nexport function Button(props: Props) { return <b />; }\n',
        'src/main.tsx': `import { Button } from './Button';
export const a = <Button onPress={async () => {}} load={async () => {}} />; // lint: async-callback-ignored
`,
      },
      'src/main.tsx',
    ));

  it('may go in a circle, or lead nowhere', () =>
    check({
      'src/a.ts':
        "import { b } from './b';\nexport { b as a };\nexport * from './b';\nexport const x = () => y();\n",
      'src/b.ts':
        "import { a } from './a';\nexport { a as b };\nexport * from './a';\nexport { missing } from './gone';\n",
      'src/main.ts': `import { a, missing, x } from './a';
import { b } from './b';
import { z } from 'library';
a();
b();
x();
missing();
z();
async function f() {}
f(); // lint
`,
    }));

  it('is read anew when it changed', async () => {
    const files: Record<string, string> = { 'a.ts': 'export function go() {}\n' };
    const service = await createLanguageService(memoryWorkspace(files));
    await service.prepare('main.ts');
    const text = "import { go } from './a';\ngo();\nasync function f() {}\n";
    assert.deepEqual(lints(service, 'main.ts', text), []);
    files['a.ts'] = 'export async function go() {}\n';
    service.changed('a.ts');
    assert.deepEqual(lints(service, 'main.ts', text), ['2 floating-promise']);
    files['a.ts'] = 'export function go() {}\n';
    service.diagnose('a.ts', files['a.ts']);
    assert.deepEqual(lints(service, 'main.ts', text), []);
  });

  it('is looked at like any other file when its own turn comes', async () => {
    const broken = `export async function save() {}\nsave();\nfunction f() {\n  save();\n  const a = (;\n}\n`;
    const files = { 'a.ts': broken, 'main.ts': "import { save } from './a';\nsave();\n" };
    const fresh = await serviceOver(files);
    await fresh.prepare('a.ts');
    const expected = lints(fresh, 'a.ts', broken);
    const service = await serviceOver(files);
    await service.prepare('a.ts');
    assert.deepEqual(lints(service, 'main.ts', files['main.ts']), ['2 floating-promise']);
    assert.deepEqual(lints(service, 'a.ts', broken), expected);
    const typed = broken.replace('(;', '(1);');
    assert.deepEqual(lints(service, 'a.ts', typed), ['2 floating-promise', '4 floating-promise']);
  });

  it('is not half known after a look that was cancelled', async () => {
    const service = await serviceOver({ 'a.ts': DB });
    await service.prepare('main.ts');
    const text = "import { save } from './a';\nsave();\n";
    let asked = 0;
    for (let most = 0; most < 30; most++) {
      asked = 0;
      service.diagnose('main.ts', text, () => ++asked > most);
      assert.deepEqual(lints(service, 'main.ts', text), ['2 floating-promise']);
    }
  });

  it('is found on disk', async () => {
    const root = mkdtempSync(join(tmpdir(), 'interleave-modules-'));
    try {
      mkdirSync(join(root, 'src', 'db'), { recursive: true });
      writeFileSync(join(root, 'src', 'db', 'index.ts'), DB);
      const service = await createLanguageService(nodeWorkspace([root]));
      const path = `${root}/src/main.ts`;
      await service.prepare(path);
      const text = "import { save } from './db';\nimport { load } from '@/db';\nsave();\nload();\n";
      assert.deepEqual(lints(service, path, text), ['3 floating-promise', '4 floating-promise']);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('the files that a specifier may mean', () => {
  it('are tried as bundlers try them', () => {
    const first = (specifier: string) => scriptCandidates(specifier, 'a/b/c.ts', ['r'])[0];
    assert.equal(first('./d'), 'a/b/d.ts');
    assert.equal(first('../d.js'), 'a/d.ts');
    assert.equal(first('./d.tsx'), 'a/b/d.tsx');
    assert.equal(first('@/d'), 'r/src/d.ts');
    assert.ok(scriptCandidates('.', 'a/b/c.ts', []).includes('a/b/index.ts'));
  });
});
