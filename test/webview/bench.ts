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
const PASSES = 7;

const ms = (value: number): string => value.toFixed(1);
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

const server = await serve({ bench: 'test/webview/benchPage.ts' });
const browser = await launch();
console.log(`script ${(gzipSync(server.script).length / 1000).toFixed(1)} kB gzip (goal 100)`);
console.log(
  '64 lanes, 1680 px wide; ms: median / p95 of frames, each the lowest of several passes over the same frames,',
);
console.log('so that other programs are left out (p95 of the best pass as it was)');
console.log(
  'slices     first picture  fully out             panning               zooming               key',
);
for (const size of SIZES) {
  const results: BenchResult[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const page = await browser.newPage({ viewport: { width: 1960, height: 2100 } });
    await page.goto(`${server.url}?page=bench`);
    results.push(await page.evaluate((slices) => window.bench(slices), size));
    await page.close();
  }
  const shown = (what: keyof BenchResult['frames']): string => {
    const passes = results.map((one) => one.frames[what]);
    const count = Math.min(...passes.map((one) => one.length));
    const quiet = Array.from({ length: count }, (_, frame) =>
      Math.min(...passes.map((one) => one[frame]!)),
    );
    const best = Math.min(...passes.map((one) => quantile(one, 0.95)));
    return `${ms(quantile(quiet, 0.5))} / ${ms(quantile(quiet, 0.95))} (${ms(best)})`.padEnd(21);
  };
  const first = Math.min(...results.map((one) => one.first));
  console.log(
    [
      String(size).padEnd(10),
      first.toFixed(0).padEnd(14),
      shown('out'),
      shown('pan'),
      shown('zoom'),
      shown('key'),
    ].join(' '),
  );
  const goals = GOALS[size];
  if (goals)
    console.log(
      `  goal     ${goals.map((goal, at) => `≤ ${goal}`.padEnd(at === 0 ? 14 : 21)).join(' ')}`,
    );
}
await browser.close();
server.close();
