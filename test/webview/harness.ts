/**
 * Serves the bundled panel with an editor's theme and a PanelSession in the same page, for tests, benches and looking.
 * By hand: `node test/webview/harness.ts [RECORDING…]`, then open the printed address.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readRecording } from '../../record/recordingFile.ts';
import { BROWSER_FLAGS, browserExecutable } from '../../scripts/editorHost.ts';
import type { FromPanel } from '../../wire/panel.ts';
import type { ServedRecording } from './page.ts';
import { THEMES, type ThemeName } from './themes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface HarnessServer {
  readonly url: string;
  /** Minified script of the panel, bytes. */
  readonly script: Uint8Array;
  /** Makes a recording known to `harness.open(name)`. */
  add(name: string, path: string): void;
  close(): void;
}

async function bundle(entry: string, minify: boolean): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0]!.contents;
}

/** @param pages more entry points, served as `/NAME.js`. */
export async function serve(pages: Readonly<Record<string, string>> = {}): Promise<HarnessServer> {
  const entries = { webview: 'webview/main.ts', page: 'test/webview/page.ts', ...pages };
  const files = new Map<string, Uint8Array>();
  await Promise.all(
    Object.entries(entries).map(async ([name, entry]) =>
      files.set(`/${name}.js`, await bundle(entry, name === 'webview')),
    ),
  );
  files.set('/webview.css', await bundle('webview/style.css', true));
  const recordings = new Map<string, string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const file = files.get(url.pathname);
    if (file) {
      response.setHeader(
        'content-type',
        url.pathname.endsWith('.css') ? 'text/css' : 'text/javascript',
      );
      response.end(file);
    } else if (url.pathname.startsWith('/recording/')) {
      const path = recordings.get(url.pathname.slice('/recording/'.length)) ?? '';
      recordingAt(path).then(
        (recording) => response.end(JSON.stringify(recording)),
        (failure: unknown) => {
          response.statusCode = 500;
          response.end(String(failure));
        },
      );
    } else if (url.pathname === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(
        html(
          (url.searchParams.get('theme') ?? 'dark') as ThemeName,
          url.searchParams.get('page') ?? 'page',
        ),
      );
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    script: files.get('/webview.js')!,
    add: (name, path) => recordings.set(name, path),
    close: () => stop(server),
  };
}

function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}

/** The page as the editor makes it: the same policy, the theme's variables on the root element. */
function html(name: ThemeName, page: string): string {
  const theme = THEMES[name];
  const nonce = 'dGVzdA';
  const set = Object.entries(theme.variables)
    .map(([key, value]) => `s.setProperty('--vscode-${key}','${value}');`)
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'nonce-${nonce}'">
<title>Interleave</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/webview.css"></head>
<body class="${theme.classes}">
<script nonce="${nonce}">{const s=document.documentElement.style;${set}s.setProperty('--vscode-font-family','Inter, system-ui, sans-serif');s.setProperty('--vscode-editor-font-family',"'JetBrains Mono', monospace");}</script>
<script nonce="${nonce}" src="/${page}.js"></script>
<script nonce="${nonce}" src="/webview.js"></script>
</body></html>`;
}

async function recordingAt(path: string): Promise<ServedRecording> {
  const batches: ServedRecording['batches'][number][] = [];
  const sources: Record<string, readonly string[]> = {};
  for await (const batch of readRecording(path)) {
    if (batch.type === 'records')
      batches.push({
        type: 'bytes',
        stream: batch.stream,
        base64: Buffer.from(batch.bytes).toString('base64'),
      });
    else batches.push(batch);
    if (batch.type !== 'definitions') continue;
    for (const line of batch.text.split('\n')) {
      if (!line.includes('"site"')) continue;
      const { file } = JSON.parse(line) as { file?: string };
      if (file && !(file in sources)) sources[file] = linesOf(file);
    }
  }
  return { title: basename(path).replace('.interleave', '.py'), batches, sources };
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: await browserExecutable(), args: [...BROWSER_FLAGS] });
}

/** A page with the panel in it, connected to nothing yet; errors of the page fail the test. */
export async function openPanel(
  browser: Browser,
  server: HarnessServer,
  options: {
    readonly theme?: ThemeName;
    readonly ratio?: number;
    readonly width?: number;
    readonly height?: number;
  } = {},
): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1680, height: options.height ?? 1000 },
    deviceScaleFactor: options.ratio ?? 1,
  });
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`${server.url}?theme=${options.theme ?? 'dark'}`);
  errorsOf.set(page, errors);
  return page;
}

/** A new panel for each test of a file, and nothing may go wrong in it. */
export function eachPanel(take: (page: Page) => void): void {
  let server: HarnessServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await serve();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  beforeEach(async () => {
    page = await openPanel(browser, server);
    take(page);
  });
  afterEach(async () => {
    assert.deepEqual(pageErrors(page), [], 'the page says nothing of errors or refused styles');
    await page.close();
  });
}

const errorsOf = new WeakMap<Page, string[]>();

/** What went wrong in the page so far: exceptions, refused styles and scripts. */
export function pageErrors(page: Page): readonly string[] {
  return errorsOf.get(page) ?? [];
}

/** What the panel has said of one type. */
export function posted<T extends FromPanel['type']>(
  page: Page,
  type: T,
): Promise<Extract<FromPanel, { type: T }>[]> {
  return page.evaluate(
    (wanted) => window.harness.posted.filter((one) => one.type === wanted),
    type,
  ) as Promise<Extract<FromPanel, { type: T }>[]>;
}

if (import.meta.main) {
  const server = await serve();
  for (const path of process.argv.slice(2)) server.add(basename(path, '.interleave'), path);
  console.log(
    `${server.url}?theme=dark   then in its console: harness.play(15.9e9), harness.open(NAME)`,
  );
}
