/** In a workspace that is not trusted nothing can be run, and recordings and lints still work. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  workbench = await WorkbenchPage.open({ workspaceTrust: true });
});
after(() => workbench?.close());

test('no lens and no command runs anything; lints are there', { timeout: 240_000 }, async () => {
  const { page } = workbench;
  await page.getByText('Restricted Mode').first().waitFor();
  await workbench.openFile('blocking_call.py');
  // The lint of the file is the sign that the extension is up.
  await page.locator('.editor-instance .cdr.squiggly-warning').first().waitFor();
  assert.equal(await page.locator('.codelens-decoration a', { hasText: '▶ Profile' }).count(), 0);
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget .quick-input-box input').fill('>Interleave: Profile');
  await page.waitForTimeout(1000);
  const rows = page.locator('.quick-input-list .monaco-list-row', {
    hasText: /Profile\s(Current|Sample|Command)/,
  });
  assert.equal(await rows.count(), 0);
  await workbench.screenshot('editor-untrusted');
});
