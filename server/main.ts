// The language server process: hands texts from the editor to the service and its answers back. All thinking is elsewhere.
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  createConnection,
  NotebookDocuments,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  EVIDENCE_NOTIFICATION,
  type EvidenceMessage,
  type ServerOptions,
} from '../wire/service.ts';
import { Documents } from './documents.ts';
import { Evidence } from './evidence.ts';
import { grammarFolder } from './grammarFolder.ts';
import { nodeWorkspace } from './nodeWorkspace.ts';
import { createLanguageService } from './service.ts';
import { readSettings } from './settings.ts';
import { scanWorkspace } from './workspaceScan.ts';

const connection = createConnection(ProposedFeatures.all);
const texts = new TextDocuments(TextDocument);
const notebooks = new NotebookDocuments(texts);
const evidence = new Evidence();

let documents: Documents | undefined;
let roots: string[] = [];
let canWatchSettings = false;
let stopScan = () => {};

connection.onInitialize(async (params) => {
  const options: ServerOptions = params.initializationOptions ?? {};
  roots = (params.workspaceFolders ?? []).map((folder) => toPath(folder.uri));
  canWatchSettings = params.capabilities.workspace?.configuration === true;
  const workspace = nodeWorkspace(roots, (path) => texts.get(toUri(path))?.getText());
  const service = await createLanguageService(workspace, grammarFolder(import.meta.url));
  const docs = (options.docs ?? docsBesideUs())?.replace(/\/$/, '');
  documents = new Documents({
    connection,
    service,
    texts,
    notebooks,
    evidence,
    docs,
    toPath,
    toUri,
  });
  documents.configure(readSettings(lintOf(options.settings)));
  return {
    serverInfo: { name: 'interleave' },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      notebookDocumentSync: {
        notebookSelector: [{ notebook: '*', cells: [{ language: 'python' }] }],
      },
      hoverProvider: true,
      documentLinkProvider: { resolveProvider: false },
      codeActionProvider: {
        codeActionKinds: [CodeActionKind.QuickFix, `${CodeActionKind.SourceFixAll}.interleave`],
      },
    },
  };
});

connection.onInitialized(() => void refreshSettings());
connection.onDidChangeConfiguration((change) => {
  if (canWatchSettings) void refreshSettings();
  else
    documents?.configure(
      readSettings(lintOf((change.settings as { interleave?: unknown } | null)?.interleave)),
    );
});
connection.onNotification(EVIDENCE_NOTIFICATION, (message: EvidenceMessage) => {
  evidence.set(message);
  documents?.publishAgain();
});
connection.onDidChangeWatchedFiles(({ changes }) =>
  documents?.changedOnDisk(changes.map((change) => toPath(change.uri))),
);

texts.onDidChangeContent(({ document }) => documents?.changed(document.uri));
texts.onDidClose(({ document }) => documents?.closed(document.uri));
notebooks.onDidOpen((notebook) => documents?.notebookChanged(notebook.uri));
notebooks.onDidChange(({ notebookDocument }) => documents?.notebookChanged(notebookDocument.uri));
notebooks.onDidClose((notebook) => documents?.notebookClosed(notebook));

connection.onCodeAction((params) => documents?.codeActions(params) ?? []);
connection.onHover((params) => documents?.hover(params) ?? null);
connection.onDocumentLinks((params) => documents?.links(params.textDocument.uri) ?? []);

notebooks.listen(connection);
texts.listen(connection);
connection.listen();

async function refreshSettings(): Promise<void> {
  if (documents === undefined || !canWatchSettings) return;
  const given: unknown = await connection.workspace
    .getConfiguration('interleave.lint')
    .catch(() => undefined);
  documents.configure(readSettings(given));
  stopScan();
  if ((given as { workspace?: unknown } | null)?.workspace === true)
    stopScan = scanWorkspace(roots, documents, connection);
}

/** Settings come as the whole `interleave` section when the server is started, and as its `lint` part later. */
function lintOf(settings: unknown): unknown {
  return typeof settings === 'object' && settings !== null && 'lint' in settings
    ? settings.lint
    : undefined;
}

function docsBesideUs(): string | undefined {
  const folder = new URL('../docs/rules', import.meta.url);
  return folder.protocol === 'file:' && existsSync(folder) ? folder.href : undefined;
}

/** A path with `/` for files, and the URI itself for what is on no disk. */
function toPath(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri).replaceAll('\\', '/') : uri;
}

function toUri(path: string): string {
  return /^[a-z][\w+.-]+:\/?/i.test(path) && !/^[a-z]:\//i.test(path)
    ? path
    : pathToFileURL(path).href;
}
