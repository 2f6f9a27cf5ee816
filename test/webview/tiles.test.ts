/** Above a number of slices the panel gets tiles of what it shows: the picture, the totals and the names are those of the whole. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { writeLargeRecording } from '../../scripts/bench/largeRecording.ts';
import { type HarnessServer, launch, openPanel, pageErrors, serve } from './harness.ts';

/** Some twenty slices in a pixel when all of it is in view. */
const RECORDS = 400_000;

let server: HarnessServer;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'tiles-'));

before(async () => {
  writeLargeRecording(join(folder, 'large'), RECORDS);
  server = await serve();
  server.add('large', join(folder, 'large'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** How many pixels of each state's colour a band of lanes has; several states share no colour. */
interface Picture {
  readonly counts: Readonly<Record<string, number>>;
  readonly legend: readonly string[];
}

const STATES = ['running', 'lock', 'io', 'waiting', 'held', 'contended'];

async function picture(page: Page): Promise<Picture> {
  // Requests are throttled and answered later; levels are made when nothing else is to do.
  await page.waitForTimeout(900);
  const counts = await page.evaluate((states) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.lanes-canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const style = getComputedStyle(document.body);
    const wanted = states.map((state) => {
      const hex = style.getPropertyValue(`--state-${state}`).trim();
      return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    });
    const found: Record<string, number> = Object.fromEntries(states.map((state) => [state, 0]));
    for (let at = 0; at < data.length; at += 4)
      wanted.forEach(([red, green, blue], index) => {
        // Faint columns are the same hue on a dark ground: near enough.
        const near =
          Math.abs(data[at]! - red!) +
          Math.abs(data[at + 1]! - green!) +
          Math.abs(data[at + 2]! - blue!);
        if (near < 60) found[states[index]!]!++;
      });
    return found;
  }, STATES);
  const legend = await page.locator('.legend-total').allTextContents();
  return { counts, legend };
}

async function opened(mostSlices: number | undefined): Promise<Page> {
  const page = await openPanel(browser, server, { width: 1400, height: 900 });
  await page.evaluate((most) => window.harness.open('large', most), mostSlices);
  await page.locator('.lane-row', { hasText: 'worker' }).first().waitFor();
  await page.locator('.lane-grid').focus();
  return page;
}

function assertAlike(one: Picture, other: Picture, where: string): void {
  for (const state of STATES) {
    const whole = one.counts[state]!;
    const tiles = other.counts[state]!;
    const allowed = Math.max(400, whole * 0.08);
    assert.ok(
      Math.abs(whole - tiles) <= allowed,
      `${where}, ${state}: ${whole} pixels of the whole, ${tiles} of tiles`,
    );
  }
}

test('tiles draw what the whole recording draws, far out and closer', {
  timeout: 120_000,
}, async () => {
  const whole = await opened(undefined);
  const tiles = await opened(10_000);
  const told = await tiles.evaluate(() => window.harness.told.slices ?? 0);
  const all = await whole.evaluate(() => window.harness.told.slices ?? 0);
  assert.ok(told < all, `tiles came in ${told} messages, the whole in ${all}`);
  for (const [where, keys] of [
    ['all of it', []],
    ['closer', ['KeyW', 'KeyW', 'KeyW', 'KeyW', 'KeyW']],
    ['moved', ['KeyD', 'KeyD']],
    ['single slices', Array.from({ length: 12 }, () => 'KeyW')],
  ] as const) {
    for (const page of [whole, tiles]) for (const key of keys) await page.keyboard.press(key);
    const one = await picture(whole);
    const other = await picture(tiles);
    assert.ok(
      Object.values(one.counts).some((count) => count > 1000),
      `${where}: something is drawn`,
    );
    assertAlike(one, other, where);
    // Counted by the panel here, by the session there.
    assert.deepEqual(other.legend, one.legend, where);
  }
  for (const page of [whole, tiles]) {
    assert.deepEqual(pageErrors(page), []);
    await page.close();
  }
});
