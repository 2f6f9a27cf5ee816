/** The compare view: two runs side by side in a webview of their own, kept up while they are read, found again after a reload. */
import * as vscode from 'vscode';
import { assertNever } from '../base/assert.ts';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { CompareCommand, FromCompare, ToCompare } from '../wire/comparePanel.ts';
import type { Compared } from '../wire/worker.ts';
import type { Panels } from './panels.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import { webviewPage } from './webviewPage.ts';

const COMPARE = 'interleave.compare';

export interface CompareHost {
  readonly context: vscode.ExtensionContext;
  openRule(rule: string): void;
  /** A line as it was when that run was made. */
  openSource(run: Run, place: { readonly file: string; readonly line: number }): void;
  /** Lets the user choose another run for this one. */
  other(run: Run): void;
  /** Runs the program again; undefined when that cannot be. */
  again(run: Run): Promise<Run | undefined>;
}

interface Open extends Disposable {
  readonly frame: vscode.WebviewPanel;
}

export class ComparePanels implements Disposable {
  readonly #host: CompareHost;
  readonly #runs: Runs;
  readonly #panels: Panels;
  readonly #owned = new Disposables();
  readonly #open = new Map<string, Open>();

  constructor(host: CompareHost, runs: Runs, panels: Panels) {
    this.#host = host;
    this.#runs = runs;
    this.#panels = panels;
    this.#owned.add(
      vscode.window.registerWebviewPanelSerializer(COMPARE, {
        deserializeWebviewPanel: async (frame, state: unknown) => {
          const files = filesOf(state);
          if (files === undefined) frame.dispose();
          else this.#attach(frame, runs.open(files.before), runs.open(files.after));
        },
      }),
    );
  }

  show(before: Run, after: Run): void {
    const known = this.#open.get(keyOf(before, after));
    if (known !== undefined) {
      known.frame.reveal();
      return;
    }
    const title = `Compare: ${after.origin.title}`;
    const frame = vscode.window.createWebviewPanel(COMPARE, title, vscode.ViewColumn.Active, {
      enableFindWidget: true,
    });
    this.#attach(frame, before, after);
  }

  dispose(): void {
    for (const open of [...this.#open.values()]) open.dispose();
    this.#owned.dispose();
  }

  #attach(frame: vscode.WebviewPanel, before: Run, after: Run): void {
    const { context } = this.#host;
    const owned = new Disposables();
    const key = keyOf(before, after);
    const { webview } = frame;
    frame.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'activity.svg');
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist')],
    };
    for (const run of [before, after]) owned.add(run.hold());
    owned.add(
      this.#runs.removals((run) => {
        if (run === before || run === after) frame.dispose();
      }),
    );
    let compared: Compared | undefined;
    let asked = false;
    let said = '';
    const tell = (): void => {
      if (!asked && before.facts !== undefined && after.facts !== undefined) {
        asked = true;
        const { facts } = before;
        void after.compareWith(facts).then((answer) => {
          if (before.facts !== facts) return;
          compared = answer;
          tell();
        });
      }
      const message = messageOf(before, after, compared);
      // A live run changes twenty times a second.
      const text = message.type === 'said' ? message.text : 'view';
      if (text === said) return;
      said = text;
      void webview.postMessage(message);
    };
    for (const run of [before, after]) {
      owned.add(
        run.rereads(() => {
          asked = false;
          compared = undefined;
        }),
      );
    }
    owned.add(before.changes(tell));
    owned.add(after.changes(tell));
    owned.add(
      webview.onDidReceiveMessage((message: FromCompare) => {
        switch (message.type) {
          case 'ready':
            said = '';
            tell();
            return;
          case 'openSource':
            this.#host.openSource(message.side === 'before' ? before : after, message);
            return;
          case 'openRule':
            this.#host.openRule(message.rule);
            return;
          case 'showRun':
            this.#panels.show(message.side === 'before' ? before : after, message.finding);
            return;
          case 'command':
            void this.#do(message.command, before, after, compared);
            return;
          default:
            assertNever(message);
        }
      }),
    );
    const open: Open = { frame, dispose: () => owned.dispose() };
    this.#open.set(key, open);
    frame.onDidDispose(() => {
      owned.dispose();
      if (this.#open.get(key) === open) this.#open.delete(key);
    });
    webview.html = webviewPage(context, webview, 'compare');
  }

  async #do(
    command: CompareCommand,
    before: Run,
    after: Run,
    compared: Compared | undefined,
  ): Promise<void> {
    switch (command) {
      case 'swap':
        this.show(after, before);
        return;
      case 'other':
        this.#host.other(after);
        return;
      case 'runAgain': {
        const again = await this.#host.again(after);
        if (again !== undefined) this.show(before, again);
        return;
      }
      case 'copyReport':
        if (compared === undefined) return;
        await vscode.env.clipboard.writeText(compared.markdown);
        vscode.window.setStatusBarMessage('The report is on the clipboard, as Markdown.', 4000);
        return;
      case 'saveReport':
        if (compared !== undefined) await saveReport(compared.markdown);
        return;
      default:
        assertNever(command);
    }
  }
}

/** The comparison, or why there is none yet. */
function messageOf(before: Run, after: Run, compared: Compared | undefined): ToCompare {
  const failed = [before, after].find(({ state }) => state === 'failed');
  if (failed !== undefined) return { type: 'said', text: failed.trouble, failed: true };
  const running = [before, after].find(({ state }) => state === 'running');
  if (running !== undefined) {
    const text = `The comparison comes as soon as ${running.origin.title} has ended.`;
    return { type: 'said', text, failed: false };
  }
  if (compared === undefined) {
    return { type: 'said', text: 'Reading both recordings …', failed: false };
  }
  return {
    type: 'view',
    view: compared.view,
    files: { before: before.origin.file, after: after.origin.file },
    can: [
      ...(after.origin.program === undefined ? [] : (['runAgain'] as const)),
      ...(['swap', 'other', 'copyReport', 'saveReport'] as const),
    ],
  };
}

async function saveReport(markdown: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(process.cwd());
  const target = await vscode.window.showSaveDialog({
    title: 'Save Report',
    defaultUri: vscode.Uri.joinPath(folder, 'before-and-after.md'),
    filters: { Markdown: ['md'] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(markdown));
  await vscode.commands.executeCommand('markdown.showPreview', target);
}

function keyOf(before: Run, after: Run): string {
  return `${before.origin.id} ${after.origin.id}`;
}

function filesOf(state: unknown): { readonly before: string; readonly after: string } | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const { before, after } = state as { before?: unknown; after?: unknown };
  return typeof before === 'string' && typeof after === 'string' ? { before, after } : undefined;
}
