/** The panel in a real browser while its program runs, and when that ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { eachPanel, posted } from './harness.ts';

let page: Page;
eachPanel((opened) => {
  page = opened;
});

test('what happens while the program runs is drawn without being asked for', async () => {
  await page.evaluate(() => window.harness.play(5e9));
  await page.locator('.run-state', { hasText: 'LIVE' }).waitFor();
  const facts = () => page.locator('.run-facts').textContent();
  const early = await facts();
  const told = await page.evaluate(() => window.harness.told.slices ?? 0);
  await page.evaluate(() => window.harness.play(6e9));
  await page.waitForFunction(
    (old) => document.querySelector('.run-facts')?.textContent !== old,
    early,
  );
  assert.ok((await page.evaluate(() => window.harness.told.slices ?? 0)) > told);
  // Paused, the picture stands; going on, it catches up.
  await page.getByRole('button', { name: /Pause the picture/ }).click();
  const still = await facts();
  await page.evaluate(() => window.harness.play(8e9));
  await page.waitForTimeout(150);
  assert.equal(await facts(), still);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForFunction(
    (old) => document.querySelector('.run-facts')?.textContent !== old,
    still,
  );
  await page.getByRole('button', { name: 'Stop the program' }).click();
  assert.deepEqual(await posted(page, 'command'), [{ type: 'command', command: 'stop' }]);
  await page.evaluate(() =>
    window.harness.finish({
      state: 'stopped',
      message: 'The program was stopped.',
      can: ['runAgain'],
    }),
  );
  await page.locator('.run-state', { hasText: 'STOPPED' }).waitFor();
});

test('the last change of a run is asked for, though an answer was on its way', async () => {
  await page.evaluate(() => window.harness.play(14e9));
  await page.locator('.lane-grid').focus();
  // What is looked at no longer moves with the run.
  await page.keyboard.press('KeyW');
  await page.waitForTimeout(600);
  const questions = async () => (await posted(page, 'table')).length;
  const before = await questions();
  await page.evaluate(() => {
    window.harness.slow = 1000;
    return window.harness.play(15e9);
  });
  while ((await questions()) === before) await page.waitForTimeout(20);
  await page.evaluate(() =>
    window.harness.finish({ state: 'finished', message: 'The program ended.', can: [] }),
  );
  await page.locator('.run-state', { hasText: 'FINISHED' }).waitFor();
  const asked = await questions();
  await page.waitForFunction(
    (old) => window.harness.posted.filter((one) => one.type === 'table').length > old,
    asked,
    { timeout: 5000 },
  );
});

test('what is said to be in view is no longer than the run, whatever room is left behind its end', async () => {
  await page.evaluate(() => window.harness.play(15.9e9));
  await page.evaluate(() =>
    window.harness.finish({ state: 'finished', message: 'The program ended.', can: [] }),
  );
  await page.locator('.run-state', { hasText: 'FINISHED' }).waitFor();
  await page.locator('.overview-label', { hasText: 'view 15.9 s' }).waitFor();
  await page.locator('.in-view', { hasText: /in view: 0(\.0)? – 15\.9 s/ }).waitFor();
});
