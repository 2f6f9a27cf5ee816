/** What the command line understands, and how it says what it does not. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { failOn, isNear, splitProgram } from '../../cli/arguments.ts';
import { RUN_OPTIONS } from '../../cli/run.ts';
import { interleave, program } from './cli.ts';

const words = (text: string): string[] => text.split(' ');

test('ours ends where the program begins', () => {
  const cases: readonly (readonly [line: string, ours: string, program: string])[] = [
    ['a.py', '', 'a.py'],
    ['--timeout 3 a.py --timeout 4', '--timeout 3', 'a.py --timeout 4'],
    ['--timeout=3 a.py', '--timeout=3', 'a.py'],
    ['-o x -q a.py -q', '-o x -q', 'a.py -q'],
    ['--quiet -- a b -- c', '--quiet', 'a b -- c'],
  ];
  for (const [line, ours, rest] of cases) {
    const split = splitProgram(words(line), RUN_OPTIONS);
    assert.equal(split.ours.join(' '), ours);
    assert.equal(split.program.join(' '), rest);
    assert.equal(split.isCommand, line.includes('--quiet -- '));
  }
});

test('--fail-on takes rules, and severities with what is worse', () => {
  assert.equal(failOn(undefined)('deadlock', 'error'), false);
  assert.equal(failOn('warning')('deadlock', 'error'), true);
  assert.equal(failOn('warning')('loop-blocked', 'warning'), true);
  assert.equal(failOn('warning')('pool-idle', 'info'), false);
  assert.equal(failOn('pool-idle,hang')('pool-idle', 'info'), true);
  assert.equal(failOn('pool-idle')('deadlock', 'error'), false);
});

test('a slip of the finger is recognised', () => {
  for (const typed of ['timeuot', 'timeot', 'timeoutt', 'timeiut', 'time']) {
    assert.ok(isNear(typed, 'timeout'), typed);
  }
  for (const typed of ['ti', 'output', 'emit', 'tmieuot'])
    assert.ok(!isNear(typed, 'timeout'), typed);
});

const WRONG: readonly (readonly [args: string, said: RegExp])[] = [
  ['rum x.py', /no command rum\. Did you mean run\?/],
  ['server.py', /To profile it: interleave run server\.py/],
  ['run', /What is to be profiled/],
  ['run --', /After -- comes the command/],
  ['run --tiemout 3 x.py', /no option --tiemout\. Did you mean --timeout\?/],
  ['run --timeout abc x.py', /--timeout is a number of seconds above 0, not "abc"/],
  ['run --timeout -1 x.py', /--timeout/],
  ['run --format xml x.py', /--format is text or json or sarif or markdown or html, not "xml"/],
  ['run --fail-on deadlok x.py', /"deadlok"\. Did you mean deadlock\?/],
  ['run --fail-on , x.py', /names no rule/],
  ['run nowhere.py', /no file nowhere\.py/],
  ['run --output /no/such/folder/x nowhere.py', /folder \/no\/such\/folder does not exist/],
  ['run server.ts', /no file server\.ts/],
  ['server.mjs', /To profile it: interleave run server\.mjs/],
  ['run -- no-such-command-here', /no command no-such-command-here/],
  ['report', /Which recording\?/],
  ['report a b', /One recording at a time/],
  ['report nowhere.interleave', /There is no recording nowhere\.interleave/],
  ['samples copy', /Copy the samples where\?/],
  ['samples lst', /there is list and copy/],
];

for (const [args, said] of WRONG) {
  test(`interleave ${args}`, async () => {
    const { status, stdout, stderr } = await interleave(words(args));
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /\bat .*\.ts:\d+/, 'no stack of ours');
  });
}

test('help names only what works, for every command and for run --help', async () => {
  const overview = await interleave(['help']);
  assert.equal(overview.status, 0);
  for (const [, name = ''] of overview.stdout.matchAll(/^ {2}interleave (\w+)/gm)) {
    const page = await interleave(['help', name]);
    assert.equal(page.status, 0);
    assert.ok(page.stdout.includes(`interleave ${name}`));
    const long = page.stdout.split('\n').filter((line) => line.length > 110);
    // Lint's own page is laid out elsewhere.
    if (name !== 'lint') assert.deepEqual(long, []);
  }
  assert.ok(overview.stdout.split('\n').every((line) => line.length <= 110));
  const page = await interleave(['run', '--help']);
  for (const name of Object.keys(RUN_OPTIONS)) assert.ok(page.stdout.includes(`--${name}`), name);
});

test('--help after the program’s name is the program’s', async (t) => {
  const file = program(t, 'import sys\nprint(sys.argv[1:])');
  const { stdout } = await interleave(['run', '--quiet', file, '--help']);
  assert.equal(stdout, "['--help']\n");
});

test('a Python that is missing or too old is told with a way out', async (t) => {
  const file = program(t, 'print(1)');
  const missing = await interleave(['run', '--python', '/no/python', file]);
  assert.equal(missing.status, 2);
  assert.match(
    missing.stderr,
    /\/no\/python is no Python that runs\.\nInstall Python 3\.9 or newer/,
  );
  const old = program(t, '#!/bin/sh\necho /opt/old\necho 3.8.18\n', 'python');
  const tooOld = await interleave(['run', '--python', old, file]);
  assert.equal(tooOld.status, 2);
  assert.match(
    tooOld.stderr,
    /\/opt\/old is Python 3\.8\.18; profiling needs Python 3\.9 or newer/,
  );
  const nothing = await interleave(['run', file], {
    env: { PATH: dirname(file), VIRTUAL_ENV: '' },
  });
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /No Python was found: tried python3, python/);
});

test('a Node that is missing, or too old for the file, is told with a way out', async (t) => {
  const file = program(t, 'console.log(1)', 'program.mjs');
  const missing = await interleave(['run', '--node', '/no/node', file]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /\/no\/node is no Node that runs\.\nInstall Node 18 or newer/);
  const old = program(t, '#!/bin/sh\necho /opt/old\necho 16.20.2\n', 'node');
  const tooOld = await interleave(['run', '--node', old, file]);
  assert.equal(tooOld.status, 2);
  assert.match(tooOld.stderr, /\/opt\/old is Node 16\.20\.2; profiling needs Node 18 or newer/);
  const typed = program(t, 'const one: number = 1', 'typed.ts');
  const twenty = program(t, '#!/bin/sh\necho /opt/node\necho 20.20.2\n', 'node');
  const untyped = await interleave(['run', '--node', twenty, typed]);
  assert.equal(untyped.status, 2);
  assert.match(
    untyped.stderr,
    /typed\.ts is TypeScript, which Node runs from 22\.18 on; \/opt\/node is 20\.20\.2\.\n.*npx tsx/,
  );
});

test('a file that is neither Python nor JavaScript is told with the ways to run it', async (t) => {
  const { status, stderr } = await interleave(['run', program(t, 'puts 1', 'program.rb')]);
  assert.equal(status, 2);
  assert.match(stderr, /program\.rb is no \.py, \.js, \.mjs, \.cjs or \.ts file\.\n.*run -- /);
});
