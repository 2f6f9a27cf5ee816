// What is reported more mildly, or not at all: what was seen to, and what another linter was told to be silent about.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceOver } from '../support.ts';

const service = await serviceOver();
await service.prepare('a.ts');

function told(text: string): readonly string[] {
  return (service.diagnose('a.ts', text) ?? []).map((each) => `${each.rule} ${each.severity}`);
}

describe('a callback whose promise nobody looks at', () => {
  const load = 'declare function load(): Promise<void>;\n';

  it('is a hint where the promise was seen to', () => {
    for (const call of [
      'setInterval(() => load().catch(console.error), 9);',
      'setImmediate(() => load().then(() => {}, console.error));',
      'setImmediate(() => load().catch(console.error).finally(() => {}));',
    ])
      assert.deepEqual(told(load + call), ['async-callback-ignored hint'], call);
  });

  it('is an info where an executor gives a promise that has a handler on its way', () => {
    for (const executor of [
      '(ok, no) => load().then(ok).catch(no)',
      '(ok, no) => { return load().catch(no).then(ok); }',
      '(ok, no) => { if (Date.now()) return load().then(ok, no); return load().catch(no); }',
    ])
      assert.deepEqual(
        told(`${load}export const p = new Promise<void>(${executor});`),
        ['async-callback-ignored info'],
        executor,
      );
    for (const executor of [
      '(ok) => load().then(ok)',
      '(ok, no) => { if (Date.now()) return load(); return load().catch(no); }',
      '(ok) => load().catch().then(ok)',
    ])
      assert.deepEqual(
        told(`${load}export const p = new Promise<void>(${executor});`),
        ['async-callback-ignored warning'],
        executor,
      );
  });

  it('is more where it was not', () => {
    assert.deepEqual(told(`${load}setInterval(() => load(), 9);`), ['async-callback-ignored info']);
    for (const call of [
      'setImmediate(() => load());',
      'setImmediate(() => load().catch());',
      'setImmediate(() => load().then(() => {}));',
      'setImmediate(() => load().finally(() => {}));',
    ])
      assert.deepEqual(told(load + call), ['async-callback-ignored warning'], call);
  });
});

describe('a comment for another linter', () => {
  const load = 'declare function load(): Promise<void>;\n';

  it('silences the same mistake on its line', () => {
    for (const lines of [
      '// eslint-disable-next-line @typescript-eslint/no-floating-promises\nload();',
      '// eslint-disable-next-line\nload();',
      '// eslint-disable-next-line no-void, promise/catch-or-return -- it may fail\nload();',
      '/* eslint-disable-next-line\n   promise/catch-or-return */\nload();',
      '/* eslint-disable\n   promise/catch-or-return,\n   no-void\n*/\nload();',
      'load(); // eslint-disable-line @typescript-eslint/no-floating-promises',
      '// oxlint-disable-next-line no-floating-promises\nload();',
      '// biome-ignore lint/nursery/noFloatingPromises: it may fail\nload();',
    ])
      assert.deepEqual(told(load + lines), [], lines);
  });

  it('silences no other line and no other mistake', () => {
    for (const lines of [
      '// eslint-disable-next-line @typescript-eslint/no-misused-promises\nload();',
      '// eslint-disable-next-line @typescript-eslint/no-floating-promises\n\nload();',
      '/* eslint-disable\n   no-void */\nload();',
      '// biome-ignore lint/complexity/noVoid: it may fail\nload();',
      '// eslint-disable @typescript-eslint/no-floating-promises\nload();',
      '/* eslint-disable-next-line no-void -- @typescript-eslint/no-floating-promises */\nload();',
    ])
      assert.deepEqual(told(load + lines), ['floating-promise warning'], lines);
  });

  it('silences what stands between it and its end', () => {
    const off = '/* eslint-disable @typescript-eslint/no-floating-promises */\n';
    const on = '/* eslint-enable @typescript-eslint/no-floating-promises */\n';
    assert.deepEqual(told(`${load}${off}load();\n\nload();`), []);
    assert.deepEqual(told(`${load}${off}load();\n${on}load();`), ['floating-promise warning']);
    assert.deepEqual(told(`${load}load();\n${off}load();`), ['floating-promise warning']);
  });
});

describe('a chain behind a handler', () => {
  const stop = 'declare function stop(): Promise<void>;\n';

  it('is an info where what it waits for was seen to', () => {
    for (const chain of [
      'stop().catch((error) => console.error(error)).then(() => process.exit());',
      'stop().catch((error) => {\n  console.error(error);\n}).then(() => process.exit());',
    ])
      assert.deepEqual(told(stop + chain), ['floating-promise info'], chain);
  });

  it('is a warning where the handler may fail', () => {
    for (const chain of [
      'stop().catch((error) => { throw error; }).then(() => process.exit());',
      'stop().catch(() => stop()).then(() => process.exit());',
      'stop().catch(async () => {}).then(() => process.exit());',
    ])
      assert.deepEqual(told(stop + chain), ['floating-promise warning'], chain);
  });
});

describe('an async function without an await', () => {
  it('is an info where all that it calls stands inside of a try', () => {
    const handler = 'catch (error) {\n    done(error);\n  }\n}\n';
    assert.deepEqual(told(`async function f(done) {\n  try {\n    done();\n  } ${handler}f();`), [
      'floating-promise info',
    ]);
    assert.deepEqual(
      told(`async function f(done) {\n  done();\n  try {\n    done();\n  } ${handler}f();`),
      ['floating-promise warning'],
    );
  });
});

describe('an array of promises', () => {
  it('is an info where its maker hands each of them on as well', () => {
    const load =
      'declare function load(n: number): Promise<void>; const all: Promise<void>[] = [];';
    const makes = (keep: string) =>
      `${load}\n[1].map((n) => { const made = load(n); ${keep} return made; });`;
    assert.deepEqual(told(makes('all.push(made);')), ['floating-promise info']);
    assert.deepEqual(told(makes('all.push(load(n));')), ['floating-promise warning']);
  });
});

describe('a bundle', () => {
  it('is left alone, also one with templates of many lines', () => {
    const call = 'fetch("u");';
    const template = `x = \`${'a line\n'.repeat(40)}\`;\n`;
    assert.deepEqual(told(call + template), ['floating-promise warning']);
    assert.deepEqual(told(call + 'f(1);'.repeat(2000) + template), []);
    assert.deepEqual(told(`${call}f(1);\n`.repeat(40)).length, 40);
  });
});
