/** In a workspace that is not trusted nothing can be run, and recordings and lints still work. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

test('the walkthrough runs nothing either; once the workspace is trusted the lenses are there', {
  timeout: 240_000,
}, async () => {
  const { page, workspace } = workbench;
  const mark = join(workspace, 'has-run');
  const bin = join(workspace, '.venv', 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['python', 'python3']) {
    workbench.newFile(
      join('.venv', 'bin', name),
      `#!/bin/sh\ntouch '${mark}'\nexec python3 "$@"\n`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  await page.keyboard.press('Escape');
  await workbench.command('Welcome: Open Walkthrough');
  const row = page.locator('.quick-input-list .monaco-list-row', {
    hasText: 'Find What Keeps a Program Waiting',
  });
  await page.keyboard.type('Find What Keeps');
  await row.first().waitFor();
  await page.keyboard.press('Enter');
  await page
    .locator('.getting-started-step', { hasText: 'Watch a deadlock close' })
    .first()
    .click();
  await page.locator('.getting-started-step.expanded').getByText('Profile the sample').click();
  const toast = page.locator('.notification-toast', { hasText: /not trusted/ }).first();
  await toast.waitFor();
  assert.equal(existsSync(mark), false, "the workspace's own interpreter was run");
  await toast.getByRole('button', { name: 'Manage Workspace Trust' }).click();
  await page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
  await page.getByText('Restricted Mode').first().waitFor({ state: 'hidden' });
  await page.locator('.monaco-modal-editor-block .codicon-close').last().click();
  await page.locator('.tab', { hasText: 'blocking_call.py' }).first().click();
  await page.locator('.codelens-decoration a', { hasText: '▶ Profile' }).first().waitFor();
});
