/** Starts the language server, which lints Python; it also runs in untrusted workspaces, since it runs nothing of them. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { Log } from './log.ts';

export function startLanguageClient(context: vscode.ExtensionContext, log: Log): Disposable {
  const owned = new Disposables();
  const module = context.asAbsolutePath(join('dist', 'server.js'));
  const client = new LanguageClient(
    'interleave',
    'Interleave',
    { module, transport: TransportKind.ipc },
    {
      documentSelector: [{ language: 'python' }],
      outputChannel: log,
      initializationOptions: { settings: vscode.workspace.getConfiguration('interleave') },
    },
  );
  client
    .start()
    .catch((failure: unknown) =>
      log.error(`The language server did not start: ${String(failure)}`),
    );
  owned.add({ dispose: () => void client.dispose() });
  return owned;
}
