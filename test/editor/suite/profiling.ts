import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Run } from '../../../extension/run.ts';
import {
  BLOCKED_NODE,
  DEADLOCK,
  extensionApi,
  openProgram,
  QUICK,
  until,
  untilEnded,
} from './workbench.ts';

suite('profiling', () => {
  test('a deadlock is a finding, a problem with its line, and a stopped program leaves nothing', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('deadlock.py', DEADLOCK);
    await vscode.commands.executeCommand('interleave.profileFile', document.uri);
    const run = runs.selected;
    assert.ok(run);
    const finding = await until('a deadlock is found while the program hangs', () =>
      run.findings.find(({ rule }) => rule === 'deadlock'),
    );
    assert.equal(run.state, 'running');
    assert.deepEqual(
      finding.locations
        .map(({ line }) => document.lineAt(line - 1).text.trim())
        .slice(0, 2)
        .sort(),
      ['with first_lock:', 'with second_lock:'],
    );
    const problem = await until('the problem is listed', () =>
      vscode.languages
        .getDiagnostics(document.uri)
        .find(
          ({ source, severity }) =>
            source === 'Interleave' && severity === vscode.DiagnosticSeverity.Error,
        ),
    );
    assert.match(document.lineAt(problem.range.start.line).text, /with (first|second)_lock/);
    await vscode.commands.executeCommand('interleave.stop', run);
    await untilEnded(run);
    assert.equal(run.trouble, '');
    assert.equal(run.report?.exit.reason, 'stopped');
    assert.ok(
      run.report?.findings.some(({ rule }) => rule === 'deadlock'),
      'still there at the end',
    );
    const live = join(dirname(dirname(run.origin.file)), 'live');
    await until('the folder of the live recording is gone', () => readdirSync(live).length === 0);
  });

  test('what a run says goes with its line, and is milder once the line was edited', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('edited.py', DEADLOCK);
    await vscode.commands.executeCommand('interleave.profileFile', document.uri);
    const run = runs.selected;
    assert.ok(run);
    await until('the deadlock is found', () =>
      run.findings.find(({ rule }) => rule === 'deadlock'),
    );
    await vscode.commands.executeCommand('interleave.stop', run);
    await untilEnded(run);
    const problem = (severity: vscode.DiagnosticSeverity): vscode.Diagnostic | undefined =>
      vscode.languages
        .getDiagnostics(document.uri)
        .find(
          (each) =>
            each instanceof vscode.Diagnostic &&
            each.source === 'Interleave' &&
            !('data' in each && each.data === 'lint') &&
            each.severity === severity &&
            /wait for each other/.test(each.message),
        );
    const { Error: severe, Information: mild } = vscode.DiagnosticSeverity;
    const before = await until('the problem is listed', () => problem(severe));
    const text = document.lineAt(before.range.start.line).text;

    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# one\n# two\n'));
    const moved = await until('the problem goes down with its line', () => {
      const now = problem(severe);
      return now?.range.start.line === before.range.start.line + 2 ? now : undefined;
    });
    assert.equal(document.lineAt(moved.range.start.line).text, text);

    await editor.edit((edit) =>
      edit.insert(document.lineAt(moved.range.start.line).range.end, '  # mended'),
    );
    const milder = await until('the problem is of before the change', () => problem(mild));
    assert.match(milder.message, /^Before your changes: /);
    assert.equal(problem(severe), undefined);
  });

  test('what a run says of a file that another program has changed since is of before', async () => {
    await extensionApi();
    const helper = `import time\n\n\ndef work():\n    time.sleep(0.3)\n`;
    const main = await openProgram(
      'uses.py',
      'import asyncio\nimport slow_helper\n\n\nasync def main():\n    slow_helper.work()\n\n\nasyncio.run(main())\n',
    );
    const file = join(dirname(main.uri.fsPath), 'slow_helper.py');
    writeFileSync(file, helper);
    const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', main.uri);
    await untilEnded(run);
    const problem = (): vscode.Diagnostic | undefined =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(file))
        .find(({ message }) => /Event loop blocked/.test(message));
    const before = await until('the problem is listed', problem);
    assert.equal(before.severity, vscode.DiagnosticSeverity.Warning);
    writeFileSync(file, `# somebody else was here\n${helper}`);
    const milder = await until('the problem is of before the change', () => {
      const now = problem();
      return now?.severity === vscode.DiagnosticSeverity.Information ? now : undefined;
    });
    assert.match(milder.message, /^Before your changes: /);
    const settings = vscode.workspace.getConfiguration('interleave');
    await settings.update('problems', false, vscode.ConfigurationTarget.Workspace);
    await until('no problem is listed any more', () => problem() === undefined);
    await settings.update('problems', undefined, vscode.ConfigurationTarget.Workspace);
    await until('it is listed again', problem);
  });

  test('a program that ends is finished by itself, with lenses on its main', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('quick.py', QUICK);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    const lines = lenses
      .filter(({ command }) => command?.title === '▶ Profile')
      .map(({ range }) => range.start.line);
    assert.deepEqual(lines, [3, 9]);
    await vscode.commands.executeCommand('interleave.profileFile', document.uri);
    const run = runs.selected;
    assert.ok(run);
    await untilEnded(run);
    assert.equal(run.report?.exit.code, 0);
    assert.deepEqual(
      run.report?.findings.filter(({ severity }) => severity !== 'info'),
      [],
    );
  });

  test('of a file that only defines tests they are run', async () => {
    await extensionApi();
    const document = await openProgram(
      'test_pair.py',
      'import unittest\n\n\nclass TestPair(unittest.TestCase):\n    def test_it(self):\n        self.fail()\n',
    );
    const file = document.uri;
    const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', file);
    await untilEnded(run);
    assert.equal(run.origin.title, 'test_pair.py');
    assert.equal(run.report?.exit.code, 1, 'the test was run, and failed');
  });

  test('a Node program has a lens, and the line that blocks its loop is a problem', async () => {
    await extensionApi();
    const document = await openProgram('blocked.mjs', BLOCKED_NODE);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    const lens = lenses.find(({ command }) => command?.title === '▶ Profile');
    assert.equal(document.lineAt(lens!.range.start.line).text, 'setTimeout(compute, 300);');
    const { command, arguments: given = [] } = lens!.command!;
    const run = await vscode.commands.executeCommand<Run>(command, ...given);
    await untilEnded(run);
    assert.equal(run.report?.exit.code, 0);
    assert.equal(run.report?.processes[0]?.runtime, 'node');
    const problem = await until('the problem is listed', () =>
      vscode.languages
        .getDiagnostics(document.uri)
        .find(({ message }) => /^Event loop blocked/.test(message)),
    );
    const { line } = problem.range.start;
    assert.ok(line >= 3 && line <= 5, `line ${line + 1} is in compute()`);
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Warning);
  });

  test('one test of node:test is run by its name', async () => {
    await extensionApi();
    const document = await openProgram(
      'ledger.test.mjs',
      "import { test } from 'node:test';\ntest('is left out', () => process.exit(3));\ntest('adds (up)', () => console.log(1));\n",
    );
    const target = { kind: 'test', name: 'adds (up)' };
    const run = await vscode.commands.executeCommand<Run>(
      'interleave.profileFile',
      document.uri,
      target,
    );
    await untilEnded(run);
    assert.equal(run.report?.exit.code, 0);
  });

  test('a stub cannot be run: no lens offers it', async () => {
    await extensionApi();
    const stub = await openProgram('stub.pyi', QUICK);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      stub.uri,
    );
    assert.deepEqual(lenses, []);
    const declares = await openProgram('declares.d.ts', 'declare function main(): void;\n');
    const none = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      declares.uri,
    );
    assert.deepEqual(none, []);
  });

  test('settings of the wrong type are taken as they were meant, and their variables are replaced', async () => {
    await extensionApi();
    const document = await openProgram(
      'given.py',
      'import json, os, sys\njson.dump([sys.argv[1:], os.environ.get("PORT")], open(__file__ + ".json", "w"))\n',
    );
    const folder = dirname(document.uri.fsPath);
    const settings = vscode.workspace.getConfiguration('interleave', document.uri);
    const { Workspace } = vscode.ConfigurationTarget;
    const variable = `$${'{workspaceFolder}'}`;
    await settings.update('arguments', `--in ${variable}/data "two words"`, Workspace);
    await settings.update('environment', { PORT: 8000 }, Workspace);
    const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
    await untilEnded(run);
    await settings.update('arguments', undefined, Workspace);
    await settings.update('environment', undefined, Workspace);
    assert.deepEqual(JSON.parse(readFileSync(`${document.uri.fsPath}.json`, 'utf8')), [
      ['--in', `${folder}/data`, 'two words'],
      '8000',
    ]);
  });

  test('Run Again starts a program as its settings and choices are now', async () => {
    await extensionApi();
    const document = await openProgram(
      'again.py',
      'import json, os, sys\njson.dump([sys.argv[1:], os.environ.get("PORT")], open(__file__ + ".json", "w"))\n',
    );
    const told = (): unknown => JSON.parse(readFileSync(`${document.uri.fsPath}.json`, 'utf8'));
    const settings = vscode.workspace.getConfiguration('interleave', document.uri);
    const { Workspace } = vscode.ConfigurationTarget;
    const before = await vscode.commands.executeCommand<Run>(
      'interleave.profileFile',
      document.uri,
    );
    await untilEnded(before);
    assert.deepEqual(told(), [[], null]);
    await settings.update('arguments', ['--fast'], Workspace);
    await settings.update('environment', { PORT: '8000' }, Workspace);
    const after = await vscode.commands.executeCommand<Run>('interleave.runAgain', before, true);
    await untilEnded(after);
    await settings.update('arguments', undefined, Workspace);
    await settings.update('environment', undefined, Workspace);
    assert.deepEqual(told(), [['--fast'], '8000']);
  });

  test('Run Again runs the same test of a file, and the same command line', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram(
      'again.test.mjs',
      "import { test } from 'node:test';\ntest('is left out', () => process.exit(3));\ntest('adds up', () => console.log(1));\n",
    );
    const target = { kind: 'test', name: 'adds up' };
    const before = await vscode.commands.executeCommand<Run>(
      'interleave.profileFile',
      document.uri,
      target,
    );
    await untilEnded(before);
    const after = await vscode.commands.executeCommand<Run>('interleave.runAgain', before, true);
    await untilEnded(after);
    assert.equal(after.report?.exit.code, 0, 'only the test that was meant has run');
    assert.equal(after.origin.title, before.origin.title);

    const cwd = dirname(document.uri.fsPath);
    const shell = { title: 'exit 7', command: ['/bin/sh', '-c', 'exit 7'], cwd, env: {} };
    const line = await runs.start(shell);
    await untilEnded(line);
    const again = await vscode.commands.executeCommand<Run>('interleave.runAgain', line, true);
    await untilEnded(again);
    assert.equal(again.report?.exit.code, 7);
  });

  test('two programs at once keep apart', async () => {
    await extensionApi();
    const one = await openProgram('one.py', `${QUICK}    import time; time.sleep(1)\n`);
    const two = await openProgram('two.py', DEADLOCK);
    const first = await vscode.commands.executeCommand<Run>('interleave.profileFile', one.uri);
    const second = await vscode.commands.executeCommand<Run>('interleave.profileFile', two.uri);
    assert.notEqual(first, second);
    await until('the second is deadlocked', () =>
      second.findings.find(({ rule }) => rule === 'deadlock'),
    );
    second.stop();
    await Promise.all([untilEnded(first), untilEnded(second)]);
    assert.equal(
      first.report?.findings.some(({ rule }) => rule === 'deadlock'),
      false,
    );
  });

  test('a working directory that is not there is told, and nothing is started', async () => {
    const { runs } = await extensionApi();
    const before = runs.all.length;
    const program = { title: 'x', command: ['true'], cwd: '/no/such/folder', env: {} };
    await assert.rejects(runs.start(program), {
      message: 'x cannot start in /no/such/folder: there is no such folder.',
    });
    assert.equal(runs.all.length, before);
  });

  test('a missing interpreter is told with a way out, and nothing is started', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('never.py', QUICK);
    const settings = vscode.workspace.getConfiguration('interleave');
    await settings.update('pythonPath', '/no/such/python', vscode.ConfigurationTarget.Workspace);
    const before = runs.all.length;
    // The message waits for an answer: the command must not be awaited.
    void vscode.commands.executeCommand('interleave.profileFile', document.uri);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(runs.all.length, before);
    await settings.update('pythonPath', undefined, vscode.ConfigurationTarget.Workspace);
  });
});
