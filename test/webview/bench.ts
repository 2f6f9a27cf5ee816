/** Measures the panel in headless Chromium: first picture, frames while panning and zooming, a key's way to the page. Prints a table. */
import { gzipSync } from 'node:zlib';
import type { BenchResult } from './benchPage.ts';
import { launch, serve } from './harness.ts';

/** What PANEL's figures ask for, ms: first picture, fully out, panning, zooming (p95). */
const GOALS: Readonly<Record<number, readonly number[]>> = {
  1000000: [150, 20, 10, 10],
  5000000: [350, 21, 14, 14],
};
const SIZES = [100_000, 1_000_000, 5_000_000];
const PASSES = 3;

const server = await serve({ bench: 'test/webview/benchPage.ts' });
const browser = await launch();
console.log(`script ${(gzipSync(server.script).length / 1000).toFixed(1)} kB gzip (goal 100)`);
console.log('64 lanes, 1680 px wide; ms, median / p95, lowest of several passes');
console.log('slices     first picture  fully out      panning        zooming        key');
for (const size of SIZES) {
  const results: BenchResult[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const page = await browser.newPage({ viewport: { width: 1960, height: 2100 } });
    await page.goto(`${server.url}?page=bench`);
    results.push(await page.evaluate((slices) => window.bench(slices), size));
    await page.close();
  }
  const lowest = (pick: (one: BenchResult) => { median: number; p95: number }): string => {
    const best = results.map(pick).sort((one, other) => one.p95 - other.p95)[0]!;
    return `${best.median.toFixed(1)} / ${best.p95.toFixed(1)}`.padEnd(14);
  };
  const first = Math.min(...results.map((one) => one.first));
  console.log(
    [
      String(size).padEnd(10),
      first.toFixed(0).padEnd(14),
      lowest((one) => one.frames.out!),
      lowest((one) => one.frames.pan!),
      lowest((one) => one.frames.zoom!),
      lowest((one) => one.key),
    ].join(' '),
  );
  const goals = GOALS[size];
  if (goals) console.log(`  goal     ${goals.map((goal) => `≤ ${goal}`.padEnd(14)).join(' ')}`);
}
await browser.close();
server.close();
