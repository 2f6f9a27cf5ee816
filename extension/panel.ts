/** The panel's frame in the editor: a webview that shows one run. It passes messages on and opens what is clicked. */
import * as vscode from 'vscode';
import { assertNever } from '../base/assert.ts';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { FromPanel, PanelCommand, ToPanel } from '../wire/panel.ts';
import type { Run } from './run.ts';
import { webviewPage } from './webviewPage.ts';

export interface PanelHost {
  readonly context: vscode.ExtensionContext;
  command(command: PanelCommand, run: Run): void;
  openRule(rule: string): void;
  /** A line as it was when that run was made. */
  openSource(run: Run, place: { readonly file: string; readonly line: number }): void;
}

/** Connects a webview with a run for as long as both live. */
export function connectPanel(
  host: PanelHost,
  webview: vscode.Webview,
  run: Run,
): Disposable & {
  reveal(finding: string): void;
} {
  const owned = new Disposables();
  const panel = run.openPanel();
  let revealing = '';
  webview.options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(host.context.extensionUri, 'dist')],
  };
  owned.add(
    run.messages((message) => {
      if (message.type === 'panel' && message.panel === panel)
        void webview.postMessage(message.message);
      else if (message.type === 'failed') void webview.postMessage(failedRun(run));
    }),
  );
  owned.add(
    webview.onDidReceiveMessage((message: FromPanel) => {
      switch (message.type) {
        case 'ready':
          if (run.state === 'failed') void webview.postMessage(failedRun(run));
          else run.post({ type: 'panel', panel, message });
          if (revealing !== '') run.post({ type: 'reveal', panel, finding: revealing });
          return;
        case 'view':
        case 'table':
        case 'select':
          run.post({ type: 'panel', panel, message });
          return;
        case 'openSource':
          host.openSource(run, message);
          return;
        case 'openRule':
          host.openRule(message.rule);
          return;
        case 'copy':
          void vscode.env.clipboard.writeText(message.text);
          return;
        case 'command':
          host.command(message.command, run);
          return;
        default:
          assertNever(message);
      }
    }),
  );
  owned.add({ dispose: () => run.post({ type: 'panelClosed', panel }) });
  const load = (): void => {
    webview.html = webviewPage(host.context, webview, 'webview', run.origin.file);
  };
  owned.add(run.rereads(load));
  load();
  return {
    reveal(finding) {
      revealing = finding;
      run.post({ type: 'reveal', panel, finding });
    },
    dispose: () => owned.dispose(),
  };
}

function failedRun(run: Run): ToPanel {
  return {
    type: 'run',
    run: {
      state: 'failed',
      title: run.origin.title,
      command: run.origin.program?.command ?? [],
      pid: 0,
      processes: 0,
      elapsedNs: 0,
      startedAt: run.origin.startedAt,
      records: 0,
      dropped: 0,
      overheadNs: 0,
      overheadShare: 0,
      message: run.trouble,
      endedBadly: false,
      can:
        run.origin.program === undefined ? ['openRecording', 'showLog'] : ['runAgain', 'showLog'],
      cores: 1,
      runtimes: [],
      blind: [],
    },
  };
}
