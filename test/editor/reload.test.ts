/** A window that is reloaded in mid-run finds its program again: nothing is lost, and it can still be stopped. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  workbench = await WorkbenchPage.open();
});
after(() => workbench?.close());

test('reloading the window keeps the run', { timeout: 300_000 }, async () => {
  const { page } = workbench;
  await workbench.openFile('two_locks_deadlock.py');
  await workbench.clickProfile();
  await workbench.says(/wait for each other/i);
  await page.reload();
  await page.locator('.monaco-workbench').waitFor();
  await workbench.command('Interleave: Show Panel');
  await workbench.says(/wait for each other/i);
  await workbench.command('Interleave: Stop');
  await workbench.says(/was (stopped|ended)/i);
  await workbench.retry(async () => assert.deepEqual(workbench.liveFolders(), []));
});
