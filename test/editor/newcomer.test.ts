/**
 * A newcomer's path in the real editor, with the packaged extension: open a sample, click the lens, watch the deadlock come,
 * go to the line, stop, look again in another theme. Screenshots are kept in out/screenshots.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkbenchPage } from './workbenchPage.ts';

let workbench: WorkbenchPage;

before(async () => {
  // Many a shell has one, for a server of its own; code-server would listen there instead.
  process.env.PORT ??= '1';
  workbench = await WorkbenchPage.open({
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
});
after(() => workbench?.close());

test('lens, live panel, notification, line, stop', { timeout: 300_000 }, async () => {
  const { page } = workbench;
  await workbench.openFile('two_locks_deadlock.py');
  await workbench.clickProfile();
  await workbench.says(/wait for each other/i);
  const toast = page.locator('.notification-toast', { hasText: /wait for each other/i }).first();
  await toast.waitFor();
  await workbench.screenshot('editor-deadlock-dark');
  await toast.getByRole('button', { name: 'Open Line' }).click();
  await page.locator('.editor-instance .cdr.squiggly-error').first().waitFor();
  const lines = await page.locator('.view-line', { hasText: /with\s.*lock/ }).count();
  assert.ok(lines > 0, 'the line of the deadlock is on screen');
  await workbench.command('Interleave: Stop');
  await workbench.command('Interleave: Show Panel');
  await workbench.says(/was stopped/i);
});

test('the problem is listed', { timeout: 120_000 }, async () => {
  const { page } = workbench;
  await workbench.command('Problems: Focus on Problems View');
  const problems = page.locator('.markers-panel .monaco-list-row', { hasText: /deadlock/i });
  await problems.first().waitFor();
  await workbench.screenshot('editor-problems-dark');
  await workbench.command('View: Toggle Panel Visibility');
});

test('its line says so, with a sign of its severity', { timeout: 60_000 }, async () => {
  const lens = workbench.page.locator('.codelens-decoration a', { hasText: /deadlock:/i });
  await lens.first().locator('.codicon-error').waitFor();
});

for (const [theme, name] of [
  ['Light Modern', 'light'],
  ['Dark High Contrast', 'high-contrast'],
] as const) {
  test(`the panel follows the ${name} theme`, { timeout: 120_000 }, async () => {
    await workbench.chooseTheme(theme);
    const kind = name === 'light' ? 'vscode-light' : 'vscode-high-contrast';
    await workbench.panel.locator(`body.${kind}`).waitFor({ state: 'attached' });
    await workbench.says(/wait for each other/i);
    await workbench.screenshot(`editor-deadlock-${name}`);
  });
}

test('a stopped program leaves no folder behind', { timeout: 60_000 }, () => {
  assert.deepEqual(workbench.liveFolders(), []);
});
