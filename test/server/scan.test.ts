// The scan of a whole workspace: it shows its progress, ends when told to, lets requests through, and takes back what no longer holds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

const SERVER = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const FILES = 600;

let folder: string;
let editor: ProtocolConnection | undefined;

before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-scan-')));
  mkdirSync(join(folder, 'package'));
  for (let index = 0; index < FILES; index++) {
    const plain = Array.from(
      { length: 40 },
      (_, at) => `def f${at}(a, b):\n    return [a, b, ${at}]\n\n\n`,
    );
    writeFileSync(
      join(folder, 'package', `m${index}.py`),
      `import asyncio\nimport time\n\n\n${plain.join('')}async def main(x):\n    time.sleep(1)\n    await x\n`,
    );
  }
});

after(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  await editor?.sendRequest('shutdown');
  await editor?.sendNotification('exit');
  editor?.dispose();
});

interface Scan {
  readonly published: Map<string, number>;
  readonly percentages: number[];
  cancel(): void;
  ended: Promise<void>;
}

async function start(onReport: (scan: Scan) => void): Promise<Scan> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  editor = connection;
  let end = () => {};
  let token: unknown;
  const scan: Scan = {
    published: new Map(),
    percentages: [],
    cancel: () => void connection.sendNotification('window/workDoneProgress/cancel', { token }),
    ended: new Promise((resolve) => {
      end = resolve;
    }),
  };
  connection.onNotification(
    'textDocument/publishDiagnostics',
    (params: PublishDiagnosticsParams) => {
      scan.published.set(params.uri, params.diagnostics.length);
    },
  );
  connection.onRequest('workspace/configuration', () => [{ workspace: true }]);
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', (params: { token: unknown }) => {
    token = params.token;
    return null;
  });
  connection.onNotification(
    '$/progress',
    ({ value }: { value: { kind: string; percentage?: number } }) => {
      if (value.kind === 'end') end();
      if (value.kind !== 'report') return;
      scan.percentages.push(value.percentage ?? 0);
      onReport(scan);
    },
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'scan' }],
    capabilities: { workspace: { configuration: true }, window: { workDoneProgress: true } },
  });
  await connection.sendNotification('initialized', {});
  return scan;
}

it('lints every file and says how far it is', async () => {
  const scan = await start(() => {});
  await scan.ended;
  assert.equal(scan.published.size, FILES);
  assert.ok([...scan.published.values()].every((count) => count === 1));
  assert.ok(scan.percentages.length > 1);
  assert.deepEqual(
    scan.percentages,
    [...scan.percentages].sort((a, b) => a - b),
  );
});

it('ends when it is cancelled', async () => {
  const scan = await start((each) => each.cancel());
  await scan.ended;
  assert.ok(scan.published.size < FILES);
});

it('answers what is asked meanwhile', async () => {
  const file = join(folder, 'package', 'm3.py');
  const uri = pathToFileURL(file).href;
  let asked = false;
  let answeredAt = -1;
  const scan = await start((each) => {
    if (asked) return;
    asked = true;
    void editor!
      .sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'python', version: 1, text: readFileSync(file, 'utf8') },
      })
      .then(() =>
        editor!.sendRequest('textDocument/hover', {
          textDocument: { uri },
          position: { line: 165, character: 6 },
        }),
      )
      .then(() => {
        answeredAt = each.published.size;
        each.cancel();
      });
  });
  await scan.ended;
  assert.ok(answeredAt >= 0 && answeredAt < FILES);
});
