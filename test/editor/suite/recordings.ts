import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
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
