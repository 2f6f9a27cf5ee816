/** The panel in a narrow editor: nothing lies over anything else, names stay readable, the lower part is chosen by a bar; axe-core agrees. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SCREENSHOTS, violations } from './axe.ts';
import { type HarnessServer, launch, openPanel, pageErrors, serve } from './harness.ts';

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

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
}

function boxOf(page: Page, selector: string): Promise<Box> {
  return page
    .locator(selector)
    .first()
    .evaluate((one) => {
      const { top, bottom, height, left, right } = one.getBoundingClientRect();
      // What sticks out of a box that does not cut it is seen, too.
      const sticks = getComputedStyle(one).overflowX === 'visible' ? one.scrollWidth : 0;
      return { top, bottom, height, left, right: Math.max(right, left + sticks) };
    });
}

for (const width of [520, 600, 760]) {
  test(`${width} px: stacked, with room for the lanes`, { timeout: 60_000 }, async () => {
    const page = await openPanel(browser, server, { width, height: 900 });
    await page.evaluate(async () => {
      for (let at = 1e9; at < 15.9e9; at += 1e9) await window.harness.play(at);
      await window.harness.play(15.9e9);
    });
    await page.locator('.finding-title').first().click();
    await page.locator('.lane-row[aria-selected=true]').waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `panel-narrow-${width}.png`) });
    const middle = await boxOf(page, '.middle');
    const footer = await boxOf(page, '.footer');
    const bar = await boxOf(page, '.drawer-bar');
    const scroller = await boxOf(page, '.scroller');
    const findings = await boxOf(page, '.findings');
    assert.ok(middle.bottom <= footer.top + 1, 'the middle ends above the footer');
    assert.ok(bar.bottom <= footer.top + 1 && findings.bottom <= bar.top + 1);
    assert.ok(scroller.bottom <= findings.top + 1 && scroller.height >= 150, 'lanes have room');
    const cut = await page.locator('.lane-row[aria-selected=true] .lane-title').evaluate((one) => ({
      text: one.textContent,
      whole: one.scrollWidth <= one.clientWidth + 1,
    }));
    assert.deepEqual(cut, { text: 'ledger_1', whole: true }, 'the name is not cut');
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      'nothing sticks out',
    );
    const title = await boxOf(page, '.run-info');
    const buttons = await boxOf(page, '.run-buttons');
    assert.ok(title.right <= buttons.left + 1, 'the title ends before the buttons');
    assert.deepEqual(await violations(page), []);

    await page.getByRole('button', { name: 'Tables' }).click();
    await page.locator('.tables .grid-table').waitFor();
    assert.equal(await page.locator('.findings').isVisible(), false);
    await page.getByRole('button', { name: 'Selection' }).click();
    await page.locator('.selection').getByText('Held by').waitFor();
    assert.equal(await page.locator('.tables').isVisible(), false);
    // A slice that is clicked shows what it is.
    await page.getByRole('button', { name: /^Findings/ }).click();
    const lanes = await page.locator('.lanes-canvas').boundingBox();
    await page.mouse.click(lanes!.x + lanes!.width / 2, lanes!.y + 60);
    await page.locator('.selection').waitFor();
    assert.deepEqual(pageErrors(page), []);
    await page.close();
  });
}

for (const width of [520, 660]) {
  test(`${width} px: beside a lock that threads wait for its name is whole`, async () => {
    const page = await openPanel(browser, server, { width, height: 900 });
    await page.evaluate(() => window.harness.play(15.9e9));
    await page.locator('.scroller').evaluate((one) => {
      one.scrollTop = one.scrollHeight;
    });
    const row = page.locator('.lane-row.kind-lock:has(.badge.error)').first();
    await row.waitFor();
    const [title, badge] = await Promise.all(
      ['.lane-title', '.badge'].map((part) =>
        row.locator(part).evaluate((one) => ({
          text: one.textContent,
          isWhole: [one, ...one.children].every((part) => part.scrollWidth <= part.clientWidth + 1),
          width: one.getBoundingClientRect().width,
        })),
      ),
    );
    assert.ok(title?.isWhole, title?.text ?? '');
    assert.match(badge?.text ?? '', /^\d+ waiting$/, 'read aloud');
    assert.ok((badge?.width ?? 0) <= 20, 'a sign is all that is seen');
    await page.screenshot({ path: join(SCREENSHOTS, `panel-narrow-${width}-locks.png`) });
    await page.close();
  });
}

const LOW = [
  [546, 500],
  [662, 601],
  [700, 420],
  [1100, 500],
] as const;
for (const [width, height] of LOW) {
  test(`${width} × ${height} px: above a terminal, nothing over anything`, async () => {
    const page = await openPanel(browser, server, { width, height });
    await page.evaluate(async () => {
      for (let at = 1e9; at <= 15e9; at += 1e9) await window.harness.play(at);
      await window.harness.play(15.9e9);
    });
    await page.locator('.finding-title').first().click();
    await page.locator('.lane-row[aria-selected=true]').waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `panel-low-${width}x${height}.png`) });
    const header = await boxOf(page, '.header');
    const banner = await boxOf(page, '.banner');
    const overview = await boxOf(page, '.overview-label');
    const scroller = await boxOf(page, '.scroller');
    const findings = await boxOf(page, '.findings');
    assert.ok(Math.abs(header.top) <= 1, 'the page itself has not scrolled');
    assert.ok(header.bottom <= banner.top + 1 && banner.bottom <= overview.top + 1);
    assert.ok(overview.bottom <= scroller.top + 1 && scroller.height >= 85, 'lanes have room');
    assert.ok(findings.bottom <= height + 1, 'findings can be reached');
    if (width < 900) assert.ok(scroller.bottom <= findings.top + 1, 'findings below the lanes');
    const title = await boxOf(page, '.banner h2 > span');
    assert.ok(title.right - title.left >= 200, 'enough of the deadlock can be read');
    const show = await page.locator('.banner .button.primary').evaluate((one) => {
      const { left, right } = one.parentElement!.getBoundingClientRect();
      const box = one.getBoundingClientRect();
      return box.left >= left - 1 && box.right <= right + 1;
    });
    assert.ok(show, 'its button is not cut');
    await page.close();
  });
}

for (const [width, theme] of [
  [1680, 'dark'],
  [1280, 'light'],
  [1100, 'dark'],
  [760, 'light'],
  [520, 'dark'],
] as const) {
  test(`${width} px: every tab of the tables is whole`, { timeout: 60_000 }, async () => {
    const page = await openPanel(browser, server, { width, height: 900, theme });
    await page.evaluate(() => window.harness.play(5e9));
    const drawer = page.getByRole('button', { name: 'Tables' });
    if (await drawer.isVisible()) await drawer.click();
    await page.locator('.tables .grid-table').waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `panel-tabs-${width}-${theme}.png`) });
    const bar = await boxOf(page, '.tab-bar');
    const tabs = await page.locator('.tabs button').evaluateAll((all) =>
      all.map((one) => {
        const { right, bottom, width: wide } = one.getBoundingClientRect();
        // What lies over its middle, as somebody sees it.
        const shown = document.elementFromPoint(right - 3, bottom - 8);
        return { right, bottom, wide, whole: one.contains(shown) };
      }),
    );
    assert.equal(tabs.length, 11);
    if (width >= 1280) assert.equal(new Set(tabs.map((tab) => tab.bottom)).size, 1, 'on one line');
    for (const tab of tabs)
      assert.ok(
        tab.whole && tab.right <= bar.right && tab.bottom <= bar.bottom + 1,
        `${tab.right}`,
      );
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(pageErrors(page), []);
    await page.close();
  });
}

test('locks of one family can be told apart where there is little room', {
  timeout: 60_000,
}, async () => {
  const page = await openPanel(browser, server, { width: 520, height: 900 });
  await page.evaluate(() => window.harness.play(15.9e9));
  const titles = page.locator('.kind-lock .lane-title');
  await page.locator('.scroller').evaluate((one) => {
    one.scrollTop = one.scrollHeight;
  });
  await titles.getByText('accou').first().waitFor();
  const ends = await titles.evaluateAll((all) =>
    all.map((one) => {
      const last = one.lastElementChild?.getBoundingClientRect();
      return {
        text: one.textContent ?? '',
        end: one.lastElementChild?.textContent ?? '',
        // Letters that the beginning's box has room for: a part of one would be a gap before the end.
        letters:
          (one.firstElementChild?.getBoundingClientRect().width ?? 0) /
          ((last?.width ?? 0) / (one.lastElementChild?.textContent?.length ?? 1)),
        seen: last !== undefined && last.right <= one.getBoundingClientRect().right + 1,
      };
    }),
  );
  assert.ok(ends.length >= 3);
  for (const { text, end, seen, letters } of ends) {
    if (text.length <= 8) continue;
    assert.ok(seen && text.endsWith(end) && end.length === 4, text);
    assert.ok(Math.abs(letters - Math.round(letters)) < 0.15, `${text}: ${letters} letters`);
  }
  await page.close();
});

test('of the names that Python gives to threads their numbers are seen', {
  timeout: 60_000,
}, async () => {
  const page = await openPanel(browser, server, { width: 520, height: 900 });
  await page.evaluate(() => window.harness.play(5e9));
  await page.locator('.lane-title').first().waitFor();
  await page.evaluate(() =>
    window.harness.say({
      type: 'lanes',
      lanes: [117, 118].map((id) => ({
        ...{
          id,
          parent: 0,
          kind: 'thread',
          content: 'slices',
          name: `Thread-${id} (handle_order)`,
        },
        ...{ note: '', pid: 1, color: 1, library: false, collapsed: false, from: 0, to: null },
      })),
    }),
  );
  const title = page.locator('.lane-title', { hasText: 'Thread-117' });
  await title.waitFor();
  const [cut, number] = await title.evaluate((one) => {
    const range = document.createRange();
    const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode()!;
    range.setStart(text, 0);
    range.setEnd(text, Math.min(text.textContent!.length, 'Thread-117'.length));
    const box = text.parentElement!.getBoundingClientRect();
    return [one.scrollWidth > one.clientWidth, range.getBoundingClientRect().right <= box.right];
  });
  assert.ok(cut && number);
  await page.close();
});

test('a duration stays on the line of its number', { timeout: 60_000 }, async () => {
  const page = await openPanel(browser, server, { width: 520, height: 900 });
  await page.evaluate(() => window.harness.play(15.9e9));
  const title = page.locator('.banner h2');
  await title.waitFor();
  assert.match((await title.textContent()) ?? '', /for [\d.]+\u00a0m?s$/);
  await page.close();
});

test('a name without a place to break stays inside its box', { timeout: 60_000 }, async () => {
  const page = await openPanel(browser, server, { width: 520, height: 900 });
  await page.evaluate(() => window.harness.play(15.9e9));
  for (const selector of ['.banner h2 > span', '.finding-title']) {
    const one = page.locator(selector).first();
    await one.waitFor();
    const sticksOut = await one.evaluate((element) => {
      element.textContent = 'x'.repeat(300);
      return element.getBoundingClientRect().right - window.innerWidth;
    });
    assert.ok(sticksOut <= 0, `${selector} sticks out by ${sticksOut} px`);
  }
  assert.deepEqual(pageErrors(page), []);
  await page.close();
});

for (const theme of ['dark', 'hc'] as const) {
  test(`340 px, ${theme}: a tall banner leaves room for the lanes and lies over nothing`, {
    timeout: 60_000,
  }, async () => {
    const page = await openPanel(browser, server, { width: 340, height: 800, theme });
    await page.evaluate(async () => {
      for (let at = 1e9; at < 15.9e9; at += 1e9) await window.harness.play(at);
      await window.harness.play(15.9e9);
    });
    await page.locator('.banner').waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `panel-narrow-340-${theme}.png`) });
    const banner = await boxOf(page, '.banner');
    const overview = await boxOf(page, '.overview-label');
    const scroller = await boxOf(page, '.scroller');
    const headline = await boxOf(page, '.headline');
    const findings = await boxOf(page, '.findings');
    assert.ok(banner.bottom <= overview.top + 1, 'the banner ends above the overview');
    assert.ok(overview.bottom <= scroller.top + 1 && scroller.height >= 85, 'lanes have room');
    assert.ok(scroller.bottom <= headline.top + 1, 'the lanes end above the headline');
    assert.ok(headline.bottom <= findings.top + 1, 'the headline ends above the findings');
    const cut = await page
      .locator('.run-title, .headline dt, .headline dd')
      .evaluateAll((all) =>
        all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent),
      );
    assert.deepEqual(cut, [], 'what is profiled and what the numbers are can be read');
    // Letters that were shrunk with a drawing are none.
    const small = await page.locator('.banner svg.cycle text').evaluateAll(
      (all) =>
        all.filter((one) => {
          const { height } = one.getBoundingClientRect();
          return height > 0 && height < 9;
        }).length,
    );
    assert.equal(small, 0);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(pageErrors(page), []);
    await page.close();
  });
}

for (const width of [1180, 1400, 1680]) {
  test(`${width} px: the range in view and the histogram are shown as a whole or not at all`, async () => {
    const page = await openPanel(browser, server, { width, height: 900 });
    await page.evaluate(() => window.harness.play(15.9e9));
    await page.locator('.tables .grid-table').waitFor();
    const seen = await page.locator('.in-view').evaluate((one) => {
      const outer = one.getBoundingClientRect();
      const words = one.firstElementChild!.getBoundingClientRect();
      return {
        below: words.top >= outer.bottom - 1,
        whole: words.left >= outer.left - 1 && words.right <= outer.right + 1,
      };
    });
    assert.ok(seen.below || seen.whole, JSON.stringify(seen));
    if (width === 1680) assert.ok(!seen.below, 'there is room for it');
    await page.locator('.histogram').waitFor();
    const panel = await boxOf(page, '.table-panel');
    const drawn = await boxOf(page, '.histogram');
    assert.ok(drawn.right <= panel.right + 1, `${drawn.right} > ${panel.right}`);
    await page.close();
  });
}

test('the words beside the lines of a large circle are inside its drawing', async () => {
  const page = await openPanel(browser, server, { width: 1400, height: 900 });
  await page.evaluate(async () => {
    await window.harness.play(15.9e9);
    const who = ['Hypatia', 'Kant', 'Zhuangzi', 'Arendt', 'Spinoza'];
    const edges = who.map((waiter, index) => ({
      waiter,
      resource: `Fork.lock #${index + 1}`,
      owner: who[(index + 1) % who.length]!,
    }));
    window.harness.say({
      type: 'findings',
      findings: [
        {
          id: 'deadlock:five',
          rule: 'deadlock',
          severity: 'error',
          title: 'Deadlock: five wait in a circle',
          detail: 'Each waits for the next. Take them in one order.',
          locations: [],
          evidence: { edges, cyclic: true },
          spans: [],
          lostNs: 1,
          lanes: [],
          behind: [],
        },
      ],
    } as never);
  });
  await page.locator('.banner h2', { hasText: 'five wait' }).waitFor();
  const outside = await page.locator('.banner svg.cycle').evaluate((drawing) => {
    const box = drawing.getBoundingClientRect();
    return [...drawing.querySelectorAll('text')]
      .filter((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return top < box.top - 1 || bottom > box.bottom + 1;
      })
      .map((one) => one.textContent);
  });
  assert.deepEqual(outside, []);
  await page.close();
});
