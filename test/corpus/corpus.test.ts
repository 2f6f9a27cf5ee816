/** The judge itself: headers and markers are read right, and each kind of wrong report is told apart. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RULES } from '../../wire/rules.ts';
import { type JudgedFinding, judge, loadProgram, loadPrograms } from './corpus.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'interleave-corpus-'));
});
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function finding(rule: string, severity: string, ...places: [string, number][]): JudgedFinding {
  return { rule, severity, locations: places.map(([file, line]) => ({ file, line })) };
}

const STUCK = [
  '# title: stuck',
  '# expect: deadlock|hang long-hold@6',
  '# may: lock-contention',
  '# timeout: 4',
  '# exit: timeout',
  'lock.acquire()',
  'lock.acquire()  # expect: deadlock|hang',
].join('\n');

suite('a header', () => {
  test('gives rules, numbered lines and marked lines', () => {
    const program = loadProgram(write('stuck.py', STUCK));
    assert.equal(program.title, 'stuck');
    assert.equal(program.exit, 'timeout');
    assert.equal(program.timeout, 4);
    assert.deepEqual(
      program.expect.map(({ rule, or, lines }) => [rule, or, lines.map((place) => place.line)]),
      [
        ['deadlock', ['hang'], [7]],
        ['long-hold', [], [6]],
      ],
    );
  });

  test('of a Node program is written in its comments', () => {
    const text = '// expect: loop-blocked\n// exit: 3\nspin(); // expect: loop-blocked\n';
    const program = loadProgram(write('spin.mjs', text));
    assert.equal(program.runtime, 'node');
    assert.equal(program.exit, 3);
    assert.deepEqual(program.expect[0]?.lines, [{ file: join(folder, 'spin.mjs'), line: 3 }]);
  });

  test('takes markers from the files it names', () => {
    write('helper.py', '\n\nrun()  # expect: hang\n');
    const program = loadProgram(write('main.py', '# expect: hang\n# with: helper.py\n'));
    assert.deepEqual(program.expect[0]?.lines, [{ file: join(folder, 'helper.py'), line: 3 }]);
  });

  test('is refused for a rule or a key that does not exist, and for a stray marker', () => {
    assert.throws(() => loadProgram(write('a.py', '# expect: deadlok\n')), /no rule "deadlok"/);
    assert.throws(() => loadProgram(write('b.py', '# expcet: hang\n')), /unknown header key/);
    assert.throws(
      () => loadProgram(write('c.py', '# expect: nothing\nx()  # expect: hang\n')),
      /does not expect/,
    );
  });
});

suite('the judge', () => {
  const exit = { code: null, reason: 'timeout' };
  const hold = finding('long-hold', 'warning', ['stuck.py', 6]);

  test('is content with an alternative rule, an allowed extra and an info', () => {
    const program = loadProgram(write('stuck.py', STUCK));
    const findings = [
      finding('hang', 'error', ['/elsewhere/stuck.py', 7]),
      finding('lock-contention', 'warning'),
      finding('pool-idle', 'info'),
      hold,
    ];
    assert.deepEqual(judge(program, { exit, findings }), {
      missing: [],
      wrongLine: [],
      falseAlarms: [],
      wrongExit: undefined,
    });
  });

  test('tells a miss from a wrong line', () => {
    const program = loadProgram(write('stuck.py', STUCK));
    const verdict = judge(program, { exit, findings: [finding('deadlock', 'error', ['x.py', 7])] });
    assert.deepEqual(verdict.missing, ['long-hold']);
    assert.deepEqual(
      verdict.wrongLine.map(({ rule, place }) => [rule, place.line]),
      [['deadlock', 7]],
    );
  });

  test('knows a false alarm, and an info that is forbidden by name', () => {
    const program = loadProgram(write('calm.py', '# expect: nothing\n# not: warning pool-idle\n'));
    const findings = [
      finding('hang', 'error'),
      finding('pool-idle', 'info'),
      finding('tiny-tasks', 'info'),
    ];
    const verdict = judge(program, { exit: { code: 0, reason: 'exited' }, findings });
    assert.deepEqual(
      verdict.falseAlarms.map((one) => one.rule),
      ['hang', 'pool-idle'],
    );
  });

  test('holds the way it ended against the header', () => {
    const program = loadProgram(write('stuck.py', STUCK));
    const report = { exit: { code: 0, reason: 'exited' }, findings: [] };
    assert.match(judge(program, report).wrongExit ?? '', /expected it to be stuck/);
  });
});

suite('the programs', () => {
  test('all have a header that can be read, and the corpus has its two sides', () => {
    const programs = loadPrograms(join(root, 'test', 'corpus'));
    const correct = programs.filter((one) => one.expect.length === 0);
    assert.ok(programs.length - correct.length >= 150, `${programs.length} programs`);
    assert.ok(correct.length >= 50, `${correct.length} correct programs`);
  });

  test('every rule has a program in which it must be found', () => {
    const folders = [join(root, 'test', 'corpus'), join(root, 'samples')];
    const programs = folders.flatMap((folder) => loadPrograms(folder));
    const found = new Set(programs.flatMap(({ expect }) => expect.map(({ rule }) => rule)));
    // Opt-in, and not there yet.
    const { 'data-race': _, ...rules } = RULES;
    assert.deepEqual(
      Object.keys(rules).filter((rule) => !found.has(rule)),
      [],
    );
  });

  test('samples are all in the README and name their title, seeds and what they show', () => {
    const readme = readFileSync(join(root, 'samples', 'README.md'), 'utf8');
    for (const sample of loadPrograms(join(root, 'samples'))) {
      const name = relative(join(root, 'samples'), sample.file).split(sep).join('/');
      assert.ok(readme.includes(`(${name})`), `samples/README.md has no line for ${name}`);
      assert.ok(readme.includes(sample.title), `samples/README.md tells another title for ${name}`);
      assert.notEqual(sample.shows, '', `${name} says nothing in shows:`);
      assert.notEqual(sample.seeds.length, 0, `${name} has no seeds`);
    }
  });

  test('a cure names a sample that exists', () => {
    const samples = loadPrograms(join(root, 'samples'));
    for (const { cureOf, file, runtime } of samples) {
      if (cureOf === undefined) continue;
      const fault = join(root, 'samples', runtime, cureOf);
      assert.ok(
        samples.some((one) => one.file === fault),
        `${file} cures ${cureOf}, which is not there`,
      );
    }
  });
});
