// The server process itself, spoken to as an editor does: over stdio, with the protocol's own library.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { EVIDENCE_NOTIFICATION, SOURCE } from '../../wire/service.ts';

const SERVER = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const SLEEPY =
  'import asyncio\nimport time\n\n\nasync def main():\n    time.sleep(1)\n    await asyncio.sleep(1)\n';

let folder: string;
let child: ReturnType<typeof spawn>;
let editor: ProtocolConnection;
const published = new Map<string, Diagnostic[]>();
const waiters: (() => void)[] = [];

before(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-server-')));
  child = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  editor = createProtocolConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  );
  editor.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    published.set(params.uri, params.diagnostics);
    for (const wake of waiters.splice(0)) wake();
  });
  editor.listen();
  const answer = await editor.sendRequest<{ capabilities: { hoverProvider?: boolean } }>(
    'initialize',
    {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'test' }],
      capabilities: {},
      initializationOptions: { docs: 'file:///docs/rules' },
    },
  );
  assert.equal(answer.capabilities.hoverProvider, true);
  await editor.sendNotification('initialized', {});
});

after(async () => {
  await editor.sendRequest('shutdown');
  await editor.sendNotification('exit');
  editor.dispose();
  rmSync(folder, { recursive: true });
});

function uriOf(name: string): string {
  return pathToFileURL(join(folder, name)).href;
}

async function open(name: string, text: string): Promise<string> {
  const uri = uriOf(name);
  writeFileSync(join(folder, name), text);
  await editor.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text },
  });
  return uri;
}

async function saidOf(uri: string, until: (found: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
  for (;;) {
    const found = published.get(uri);
    if (found !== undefined && until(found)) return found;
    await new Promise<void>((resolve) => waiters.push(resolve));
  }
}

it('says what it finds, with a link to the page of the rule', async () => {
  const uri = await open('sleepy.py', SLEEPY);
  const [found] = await saidOf(uri, (each) => each.length > 0);
  assert.equal(found?.code, 'blocking-sleep');
  assert.equal(found?.source, SOURCE);
  assert.equal(SOURCE, 'Interleave', 'one name for lints and findings');
  assert.deepEqual(found?.range.start, { line: 5, character: 4 });
  assert.equal(found?.codeDescription?.href, 'file:///docs/rules/blocking-sleep.md');
});

it('offers the fix, the comment that silences it, and fixing all', async () => {
  const uri = await open('fixable.py', SLEEPY);
  const [found] = await saidOf(uri, (each) => each.length > 0);
  const actions = await editor.sendRequest<
    { title: string; kind: string; edit: { changes: Record<string, { newText: string }[]> } }[]
  >('textDocument/codeAction', {
    textDocument: { uri },
    range: found!.range,
    context: { diagnostics: [found] },
  });
  assert.deepEqual(
    actions.map((each) => each.title),
    [
      'Await asyncio.sleep',
      'Ignore blocking-sleep on this line',
      'Fix all concurrency problems that can be fixed safely',
    ],
  );
  assert.equal(actions[0]?.edit.changes[uri]?.[0]?.newText, 'await asyncio.sleep(1)');
});

it('offers what mends a lint for the finding of a run too', async () => {
  const uri = await open(
    'stuck.py',
    `import threading
a_lock = threading.Lock()
b_lock = threading.Lock()


def forwards():
    with a_lock:
        with b_lock:
            pass


def backwards():
    with b_lock:
        with a_lock:
            pass
`,
  );
  const [lint] = await saidOf(uri, (each) => each.length > 1);
  const range = { start: { line: 7, character: 0 }, end: { line: 7, character: 10_000 } };
  const finding = { range, message: 'Deadlock.', source: SOURCE, code: 'deadlock' };
  const actions = await editor.sendRequest<
    { title: string; diagnostics: { source: string; code: string }[] }[]
  >('textDocument/codeAction', {
    textDocument: { uri },
    range,
    context: { diagnostics: [finding, lint] },
  });
  const swap = actions.filter(({ title }) => title === 'Take b_lock before a_lock');
  assert.deepEqual(
    swap.map(({ diagnostics }) => diagnostics.map(({ code }) => code)),
    [['lock-order-inversion', 'deadlock']],
  );
});

it('follows edits, and takes back what is mended', async () => {
  const uri = await open('edited.py', SLEEPY);
  await saidOf(uri, (each) => each.length === 1);
  const range = { start: { line: 5, character: 4 }, end: { line: 5, character: 14 } };
  await editor.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range, text: 'await asyncio.sleep' }],
  });
  assert.deepEqual(await saidOf(uri, (each) => each.length === 0), []);
});

it('says what the last run saw', async () => {
  const uri = await open('measured.py', SLEEPY);
  await saidOf(uri, (each) => each.length === 1);
  const hover = () =>
    editor.sendRequest<{ contents: { value: string } } | null>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 5, character: 6 },
    });
  assert.match((await hover())?.contents.value ?? '', /Not seen in a run yet/);
  const text = 'Blocked the loop 41 times, p99 310 ms.';
  await editor.sendNotification(EVIDENCE_NOTIFICATION, {
    hasRecording: true,
    files: [{ path: 'measured.py', lines: [{ line: 6, rule: 'loop-blocked', text }] }],
  });
  const [found] = await saidOf(uri, (each) => each[0]?.relatedInformation !== undefined);
  assert.equal(found?.relatedInformation?.[0]?.message, `Last run: ${text}`);
  assert.match((await hover())?.contents.value ?? '', /41 times/);
});

it('says on a lock what the last run saw where the lock was made', async () => {
  const uri = await open(
    'guarded.py',
    'import threading\n\nlock = threading.Lock()\n\n\ndef main():\n    with lock:\n        pass\n',
  );
  const text = 'Waited 3 s, 12 contended.';
  await editor.sendNotification(EVIDENCE_NOTIFICATION, {
    hasRecording: true,
    files: [{ path: 'guarded.py', lines: [{ line: 3, text }] }],
  });
  const hover = await editor.sendRequest<{ contents: { value: string } } | null>(
    'textDocument/hover',
    { textDocument: { uri }, position: { line: 6, character: 10 } },
  );
  assert.match(hover?.contents.value ?? '', /Last run, line 3: Waited 3 s, 12 contended\./);
});

it('knows the other files of the workspace', async () => {
  writeFileSync(join(folder, 'helpers.py'), 'import time\n\n\ndef slow():\n    time.sleep(1)\n');
  const uri = await open(
    'caller.py',
    'from helpers import slow\n\n\nasync def main(x):\n    slow()\n    await x\n',
  );
  const [found] = await saidOf(uri, (each) => each.length > 0);
  assert.equal(found?.code, 'blocking-helper');
  assert.equal(found?.relatedInformation?.[0]?.location.uri, uriOf('helpers.py'));
});

it('hears of files that change outside the editor', async () => {
  const helper = join(folder, 'outside.py');
  writeFileSync(helper, 'import time\n\n\ndef slow():\n    time.sleep(1)\n');
  const uri = await open(
    'uses_outside.py',
    'from outside import slow\n\n\nasync def main(x):\n    slow()\n    await x\n',
  );
  await saidOf(uri, (each) => each.some(({ code }) => code === 'blocking-helper'));
  writeFileSync(helper, 'def slow():\n    return 1\n');
  await editor.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: uriOf('outside.py'), type: 2 }],
  });
  assert.deepEqual(await saidOf(uri, (each) => each.length === 0), []);
});

it('links the rules named in comments', async () => {
  const uri = await open(
    'silenced.py',
    'import time\n\n\nasync def main():\n    time.sleep(1)  # interleave: ignore[blocking-sleep]\n',
  );
  const links = await editor.sendRequest<{ target: string }[]>('textDocument/documentLink', {
    textDocument: { uri },
  });
  assert.deepEqual(
    links.map((each) => each.target),
    ['file:///docs/rules/blocking-sleep.md'],
  );
});

it('reads the cells of a notebook as one program', async () => {
  const cells = [
    'import time\n%matplotlib inline',
    'async def main():\n    time.sleep(1)\n    await x',
  ];
  const notebook = uriOf('notes.ipynb');
  const documents = cells.map((text, index) => ({
    uri: `vscode-notebook-cell:/notes.ipynb#${index}`,
    languageId: 'python',
    version: 1,
    text,
  }));
  await editor.sendNotification('notebookDocument/didOpen', {
    notebookDocument: {
      uri: notebook,
      notebookType: 'jupyter-notebook',
      version: 1,
      cells: documents.map(({ uri }) => ({ kind: 2, document: uri })),
    },
    cellTextDocuments: documents,
  });
  const [found] = await saidOf(documents[1]!.uri, (each) => each.length > 0);
  assert.equal(found?.code, 'blocking-sleep');
  assert.deepEqual(found?.range.start, { line: 1, character: 4 });
});
