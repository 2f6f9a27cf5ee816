import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { extensionApi, openProgram, until } from './workbench.ts';

const JOB = `import os, time
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(int(os.environ["WORKERS"])) as pool:
    list(pool.map(time.sleep, [0.02] * 8))
`;

suite('sweeping', () => {
  test('a parameter is swept, and its table is on the screen', async () => {
    const { runs } = await extensionApi();
    const before = runs.all.length;
    const { uri } = await openProgram('job.py', JOB);
    const page = await vscode.commands.executeCommand<vscode.Uri>(
      'interleave.sweep',
      uri,
      'WORKERS=1,4',
    );
    const rows = readFileSync(page.fsPath, 'utf8')
      .split('\n')
      .filter((line) => /^\| [14] \|/.test(line));
    assert.equal(rows.length, 2);
    await until('its page is shown', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .some(({ label }) => label.includes('Sweep of job')),
    );
    assert.equal(runs.all.length, before, 'the runs of a sweep are no runs to look at');
  });
});
