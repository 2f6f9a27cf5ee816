/** The compare view in a browser, with real recordings: what it says, where its links lead, and that everybody can use it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { compareRuns } from '../../engine/compare/compare.ts';
import { runFacts } from '../../engine/compare/runFacts.ts';
import { compareView } from '../../engine/compare/view.ts';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { readRecording } from '../../record/recordingFile.ts';
import { sourceLines } from '../../record/sourceLines.ts';
import type { FromCompare, ToCompare } from '../../wire/comparePanel.ts';
import type { RunFacts } from '../../wire/comparison.ts';
import type { Manifest } from '../../wire/recording.ts';
import { interleave } from '../cli/cli.ts';
import { launch } from './harness.ts';
import { THEMES, type ThemeName } from './themes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCREENSHOTS = join(ROOT, 'out', 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let server: Server;
let folder = '';
let blocked: RunFacts;
let bridged: RunFacts;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'interleave-compare-view-'));
  server = await serve();
  browser = await launch();
  blocked = await record('blocking_call');
  bridged = await record('bridge_to_threads');
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function record(name: string): Promise<RunFacts> {
  const recording = join(folder, `${name}.interleave`);
  const program = join(ROOT, 'samples/python/asyncio', `${name}.py`);
  await interleave(['run', '--quiet', '-o', recording, program]);
  const trace = new Trace({ sourceLine: sourceLines() });
  let manifest: Manifest | undefined;
  for await (const batch of readRecording(recording)) {
    if (batch.type === 'manifest') manifest = batch.manifest;
    trace.add(batch);
  }
  assert.ok(manifest);
  return runFacts(trace, manifest, buildReport(trace, manifest), `${name}.py`);
}

async function serve(): Promise<Server> {
  const files = new Map<string, Uint8Array>();
  for (const [path, entry] of [
    ['/compare.js', 'webview/compare/main.ts'],
    ['/compare.css', 'webview/compare.css'],
  ] as const) {
    const { outputFiles } = await build({
      entryPoints: [entry],
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
      logLevel: 'warning',
    });
    files.set(path, outputFiles[0]!.contents);
  }
  const made = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const file = files.get(url.pathname);
    const type = url.pathname.endsWith('.css') ? 'css' : file === undefined ? 'html' : 'javascript';
    response.setHeader('content-type', `text/${type}`);
    response.end(file ?? html((url.searchParams.get('theme') ?? 'dark') as ThemeName));
  });
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done));
  return made;
}

/** As the editor makes it: the same policy, the theme's variables on the root element. */
function html(name: ThemeName): string {
  const { classes, variables } = THEMES[name];
  const set = Object.entries(variables)
    .map(([key, value]) => `s.setProperty('--vscode-${key}','${value}');`)
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-dGVzdA'">
<title>Interleave</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/compare.css"></head>
<body class="${classes}">
<script nonce="dGVzdA">{const s=document.documentElement.style;${set}s.setProperty('--vscode-font-family','Inter, system-ui, sans-serif');}
window.posted=[];window.kept=null;
window.acquireVsCodeApi=()=>({postMessage:m=>window.posted.push(m),setState:s=>{window.kept=s}});</script>
<script nonce="dGVzdA" src="/compare.js"></script>
</body></html>`;
}

declare global {
  interface Window {
    posted: FromCompare[];
    kept: unknown;
  }
}

async function open(theme: ThemeName, one: RunFacts, other: RunFacts): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1300, height: 1150 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?theme=${theme}`);
  const message: ToCompare = {
    type: 'view',
    view: compareView(compareRuns(one, other)),
    files: { before: '/before.interleave', after: '/after.interleave' },
    can: ['runAgain', 'swap', 'other', 'copyReport', 'saveReport'],
  };
  await page.evaluate(
    (data) => window.dispatchEvent(new MessageEvent('message', { data })),
    message,
  );
  await page.locator('.compare-findings').waitFor();
  await page.waitForTimeout(300);
  return page;
}
const errors: string[] = [];

for (const theme of Object.keys(THEMES) as ThemeName[]) {
  test(`${theme}: no violations, nothing refused`, { timeout: 120_000 }, async () => {
    const page = await open(theme, blocked, bridged);
    await page.screenshot({ path: join(SCREENSHOTS, `compare-${theme}.png`) });
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      (
        window as unknown as {
          axe: {
            run(): Promise<{ violations: { id: string; nodes: { failureSummary: string }[] }[] }>;
          };
        }
      ).axe
        .run()
        .then(({ violations }) =>
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.failureSummary}`),
        ),
    );
    assert.deepEqual(found, []);
    assert.deepEqual(errors, []);
    await page.close();
  });
}

test('gone on the left and struck, new on the right; links lead to lines and runs by keyboard alone', async () => {
  const page = await open('dark', blocked, bridged);
  const gone = page.locator('tr.change-gone').first();
  assert.match((await gone.locator('s').textContent()) ?? '', /blocked/i);
  assert.match((await gone.locator('td').nth(1).textContent()) ?? '', /Not seen any more/);
  // The canvas has been drawn upon.
  const painted = await page
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) =>
      canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0),
    );
  assert.ok(painted);
  await gone.locator('.compare-places button').first().focus();
  await page.keyboard.press('Enter');
  await gone.locator('.plain').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Swap before and after' }).press('Enter');
  const posted = await page.evaluate(() => window.posted);
  assert.deepEqual(
    posted.map((message) => message.type),
    ['ready', 'openSource', 'showRun', 'command'],
  );
  const [, source, run] = posted;
  assert.ok(source?.type === 'openSource' && /\.py$/.test(source.file) && source.line > 0);
  assert.equal(source.side, 'before', 'the finding is gone: its line is of the run before');
  assert.ok(run?.type === 'showRun' && run.side === 'before');
  assert.ok(blocked.report.findings.some(({ id }) => id === run.finding));
  assert.deepEqual(await page.evaluate(() => window.kept), {
    before: '/before.interleave',
    after: '/after.interleave',
  });
  await page.close();
});

test('a run compared with itself says that nothing changed', async () => {
  const page = await open('light', blocked, blocked);
  await page.locator('.compare-verdict', { hasText: 'No difference beyond the noise.' }).waitFor();
  assert.equal(await page.locator('tr.change-gone, tr.change-new').count(), 0);
  await page.close();
});
