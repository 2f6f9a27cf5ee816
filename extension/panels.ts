/** One panel per run: opened when it starts, brought to front when asked for, restored after a reload, also as an editor of files. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { connectPanel, type PanelHost } from './panel.ts';
import { stemOf } from './recordingFiles.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

const PANEL = 'interleave.panel';
const TITLE = 'Concurrency: ';
const RECORDING = 'interleave.recording';

interface OpenPanel extends Disposable {
  readonly frame: vscode.WebviewPanel;
  reveal(finding: string): void;
}

export class Panels implements Disposable {
  readonly #host: PanelHost;
  readonly #runs: Runs;
  readonly #owned = new Disposables();
  readonly #open = new Map<Run, OpenPanel>();
  /** A recording may be open as a panel, and in several editors. */
  readonly #frames = new Map<Run, Set<vscode.WebviewPanel>>();

  constructor(host: PanelHost, runs: Runs) {
    this.#host = host;
    this.#runs = runs;
    // What is deleted cannot be looked at: a panel without its worker would answer nothing any more.
    this.#owned.add(
      runs.removals((run) => {
        for (const frame of [...(this.#frames.get(run) ?? [])]) frame.dispose();
      }),
    );
    this.#owned.add(vscode.window.registerWebviewPanelSerializer(PANEL, this.#serializer()));
    this.#owned.add(
      vscode.window.registerCustomEditorProvider(RECORDING, this.#editor(), {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  /** Opens or brings to front a run's panel, and shows a finding in it when one is named. */
  show(run: Run, finding = ''): void {
    let open = this.#open.get(run);
    if (open === undefined) {
      const frame = vscode.window.createWebviewPanel(
        PANEL,
        `${TITLE}${run.origin.title}`,
        vscode.ViewColumn.Active,
        { enableFindWidget: false },
      );
      open = this.#attach(frame, run);
    } else open.frame.reveal();
    // A panel that was not in front says itself when it is; two that are shown at once may end either way.
    if (open.frame.active) this.#runs.select(run);
    if (finding !== '') open.reveal(finding);
  }

  dispose(): void {
    for (const open of this.#open.values()) open.dispose();
    this.#owned.dispose();
  }

  #attach(frame: vscode.WebviewPanel, run: Run): OpenPanel {
    frame.iconPath = vscode.Uri.joinPath(this.#host.context.extensionUri, 'media', 'activity.svg');
    const connection = connectPanel(this.#host, frame.webview, run);
    const open: OpenPanel = { frame, ...connection };
    this.#open.set(run, open);
    const frames = this.#frames.get(run) ?? new Set();
    this.#frames.set(run, frames.add(frame));
    frame.onDidDispose(() => {
      connection.dispose();
      frames.delete(frame);
      if (this.#open.get(run) === open) this.#open.delete(run);
    });
    // The event also comes for a panel that loses or keeps the front while another one opens: only coming to it chooses.
    let wasActive = frame.active;
    frame.onDidChangeViewState(() => {
      const comes = frame.active && !wasActive;
      wasActive = frame.active;
      if (comes) this.#runs.select(run);
    });
    return open;
  }

  /** A panel of an earlier window shows its run again; one that does not know which, or whose recording is gone, the latest of its name. */
  #serializer(): vscode.WebviewPanelSerializer {
    return {
      deserializeWebviewPanel: async (frame, state: unknown) => {
        const run =
          this.#remembered(frame.title, state) ??
          this.#runs.all.find((one) => frame.title.endsWith(one.origin.title)) ??
          this.#lastKept(frame.title);
        if (run === undefined) frame.dispose();
        else this.#attach(frame, run);
      },
    };
  }

  #remembered(panelTitle: string, state: unknown): Run | undefined {
    const file = recordingOf(state);
    const known = this.#runs.all.find((one) => one.origin.file === file);
    if (known !== undefined || !existsSync(file)) return known;
    return this.#runs.open(file, titleOf(panelTitle));
  }

  #lastKept(panelTitle: string): Run | undefined {
    const title = titleOf(panelTitle);
    const stem = stemOf(title);
    const file = this.#runs.kept.find((one) => one.endsWith(`-${stem}.interleave`));
    return file === undefined ? undefined : this.#runs.open(file, title);
  }

  #editor(): vscode.CustomReadonlyEditorProvider {
    return {
      openCustomDocument: (uri) => ({ uri, dispose() {} }),
      resolveCustomEditor: (document, frame) => {
        const run = this.#runs.open(document.uri.fsPath);
        this.#attach(frame, run);
      },
    };
  }
}

function titleOf(panelTitle: string): string {
  return panelTitle.replace(TITLE, '');
}

/** What the page has kept of `webviewPage`, '' for anything else. */
function recordingOf(state: unknown): string {
  const { recording } = (state ?? {}) as { readonly recording?: unknown };
  if (typeof recording !== 'string') return '';
  try {
    return decodeURIComponent(recording);
  } catch {
    return '';
  }
}
