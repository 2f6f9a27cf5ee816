/** A real editor with the packaged extension, driven as a person drives it: what the UI tests share. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Browser, chromium, type FrameLocator, type Page } from 'playwright-core';
import {
  BROWSER_FLAGS,
  browserExecutable,
  type EditorHost,
  type EditorHostOptions,
  startEditorHost,
} from '../../scripts/editorHost.ts';
import { packageExtension } from '../../scripts/package.ts';
import { ROOT } from '../../scripts/project.ts';

export const SCREENSHOTS = join(ROOT, 'out', 'screenshots');
/** For whatever must become true: a shared machine may take half a minute for what needs one second. */
export const PATIENCE = 60_000;

export class WorkbenchPage {
  readonly host: EditorHost;
  page: Page;
  /** A copy of the samples, opened as the workspace. */
  readonly workspace: string;
  readonly #browser: Browser;

  private constructor(host: EditorHost, browser: Browser, page: Page, workspace: string) {
    this.host = host;
    this.#browser = browser;
    this.page = page;
    this.workspace = workspace;
  }

  static async open(options: EditorHostOptions = {}): Promise<WorkbenchPage> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const workspace = mkdtempSync(join(tmpdir(), 'ilv-ui-'));
    cpSync(join(ROOT, 'samples'), workspace, {
      recursive: true,
      filter: (path) => basename(path) !== '__pycache__',
    });
    const host = await startEditorHost({ vsix: [await packageExtension()], ...options });
    const browser = await chromium.launch({
      executablePath: await browserExecutable(),
      args: [...BROWSER_FLAGS],
    });
    const page = await newPage(browser);
    const workbench = new WorkbenchPage(host, browser, page, workspace);
    await workbench.#load();
    return workbench;
  }

  /**
   * Takes the window and its extension host away without a word, as a crash of the desktop editor does, and opens another one in
   * a browser that remembers nothing. Linux only.
   */
  async replaceWindow(): Promise<void> {
    await this.page.close();
    // The host of a window that only lost its connection waits for it to come back, and keeps the extension's storage.
    for (const pid of this.#extensionHosts()) process.kill(pid, 'SIGKILL');
    this.page = await newPage(this.#browser);
    await this.#load();
  }

  async #load(): Promise<void> {
    await this.page.goto(`${this.host.url}/?folder=${encodeURIComponent(this.workspace)}`);
    await this.page.locator('.monaco-workbench').waitFor();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.host.stop();
    rmSync(this.workspace, { recursive: true, force: true });
  }

  /** The document of the panel that is in front, inside the editor's two frames. */
  get panel(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready')
      .last()
      .frameLocator('iframe#active-frame');
  }

  /** Waits until the panel says so. */
  async says(text: RegExp): Promise<void> {
    await this.panel.getByText(text).first().waitFor();
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  async openFile(name: string): Promise<void> {
    const { page } = this;
    await this.retry(async () => {
      await page.keyboard.press('Control+P');
      const input = page.locator('.quick-input-widget .quick-input-box input');
      await input.fill(name, { timeout: 5000 });
      const row = page.locator('.quick-input-list .monaco-list-row', { hasText: name });
      await row.first().waitFor({ timeout: 10_000 });
      await page.keyboard.press('Enter');
      await page.locator('.tab', { hasText: name }).first().waitFor({ timeout: 10_000 });
    });
  }

  /** Writes a file into the workspace. */
  newFile(name: string, text: string): void {
    writeFileSync(join(this.workspace, name), text);
  }

  async goToLine(line: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.page.locator('.quick-input-widget .quick-input-box input').fill(`:${line}`);
    await this.page.keyboard.press('Enter');
  }

  /** Clicks `▶ Profile` above main() and waits for the panel. Lenses are drawn again whenever something changes. */
  async clickProfile(): Promise<void> {
    const lens = this.page.locator('.codelens-decoration a', { hasText: '▶ Profile' }).first();
    await this.retry(async () => {
      await lens.click({ timeout: 5000 });
      await this.panel.locator('#app').waitFor({ state: 'attached', timeout: 15_000 });
    });
  }

  async command(name: string): Promise<void> {
    const { page } = this;
    await this.retry(async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('F1');
      const input = page.locator('.quick-input-widget .quick-input-box input');
      await input.fill(`>${name}`, { timeout: 5000 });
      const row = page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
      await row.click({ timeout: 10_000 });
    });
  }

  /** By its label in the picker. */
  async chooseTheme(label: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label });
    await this.page.keyboard.type(label);
    await row.first().waitFor();
    await this.page.waitForTimeout(500);
    await this.page.keyboard.press('Enter');
  }

  /** A workbench that is still loading swallows keys: tries again until it works or the patience is gone. */
  async retry<T>(act: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      try {
        return await act();
      } catch (failure) {
        if (Date.now() > deadline) throw failure;
        await this.page.waitForTimeout(500);
      }
    }
  }

  #extensionHosts(): number[] {
    return readdirSync('/proc').flatMap((name) => {
      try {
        const isOurs = readFileSync(`/proc/${name}/environ`, 'utf8').includes(
          `HOME=${this.host.home}\0`,
        );
        const what = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return isOurs && what.includes('--type=extensionHost') ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
  }

  /** Folders of live recordings that the extension still keeps. */
  liveFolders(): string[] {
    const storage = join(this.host.home, 'user-data', 'User', 'workspaceStorage');
    return readdirSync(storage, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /interleave\.interleave\/live\/[^/]+$/.test(path),
    );
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1680, height: 1050 } });
  page.setDefaultTimeout(PATIENCE);
  return page;
}
