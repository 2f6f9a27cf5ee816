/** Starts the language server, which lints Python and JavaScript; it also runs in untrusted workspaces, since it runs nothing of them. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { EVIDENCE_NOTIFICATION, type ServerOptions } from '../wire/service.ts';
import type { Edits } from './edits.ts';
import { evidenceOf } from './evidence.ts';
import type { Log } from './log.ts';
import type { Runs } from './runs.ts';

const LANGUAGES = ['python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact'];

const SOURCES = '**/*.{py,pyi,pyw,js,mjs,cjs,jsx,ts,mts,cts,tsx}';

export function startLanguageClient(
  context: vscode.ExtensionContext,
  log: Log,
  runs: Runs,
  edits: Edits,
): Disposable {
  const owned = new Disposables();
  const module = context.asAbsolutePath(join('dist', 'server.js'));
  const options: ServerOptions = {
    docs: vscode.Uri.joinPath(context.extensionUri, 'docs', 'rules').toString(),
    settings: vscode.workspace.getConfiguration('interleave').get('lint'),
  };
  // What changes outside the editor (a checkout, a generator, a formatter) changes what open files import.
  const files = owned.add(vscode.workspace.createFileSystemWatcher(SOURCES));
  const client = new LanguageClient(
    'interleave',
    'Interleave',
    { module, transport: TransportKind.ipc },
    {
      documentSelector: LANGUAGES.map((language) => ({ language })),
      synchronize: { configurationSection: 'interleave', fileEvents: files },
      outputChannel: log,
      initializationOptions: options,
    },
  );
  let sent = '';
  const sendEvidence = (): void => {
    const evidence = evidenceOf(runs.selected, edits);
    const text = JSON.stringify(evidence);
    // A live run says the same twenty times a second.
    if (text === sent || !client.isRunning()) return;
    sent = text;
    void client.sendNotification(EVIDENCE_NOTIFICATION, evidence);
  };
  client.start().then(
    () => {
      owned.add(runs.changes(sendEvidence));
      owned.add(edits.changes(sendEvidence));
    },
    (failure: unknown) => log.error(`The language server did not start: ${String(failure)}`),
  );
  owned.add({ dispose: () => void client.dispose() });
  return owned;
}
