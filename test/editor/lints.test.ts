/** Lints in the real editor: a squiggle, its fix applied by keyboard, and the last run's numbers beside it. */
import { after, before, test } from 'node:test';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  workbench = await WorkbenchPage.open();
});
after(() => workbench?.close());

test('a squiggle is fixed by keyboard', { timeout: 180_000 }, async () => {
  const { page } = workbench;
  workbench.newFile(
    'nap.py',
    'import asyncio\nimport time\n\n\nasync def nap():\n    time.sleep(1)\n    await asyncio.sleep(0)\n',
  );
  await workbench.openFile('nap.py');
  await page.locator('.editor-instance .cdr.squiggly-warning').first().waitFor();
  await workbench.goToLine(6);
  await page.keyboard.press('End');
  await workbench.retry(async () => {
    await page.keyboard.press('Control+.');
    await page
      .locator('.action-widget')
      .getByText(/await asyncio\.sleep/i)
      .first()
      .waitFor({ timeout: 5000 });
  });
  await page.keyboard.press('Enter');
  await page.locator('.view-line', { hasText: /await\sasyncio\.sleep\(1\)/ }).waitFor();
});

test('after a run the lint says what was seen', { timeout: 180_000 }, async () => {
  const { page } = workbench;
  await workbench.openFile('blocking_call.py');
  await workbench.clickProfile();
  await workbench.says(/blocked/i);
  await workbench.openFile('blocking_call.py');
  await workbench.command('Problems: Focus on Problems View');
  const rows = page.locator('.markers-panel .monaco-list-row', { hasText: /blocked/i });
  await rows.first().waitFor();
  await workbench.screenshot('editor-lint-evidence');
});

test('the walkthrough runs its sample', { timeout: 180_000 }, async () => {
  const { page } = workbench;
  await workbench.command('Welcome: Open Walkthrough');
  const row = page.locator('.quick-input-list .monaco-list-row', {
    hasText: 'Find What Keeps a Program Waiting',
  });
  await page.keyboard.type('Find What Keeps');
  await row.first().waitFor();
  await page.keyboard.press('Enter');
  const step = page.locator('.getting-started-step', { hasText: 'Watch a deadlock close' });
  await step.first().click();
  const run = page.locator(
    '.getting-started-step.expanded a, .getting-started-step.expanded button',
    {
      hasText: 'Profile the sample',
    },
  );
  await run.first().waitFor();
  await workbench.screenshot('editor-walkthrough');
  await run.first().click();
  await workbench.says(/wait for each other/i);
  await workbench.command('Interleave: Stop');
});
