/**
 * A newcomer's path in the real editor, with the packaged extension: open a sample, click the lens, watch the deadlock come,
 * go to the line, stop, look again in another theme. Screenshots are kept in out/screenshots.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type FrameLocator, type Page } from 'playwright-core';
import {
  BROWSER_FLAGS,
  browserExecutable,
  type EditorHost,
  startEditorHost,
} from '../../scripts/editorHost.ts';
import { packageExtension } from '../../scripts/package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const screenshots = join(root, 'out', 'screenshots');
const PATIENCE = 60_000;

let host: EditorHost;
let browser: Browser;
let page: Page;
let home: string;

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  home = mkdtempSync(join(tmpdir(), 'ilv-ui-'));
  cpSync(join(root, 'samples'), join(home, 'samples'), {
    recursive: true,
    filter: (path) => basename(path) !== '__pycache__',
  });
  host = await startEditorHost({
    vsix: [await packageExtension()],
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
  browser = await chromium.launch({
    executablePath: await browserExecutable(),
    args: [...BROWSER_FLAGS],
  });
  page = await browser.newPage({ viewport: { width: 1680, height: 1050 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${host.url}/?folder=${encodeURIComponent(join(home, 'samples'))}`);
  await page.locator('.monaco-workbench').waitFor();
});

after(async () => {
  await browser?.close();
  await host?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('lens, live panel, notification, line, stop', { timeout: 240_000 }, async () => {
  await openFile('two_locks_deadlock.py');
  const lens = page.locator('.codelens-decoration a', { hasText: '▶ Profile' }).first();
  // Lenses are drawn again whenever something changes: click until the click counts.
  await retry(async () => {
    await lens.click({ timeout: 5000 });
    await panel().locator('#app').waitFor({ timeout: 15_000 });
  });
  await panel()
    .getByText(/deadlock/i)
    .first()
    .waitFor();
  const toast = page
    .locator('.notification-toast', { hasText: /wait for each other|deadlock/i })
    .first();
  await toast.waitFor();
  await page.screenshot({ path: join(screenshots, 'editor-deadlock-dark.png') });
  await toast.getByRole('button', { name: 'Open Line' }).click();
  await page.locator('.editor-instance .cdr.squiggly-error').first().waitFor();
  const current = await page.locator('.view-line', { hasText: /with .*lock/ }).count();
  assert.ok(current > 0, 'the line of the deadlock is on screen');
  await command('Interleave: Stop');
  await panel()
    .getByText(/was stopped/i)
    .first()
    .waitFor();
});

test('the problem is listed, with its way into the panel', { timeout: 120_000 }, async () => {
  await command('Problems: Focus on Problems View');
  const problem = page.locator('.markers-panel .monaco-list-row', { hasText: /deadlock/i }).first();
  await problem.waitFor();
  await page.screenshot({ path: join(screenshots, 'editor-problems-dark.png') });
  await command('View: Toggle Panel Visibility');
});

for (const [theme, name] of [
  ['Default Light Modern', 'light'],
  ['Default High Contrast', 'high-contrast'],
] as const) {
  test(`the panel follows the ${name} theme`, { timeout: 120_000 }, async () => {
    await command('Preferences: Color Theme');
    await page.keyboard.type(theme);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(1500);
    await panel()
      .getByText(/deadlock/i)
      .first()
      .waitFor();
    await page.screenshot({ path: join(screenshots, `editor-deadlock-${name}.png`) });
  });
}

test('nothing is left behind when the window is closed', { timeout: 60_000 }, async () => {
  const storage = join(host.home, 'user-data', 'User', 'workspaceStorage');
  const live = readdirSync(storage, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /interleave\.interleave\/live\/./.test(path),
  );
  assert.deepEqual(live, []);
});

/** The panel's document, inside the editor's two frames. */
function panel(): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

async function openFile(name: string): Promise<void> {
  await retry(async () => {
    await page.keyboard.press('Control+P');
    await page.locator('.quick-input-widget .quick-input-box input').fill(name, { timeout: 5000 });
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: name })
      .first()
      .waitFor({ timeout: 10_000 });
    await page.keyboard.press('Enter');
    await page.locator('.tab', { hasText: name }).first().waitFor({ timeout: 10_000 });
  });
}

async function command(name: string): Promise<void> {
  await retry(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page
      .locator('.quick-input-widget .quick-input-box input')
      .fill(`>${name}`, { timeout: 5000 });
    const row = page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    await row.click({ timeout: 10_000 });
  });
}

/** A workbench that is still loading swallows keys: tries again until it works or the patience is gone. */
async function retry(act: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await act();
    } catch (failure) {
      if (Date.now() > deadline) throw failure;
      await page.waitForTimeout(500);
    }
  }
}
