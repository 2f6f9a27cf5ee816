import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extensionApi } from './workbench.ts';

suite('commands', () => {
  test('every command of package.json is there, and no other', async () => {
    await extensionApi();
    const extension = vscode.extensions.getExtension('interleave.interleave');
    const contributed: string[] = extension?.packageJSON.contributes.commands.map(
      ({ command }: { command: string }) => command,
    );
    const registered = (await vscode.commands.getCommands(true)).filter((id) =>
      // The editor makes focus and open commands of its own for each view.
      /^interleave\.[a-zA-Z]+$/.test(id),
    );
    assert.deepEqual(registered.sort(), contributed.sort());
  });

  test('the views are there', async () => {
    for (const view of ['runs', 'samples', 'findings']) {
      await vscode.commands.executeCommand(`interleave.${view}.focus`);
    }
  });
});
