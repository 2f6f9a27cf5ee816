/**
 * Tests in a real editor. The Mocha suite runs inside the extension host: of a desktop VS Code where `VSCODE_EXECUTABLE`
 * names one, else of the packaged one driven by a browser. Returns what passed and failed.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { buildAll } from './build.ts';
import { BROWSER_FLAGS, browserExecutable, startEditorHost } from './editorHost.ts';
import { ROOT } from './project.ts';
import { NOTHING, sum, type Tally, told } from './tally.ts';
import { testNode } from './testNode.ts';

/** A whole suite run takes a minute, or several where the machine is busy; a hung editor must end all the same. */
const PATIENCE_MS = 600_000;

/** Expects `npm run build` to have been done. */
export async function testInEditor(): Promise<Tally> {
  const suite = join(ROOT, 'out', 'editor-suite');
  mkdirSync(suite, { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'test/editor/suite/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile: join(suite, 'index.cjs'),
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  // The editor requires a folder's index.js; this one says what it is.
  writeFileSync(join(suite, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(suite, 'index.js'), "module.exports = require('./index.cjs');\n");
  const home = mkdtempSync(join(tmpdir(), 'ilv-suite-'));
  const result = join(home, 'result.json');
  const workspace = join(home, 'workspace');
  mkdirSync(workspace);
  try {
    if (process.env.VSCODE_EXECUTABLE === undefined) await runInBrowser(suite, workspace, result);
    else await runOnDesktop(process.env.VSCODE_EXECUTABLE, suite, workspace, result);
    return readResult(result);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function runInBrowser(suite: string, workspace: string, result: string): Promise<void> {
  const host = await startEditorHost({ smokeTestDriver: true });
  const browser = await chromium.launch({
    executablePath: await browserExecutable(),
    args: [...BROWSER_FLAGS],
  });
  try {
    const page = await browser.newPage();
    const authority = new URL(host.url).host;
    const remote = (path: string): string => `vscode-remote://${authority}${path}`;
    const payload = [
      ['extensionDevelopmentPath', remote(ROOT.replace(/\/$/, ''))],
      ['extensionTestsPath', remote(join(suite, 'index.js'))],
      ['extensionEnvironment', JSON.stringify({ RESULT: result })],
      ['skipWelcome', 'true'],
    ];
    const ended = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('The editor suite did not end')),
        PATIENCE_MS,
      );
      void page.exposeFunction('codeAutomationExit', (code: number) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      // What the workbench logs of the network it cannot reach is nobody's test result.
      if (process.env.EDITOR_LOG !== undefined) console.error(type, ...args);
    });
    const query = `folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(`${host.url}/?${query}`);
    await ended;
  } finally {
    await browser.close();
    await host.stop();
  }
}

async function runOnDesktop(
  executable: string,
  suite: string,
  workspace: string,
  result: string,
): Promise<void> {
  const { runTests } = await import('@vscode/test-electron');
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: join(suite, 'index.js'),
    launchArgs: [workspace, '--disable-workspace-trust', '--skip-welcome'],
    extensionTestsEnv: { RESULT: result },
  });
}

/** The exit code alone cannot be believed: it is 0 when the extension host dies in the middle. */
function readResult(file: string): Tally {
  if (!existsSync(file)) {
    console.error('The extension host ended before the suite did: no result was written.');
    return { ...NOTHING, failed: 1 };
  }
  const { passed, failed, lines } = JSON.parse(readFileSync(file, 'utf8')) as Tally & {
    lines: string[];
  };
  for (const line of lines) console.log(`  ${line}`);
  return { passed, failed, skipped: 0 };
}

if (import.meta.main) {
  await buildAll();
  const inside = await testInEditor();
  // The path of a newcomer packs the extension, which builds it anew: never at the same time as the suite.
  const outside = await testNode(['test/editor/*.test.ts'], 1);
  const all = sum([inside, outside]);
  console.log(told(all));
  process.exitCode = all.failed > 0 || all.passed === 0 ? 1 : 0;
}
