/** No violation of axe-core in any theme, and pictures of the panel in out/screenshots to look at. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { SCREENSHOTS, violations } from './axe.ts';
import { type HarnessServer, launch, openPanel, pageErrors, serve } from './harness.ts';
import { THEMES, type ThemeName } from './themes.ts';

let server: HarnessServer;
let browser: Browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

for (const theme of Object.keys(THEMES) as ThemeName[]) {
  test(`${theme}: no violations, with a deadlock selected`, { timeout: 120_000 }, async () => {
    const page = await openPanel(browser, server, { theme, ratio: 2, height: 1050 });
    await page.evaluate(async () => {
      for (let at = 1e9; at < 15.9e9; at += 1e9) await window.harness.play(at);
      await window.harness.play(15.9e9);
    });
    await page.locator('.lane-row', { hasText: 'ledger_1' }).first().waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `panel-${theme}-live.png`) });
    await page.locator('.finding-title').first().click();
    await page.locator('.selection').getByText('Held by').waitFor();
    await page.keyboard.press('KeyS');
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(SCREENSHOTS, `panel-${theme}.png`) });
    assert.deepEqual(await violations(page), []);
    for (const tab of ['Wait-for graph', 'Loops', 'Event log']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForTimeout(250);
    }
    await page.getByRole('button', { name: 'How to fix' }).click();
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(pageErrors(page), []);
    await page.close();
  });
}

test('states without lanes: no violations', async () => {
  const page = await openPanel(browser, server);
  for (const state of ['empty', 'loading', 'failed'] as const) {
    await page.evaluate(
      (one) =>
        window.harness.run({
          state: one,
          message: 'A sentence.',
          can: ['openRecording', 'showLog'],
        }),
      state,
    );
    await page.waitForTimeout(50);
    await page.screenshot({ path: join(SCREENSHOTS, `panel-${state}.png`) });
    assert.deepEqual(await violations(page), []);
  }
  await page.close();
});

test('forced colours and reduced motion: drawn, and nothing moves', async () => {
  const page = await openPanel(browser, server);
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await page.evaluate(() => window.harness.play(15.9e9));
  await page.locator('.lane-row', { hasText: 'ledger_1' }).first().waitFor();
  const swatch = await page
    .locator('.lane-row .swatch')
    .first()
    .evaluate((one) => getComputedStyle(one).backgroundColor);
  assert.notEqual(swatch, 'rgba(0, 0, 0, 0)');
  await page.screenshot({ path: join(SCREENSHOTS, 'panel-forced-colors.png') });
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
  await page.close();
});
