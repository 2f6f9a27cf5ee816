/** A window that is gone without a word, as after a crash: another one finds the program, shows it and can stop it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  workbench = await WorkbenchPage.open();
});
after(() => workbench?.close());

test('a window that is gone is replaced by one that knows the run', {
  timeout: 300_000,
}, async () => {
  await workbench.openFile('two_locks_deadlock.py');
  await workbench.clickProfile();
  await workbench.says(/wait for each other/i);
  await workbench.replaceWindow();
  // Which editors were open died with the window; any Python file wakes the extension up.
  await workbench.openFile('two_locks_deadlock.py');
  await workbench.command('Interleave: Show Panel');
  await workbench.says(/wait for each other/i);
  await workbench.screenshot('window-replaced');
  await workbench.command('Interleave: Stop');
  await workbench.says(/was (stopped|ended)/i);
  await workbench.retry(async () => assert.deepEqual(workbench.liveFolders(), []));
  assert.equal(
    await workbench.page.locator('.notification-toast', { hasText: /could not|error/i }).count(),
    0,
  );
});
