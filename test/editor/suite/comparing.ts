import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { compareRuns } from '../../../engine/compare/compare.ts';
import type { Run } from '../../../extension/run.ts';
import { extensionApi, openProgram, until, untilEnded } from './workbench.ts';

/** Moves between two accounts, each way round: stuck until the order is the same for both. */
const TRANSFERS = `import threading
import time


class Account:
    def __init__(self):
        self.lock = threading.Lock()


def transfer(source: Account, target: Account):
    with source.lock:
        time.sleep(0.5)
        with target.lock:
            pass


def main():
    one = Account()
    other = Account()
    threads = [
        threading.Thread(target=transfer, args=(one, other), name="there"),
        threading.Thread(target=transfer, args=(other, one), name="back"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
`;

function tabNamed(label: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find((tab) => tab.label === label);
}

suite('comparing', () => {
  test('finding, quick fix, run again, compare: the deadlock is gone', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('transfers.py', TRANSFERS);
    const before = await vscode.commands.executeCommand<Run>(
      'interleave.profileFile',
      document.uri,
    );
    const finding = await until('the deadlock is found', () =>
      before.findings.find(({ rule }) => rule === 'deadlock'),
    );
    await vscode.commands.executeCommand('interleave.stop', before);
    await untilEnded(before);

    const line = (finding.locations[0]?.line ?? 1) - 1;
    assert.match(document.lineAt(line).text, /with target\.lock/);
    // The server may still be reading the file.
    const fix = await untilAsync('a quick fix is offered', async () => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        document.lineAt(line).range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return actions.find(({ title }) => /Take both in the order of their ids/.test(title));
    });
    assert.ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
    assert.match(document.getText(), /first, second = sorted\(/);

    const after = await vscode.commands.executeCommand<Run>('interleave.runAgain', before, true);
    assert.equal(document.isDirty, false, 'it is saved before it runs');
    await untilEnded(after);
    assert.equal(after.report?.exit.code, 0);
    assert.ok(before.facts && after.facts);
    const comparison = compareRuns(before.facts, after.facts);
    assert.deepEqual(
      comparison.findings.map(({ change, before: was }) => `${change} ${was?.rule}`),
      ['gone deadlock'],
    );
    await vscode.commands.executeCommand('interleave.compareWithPrevious', after);
    await until('the compare view is open', () => tabNamed('Compare: transfers.py'));
    assert.equal(runs.selected, after);
    // The same two once more bring up the view that is there.
    await vscode.commands.executeCommand('interleave.compare', after, [after, before]);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.equal(tabs.filter(({ label }) => label === 'Compare: transfers.py').length, 1);
  });
});

async function untilAsync<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
