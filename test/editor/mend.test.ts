/**
 * From a deadlock to its cure in the real editor: profile the sample, one click to the line, the quick fix, run again, and the
 * comparison shows it gone. Screenshots of each step are kept in out/screenshots, the last one in every theme.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  workbench = await WorkbenchPage.open({
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
});
after(() => workbench?.close());

/** The webview that shows a comparison, whichever of the open ones it is. */
function compareView(): Promise<Frame> {
  return workbench.retry(async () => {
    for (const frame of workbench.page.frames()) {
      const findings = frame.locator('table.compare-findings');
      if ((await findings.count()) > 0 && (await findings.isVisible())) return frame;
    }
    await workbench.screenshot('mend-no-comparison');
    throw new Error('no comparison is on the screen');
  });
}

test('profile, line, quick fix, run again, compare', { timeout: 300_000 }, async () => {
  const { page } = workbench;
  const name = 'two_locks_deadlock.py';
  await workbench.openFile(name);
  await workbench.clickProfile();
  await workbench.says(/wait for each other/i);
  await workbench.screenshot('mend-1-cycle');

  // One click on the line in the panel.
  await workbench.panel
    .getByRole('button', { name: /^Open two_locks_deadlock\.py:\d+/ })
    .first()
    .click();
  await page.locator('.editor-instance .cdr.squiggly-error').first().waitFor();
  await workbench.command('Interleave: Stop');
  const text = readFileSync(join(workbench.workspace, 'python/deadlocks', name), 'utf8');
  await workbench.openFile(name);
  await workbench.goToLine(text.slice(0, text.indexOf('with target.lock')).split('\n').length);
  await page.keyboard.press('End');
  const fix = page
    .locator('.action-widget')
    .getByText(/Take both in the order of their ids/)
    .first();
  await workbench.retry(async () => {
    await page.keyboard.press('Control+.');
    await fix.waitFor({ timeout: 5000 });
  });
  await workbench.screenshot('mend-2-quick-fix');
  await fix.click();
  await page
    .locator('.view-line', { hasText: /first,\ssecond\s=\ssorted/ })
    .first()
    .waitFor();

  // The lines of the cycle were edited: what was seen there is no error of this text any more.
  await page.locator('.editor-instance .cdr.squiggly-error').first().waitFor({ state: 'detached' });

  await workbench.command('Interleave: Run Again');
  const toast = page
    .locator('.notification-toast', { hasText: /1 finding is gone \(deadlock\)/ })
    .first();
  await toast.waitFor();
  await workbench.screenshot('mend-3-offered');
  await toast.getByRole('button', { name: 'Compare with Previous Run' }).click();
  const view = await compareView();
  const gone = view.locator('tr.change-gone');
  await gone.first().waitFor();
  assert.match((await gone.first().locator('s').textContent()) ?? '', /wait for each other/);
  assert.equal(await view.locator('tr.change-new').count(), 0);
  await workbench.screenshot('mend-4-compare-dark');
  assert.match(
    readFileSync(join(workbench.workspace, 'python/deadlocks', name), 'utf8'),
    /with first, second:/,
    'Run Again saved what the fix changed',
  );
});

for (const [theme, name, kind] of [
  ['Light Modern', 'light', 'vscode-light'],
  ['Dark High Contrast', 'high-contrast', 'vscode-high-contrast'],
] as const) {
  test(`the comparison follows the ${name} theme`, { timeout: 120_000 }, async () => {
    await workbench.chooseTheme(theme);
    const view = await compareView();
    await view.locator(`body.${kind}`).waitFor({ state: 'attached' });
    await workbench.screenshot(`mend-4-compare-${name}`);
  });
}

test('a reloaded window shows the comparison and the run before again', {
  timeout: 180_000,
}, async () => {
  // The workbench writes down every few seconds what is open; what is not written yet is lost with any reload.
  await workbench.page.waitForTimeout(10_000);
  await workbench.page.reload();
  await workbench.page.locator('.monaco-workbench').waitFor();
  const view = await compareView();
  await view.locator('tr.change-gone').first().waitFor();
  await workbench.retry(async () => {
    const stopped = workbench.page
      .frames()
      .map((frame) => frame.getByText('The program was stopped.').count());
    const [most] = (await Promise.all(stopped)).sort((one, other) => other - one);
    assert.ok(most, 'no panel shows the run that was stopped');
  });
  await workbench.retry(async () => assert.deepEqual(workbench.liveFolders(), []));
});
