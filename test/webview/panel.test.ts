/** The panel in a real browser, fed by a session: keys, selection, findings, filters, states, restoring. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { eachPanel, posted } from './harness.ts';

let page: Page;
eachPanel((opened) => {
  page = opened;
});

const END = 15.9e9;

async function playAll(): Promise<void> {
  await page.evaluate(async (end) => {
    for (let at = 1e9; at < end; at += 1e9) await window.harness.play(at);
    await window.harness.play(end);
  }, END);
  await page.locator('[data-lane] >> text=ledger_1').first().waitFor();
}

async function picked(): Promise<string> {
  const id = await page.locator('.lane-grid').getAttribute('aria-activedescendant');
  return id ? ((await page.locator(`#${id}`).textContent()) ?? '') : '';
}

/** Down the lanes until the chosen one's text holds `text`. */
async function walkTo(text: string): Promise<void> {
  for (let step = 0; step < 80; step++) {
    if ((await picked()).includes(text)) return;
    await page.keyboard.press('ArrowDown');
    // What is chosen shows with the next frame.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }
  assert.fail(`no lane with ${text} was reached`);
}

test('the deadlock is on top with its cycle, and each button does what it says', async () => {
  await playAll();
  const banner = page.locator('.banner');
  await banner.getByText('Deadlock:').waitFor();
  const drawing = banner.locator('svg.cycle');
  assert.match(
    (await drawing.getAttribute('aria-label')) ?? '',
    /ledger_1 wants ledger_lock, held by ledger_2/,
  );
  assert.deepEqual((await drawing.locator('.node.actor text').allTextContents()).sort(), [
    'ledger_1',
    'ledger_2',
  ]);
  await banner.getByRole('button', { name: 'Open ledger.py:88' }).click();
  assert.deepEqual(await posted(page, 'openSource'), [
    { type: 'openSource', file: '/app/ledger.py', line: 88 },
  ]);
  await banner.getByRole('button', { name: 'How to fix' }).click();
  await banner.locator('.edges li').nth(1).waitFor();
  await banner.getByRole('button', { name: 'Show on timeline' }).click();
  await page.locator('.selection').getByText('Waiting for ever').waitFor();
  await page.locator('.selection').getByRole('button', { name: 'ledger_2' }).first().waitFor();
});

test('lanes and slices are walked by keys, and each move is said', async () => {
  await playAll();
  await page.locator('.lane-grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('.lane-grid[aria-activedescendant]').waitFor();
  const first = await picked();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(
    (before) => document.querySelector('.lane-row[aria-selected=true]')?.textContent !== before,
    first,
  );
  // To a lane with slices, then along it.
  await walkTo('MainThread');
  await page.keyboard.press('ArrowRight');
  await page
    .locator('.heard[role=status]', { hasText: /Event loop MainThread, .* [mµ]s, from/ })
    .waitFor();
  const said = await page.locator('.heard[role=status]').textContent();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(
    (before) => document.querySelector('.heard[role=status]')?.textContent !== before,
    said,
  );
  // A heading closes and opens.
  await walkTo('Thread pool');
  const rows = () => page.locator('.lane-row', { hasText: 'ledger_2' }).count();
  assert.equal(await rows(), 1);
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(
    () =>
      ![...document.querySelectorAll('.lane-title')].some((one) => one.textContent === 'ledger_2'),
  );
  await page.keyboard.press('ArrowRight');
  await page.locator('.lane-row', { hasText: 'ledger_2' }).waitFor();
});

test('view keys zoom, move, fit, mark and commit ranges by physical position', async () => {
  await playAll();
  const span = () => page.locator('.overview-label').textContent();
  await page.locator('.lane-grid').focus();
  const start = await span();
  await page.keyboard.press('KeyW');
  await page.waitForFunction(
    (before) => document.querySelector('.overview-label')?.textContent !== before,
    start,
  );
  await page.keyboard.press('KeyA');
  await page.keyboard.press('KeyM');
  await page.locator('.footer .status', { hasText: 'Range' }).waitFor();
  await page.keyboard.press('KeyR');
  await page.locator('.crumbs button').nth(1).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => (document.querySelector('.crumbs') as HTMLElement).hidden);
  // On a layout where another letter sits there, the place counts.
  const before = await span();
  await page.evaluate(() =>
    document.body.dispatchEvent(
      new KeyboardEvent('keydown', { code: 'KeyW', key: 'z', bubbles: true }),
    ),
  );
  await page.waitForFunction(
    (old) => document.querySelector('.overview-label')?.textContent !== old,
    before,
  );
  await page.keyboard.press('?');
  await page.locator('dialog.help[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog.help[open]').waitFor({ state: 'detached' });
});

test('the wheel does the same over the ruler and the overview, in pixels and in lines', async () => {
  await playAll();
  const shown = () => page.locator('.overview .view-box').getAttribute('style');
  const settled = async (): Promise<string | null> => {
    // The second frame after a change is drawn with it.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    return await shown();
  };
  const turned = async (place: string, turn: Readonly<Record<string, unknown>>) => {
    await page.locator('.lane-grid').focus();
    await page.keyboard.press('KeyF');
    await settled();
    await page.keyboard.press('KeyW');
    const before = await settled();
    await page.locator(place).evaluate((element, init) => {
      const box = element.getBoundingClientRect();
      const clientX = box.left + box.width / 2;
      element.dispatchEvent(
        new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX, ...init }),
      );
    }, turn);
    const after = await settled();
    assert.notEqual(after, before, place);
    return after;
  };
  for (const place of ['.ruler', '.overview']) {
    const pixels = await turned(place, { deltaY: -480 });
    assert.equal(await turned(place, { deltaY: -30, deltaMode: 1 }), pixels, place);
    const panned = await turned(place, { deltaX: 40 });
    assert.notEqual(panned, pixels);
    assert.equal(await turned(place, { deltaY: 40, shiftKey: true }), panned, place);
  }
});

test('N walks the findings, B goes to the blocker', async () => {
  await playAll();
  await page.locator('.lane-grid').focus();
  await page.keyboard.press('KeyN');
  await page.locator('.finding.chosen', { hasText: 'Deadlock' }).waitFor();
  await page.locator('.selection').getByText('Held by').waitFor();
  const from = await picked();
  await page.keyboard.press('KeyB');
  await page.waitForFunction(
    (old) => document.querySelector('.lane-row[aria-selected=true]')?.textContent !== old,
    from,
  );
  await page.keyboard.press('KeyN');
  await page.locator('.finding.chosen').nth(0).and(page.locator('.finding').nth(1)).waitFor();
  await page.keyboard.press('Shift+KeyN');
  await page.locator('.finding.chosen', { hasText: 'Deadlock' }).waitFor();
});

test('by keys: a lock opens to who waits for it, B goes from it to who holds it, L shows the library', async () => {
  await playAll();
  await page.locator('.lane-grid').focus();
  await walkTo('accounts_lock');
  assert.equal(await page.locator('.lane-row.kind-waiter').count(), 0);
  await page.keyboard.press('Enter');
  await page.locator('.lane-row.kind-waiter', { hasText: 'ledger_2' }).waitFor();
  // Its last hold is the one that never ends.
  await page.evaluate(() => window.harness.play(15.9e9));
  await page.keyboard.press('End');
  for (let press = 0; press < 400; press++) {
    await page.keyboard.press('ArrowRight');
    const said = await page.locator('.heard[role=status]').textContent();
    if (said?.startsWith('Last slice')) break;
  }
  await page.locator('.selection').getByText('Waiting', { exact: true }).waitFor();
  await page.keyboard.press('KeyB');
  await page.locator('.lane-row[aria-selected=true]', { hasText: 'ledger_1' }).waitFor();
  const library = page.getByRole('button', { name: 'Show what library code made' });
  await page.keyboard.press('KeyL');
  assert.equal(await library.getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('KeyL');
  assert.equal(await library.getAttribute('aria-pressed'), 'false');
});

test('tables are for the visible range, sort on their heads, copy and lead to lanes', async () => {
  await playAll();
  const cells = (column: number) =>
    page.locator(`.grid-table tbody tr td:nth-child(${column})`).allTextContents();
  await page.locator('.grid-table tbody tr').first().waitFor();
  await page.getByRole('columnheader', { name: 'Lock' }).getByRole('button').click();
  await page.locator('th[aria-sort=ascending]', { hasText: 'Lock' }).waitFor();
  const names = await cells(1);
  assert.deepEqual(names, [...names].sort());
  await page.getByRole('columnheader', { name: 'Lock' }).getByRole('button').click();
  await page.locator('th[aria-sort=descending]', { hasText: 'Lock' }).waitFor();
  assert.deepEqual(await cells(1), [...names].reverse());
  await page.getByRole('button', { name: 'Copy this table' }).click();
  const copied = (await posted(page, 'copy')).at(-1)?.text ?? '';
  assert.match(copied, /^Lock\tCreated at\t/);
  assert.equal(copied.split('\n').length, names.length + 1);
  await page.getByRole('tab', { name: /Tasks/ }).click();
  await page.locator('.grid-table tbody tr', { hasText: 'Task-17' }).first().click();
  await page.locator('.lane-row[aria-selected=true]', { hasText: 'Task-17' }).waitFor();
  const asked = (await posted(page, 'table')).at(-1)!;
  await page.keyboard.press('Escape');
  await page.locator('.lane-grid').focus();
  for (let press = 0; press < 4; press++) await page.keyboard.press('KeyW');
  await page.waitForFunction(
    (old) =>
      (window.harness.posted.filter((one) => one.type === 'table').at(-1) as { request: number })
        .request > old,
    asked.request,
  );
  const again = (await posted(page, 'table')).at(-1)!;
  assert.ok(
    again.to - again.from < asked.to - asked.from,
    'a closer view asks for a shorter range',
  );
});

test('search leaves what fits; the legend hides states', async () => {
  await playAll();
  await page.keyboard.press('/');
  await page.keyboard.type('ledger_3');
  await page.waitForFunction(
    () =>
      ![...document.querySelectorAll('.lane-title')].some((one) => one.textContent === 'ledger_1'),
  );
  // Its own lane, and those in which it waits for a lock.
  assert.equal(await page.locator('.lane-row.kind-worker').count(), 1);
  assert.deepEqual(
    new Set(await page.locator('.lane-row.kind-waiter .lane-title').allTextContents()),
    new Set(['ledger_3']),
  );
  await page.keyboard.press('Escape');
  await page.locator('.lane-row', { hasText: 'ledger_1' }).waitFor();
  const running = page.getByRole('button', { name: /^Running/ });
  const pixels = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.lanes-canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      // The token of running in the dark theme: 2f ae 8f.
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === 0x2f && data[at + 1] === 0xae && data[at + 2] === 0x8f) count++;
      return count;
    });
  const shown = await pixels();
  assert.ok(shown > 1000, `running is drawn: ${shown} pixels`);
  await running.click();
  assert.equal(await running.getAttribute('aria-pressed'), 'false');
  await page.waitForTimeout(300);
  assert.ok((await pixels()) < shown / 20);
});

test('each state without lanes says what is going on and what to do', async () => {
  await page.evaluate(() =>
    window.harness.run({ state: 'empty', can: ['profileFile', 'profileSample', 'openRecording'] }),
  );
  await page.getByText('Nothing recorded yet').waitFor();
  await page.getByRole('button', { name: 'Profile a sample…' }).click();
  assert.deepEqual(await posted(page, 'command'), [{ type: 'command', command: 'profileSample' }]);
  await page.evaluate(() =>
    window.harness.run({ state: 'loading', message: 'Reading orders.interleave' }),
  );
  await page.getByRole('progressbar').waitFor();
  await page.evaluate(() =>
    window.harness.run({
      state: 'failed',
      message: 'Python 3.7 is too old: Interleave needs 3.9 or newer. Choose another interpreter.',
      can: ['showLog'],
    }),
  );
  await page.locator('.placeholder', { hasText: 'Python 3.7 is too old' }).waitFor();
  await page.getByRole('button', { name: 'Show log' }).waitFor();
  await page.evaluate(() => window.harness.run({ state: 'running' }));
  await page.locator('.placeholder', { hasText: 'first event' }).waitFor();
});

test('of a program that failed at once nothing good is said', async () => {
  await page.evaluate(() =>
    window.harness.run({
      state: 'finished',
      endedBadly: true,
      elapsedNs: 7e6,
      records: 4,
      overheadNs: 9e6,
      overheadShare: 9 / 7,
      message: 'The program ended with exit status 1.',
    }),
  );
  await page
    .getByText('Nothing was found in the 7 ms until the end. The program ended with exit status 1.')
    .waitFor();
  assert.equal(await page.locator('.run-state').textContent(), 'FAILED');
  const facts = await page.locator('.run-facts').textContent();
  assert.match(facts ?? '', /overhead 9 ms/, 'a start is no share of a run that was shorter');
});

test('what was chosen is there again after the panel was hidden', async () => {
  await playAll();
  await page.locator('.finding-title').first().click();
  await page.getByRole('tab', { name: /Threads/ }).click();
  await page.waitForTimeout(500);
  const lane = await picked();
  const label = await page.locator('.overview-label').textContent();
  await page.reload();
  await page.evaluate(() => {
    // The session sends everything again, as after a reload of the window.
    return window.harness.play(15.9e9);
  });
  await page.locator('.lane-row[aria-selected=true]').waitFor();
  assert.equal((await picked()).slice(0, 12), lane.slice(0, 12));
  assert.equal(await page.locator('.overview-label').textContent(), label);
  await page.locator('[role=tab][aria-selected=true]', { hasText: 'Threads' }).waitFor();
});
