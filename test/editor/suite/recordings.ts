import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { editorPath, isInPlace } from '../../../extension/editorPath.ts';
import type { Run } from '../../../extension/run.ts';
import { extensionApi, openProgram, QUICK, until, untilEnded } from './workbench.ts';

suite('recordings', () => {
  test('a saved recording opens again as the same report', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('again.py', QUICK);
    await vscode.commands.executeCommand('interleave.profileFile', document.uri);
    const run = runs.selected;
    assert.ok(run);
    await untilEnded(run);
    const copy = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'copy.interleave');
    await vscode.workspace.fs.copy(vscode.Uri.file(run.origin.file), vscode.Uri.file(copy), {
      overwrite: true,
    });
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(copy));
    const opened = await until('the file is read', () =>
      runs.all.find(({ origin, state }) => origin.file === copy && state === 'finished'),
    );
    assert.deepEqual(opened.report, run.report);
  });

  test('a recording that is written anew is read anew', async () => {
    const { runs } = await extensionApi();
    const profile = async (name: string, text: string): Promise<Run> => {
      const document = await openProgram(name, text);
      const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
      return untilEnded(run);
    };
    const one = await profile('once.py', QUICK);
    const two = await profile('twice.py', `${QUICK}    raise SystemExit(3)\n`);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const file = join(folder, 'again.interleave');
    copyFileSync(one.origin.file, file);
    const opened = runs.open(file);
    await until('it is read', () => opened.report?.exit.code === 0);
    copyFileSync(two.origin.file, file);
    await until('it is read anew', () => opened.report?.exit.code === 3);
    assert.deepEqual(opened.report, two.report);
  });

  test('what another machine recorded leads to the copy in the workspace', async () => {
    await extensionApi();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    mkdirSync(join(folder, 'app'), { recursive: true });
    writeFileSync(join(folder, 'app', 'main.py'), QUICK);
    assert.equal(editorPath('/home/ci/build/app/main.py'), join(folder, 'app', 'main.py'));
    assert.equal(editorPath('C:\\build\\app\\main.py'), join(folder, 'app', 'main.py'));
    assert.equal(isInPlace('/home/ci/build/app/main.py'), false);
    assert.equal(editorPath('/home/ci/build/app/other.py'), '/home/ci/build/app/other.py');
    // Nobody looks for what lies on a server that a recording names.
    assert.notEqual(editorPath('//server/share/app/main.py'), join(folder, 'app', 'main.py'));
  });

  test('a broken recording fails with a sentence', async () => {
    const { runs } = await extensionApi();
    const broken = join(
      vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '',
      'broken.interleave',
    );
    writeFileSync(broken, 'this is no zip at all');
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(broken));
    const run = await until('it is refused', () =>
      runs.all.find(({ origin, state }) => origin.file === broken && state === 'failed'),
    );
    assert.match(run.trouble, /\w+ .*\.$/);
  });
});
