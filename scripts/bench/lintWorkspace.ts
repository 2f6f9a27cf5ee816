/**
 * The language server on a workspace of 10 000 files: how long an opened file waits for its diagnostics while all others are
 * scanned, how much memory that takes, and how soon a scan ends that is cancelled.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { ROOT } from '../project.ts';

const FILES = 10_000;
const OPENED = 20;
/** The scan is at work this long before the first file is opened, and between two. */
const BETWEEN_MS = 300;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface WorkspaceNumbers {
  /** From `didOpen` to its diagnostics, in ms, in the order the files were opened. */
  readonly opened: readonly number[];
  readonly scanSeconds: number;
  readonly cancelMs: number;
  /** Largest resident memory of the server in MB; undefined where the system does not say. */
  readonly peakMegabytes: number | undefined;
}

/** Spreads copies of the files over 10 000, scans them once to the end and once until cancelled. */
export async function scanOfManyFiles(files: readonly SourceFile[]): Promise<WorkspaceNumbers> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-bench-')));
  try {
    for (let index = 0; index < FILES; index++) {
      const { text } = files[index % files.length]!;
      const place = join(folder, `part${Math.floor(index / files.length)}`);
      if (index % files.length === 0) mkdirSync(place);
      writeFileSync(join(place, `m${index % files.length}.py`), text);
    }
    const spoken = files.flatMap((file, index) => (/^async def/m.test(file.text) ? [index] : []));
    const whole = await scan(folder, spoken.slice(0, OPENED));
    const cut = await scan(folder, []);
    return { ...whole, cancelMs: cut.cancelMs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** With files to open the scan goes on to its end; with none it is cancelled at its first report. */
async function scan(folder: string, open: readonly number[]): Promise<WorkspaceNumbers> {
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const editor = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const waiting = new Map<string, () => void>();
  let token: unknown;
  let begun = () => {};
  let ended = () => {};
  const start = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  editor.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    waiting.get(params.uri)?.();
  });
  editor.onRequest('workspace/configuration', () => [{ workspace: true }]);
  editor.onRequest('client/registerCapability', () => null);
  editor.onRequest('window/workDoneProgress/create', (params: { token: unknown }) => {
    token = params.token;
    return null;
  });
  editor.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
    if (value.kind === 'report') begun();
    if (value.kind === 'end') ended();
  });
  editor.listen();
  await editor.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'bench' }],
    capabilities: { workspace: { configuration: true }, window: { workDoneProgress: true } },
  });
  await editor.sendNotification('initialized', {});
  const began = performance.now();
  await start;
  const opened: number[] = [];
  for (const index of open) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    const file = join(folder, 'part5', `m${index}.py`);
    const uri = pathToFileURL(file).href;
    const text = `${readFileSync(file, 'utf8')}\n`;
    const before = performance.now();
    const said = new Promise<void>((resolve) => waiting.set(uri, resolve));
    const textDocument = { uri, languageId: 'python', version: 1, text };
    await editor.sendNotification('textDocument/didOpen', { textDocument });
    await said;
    opened.push(performance.now() - before);
  }
  const asked = performance.now();
  if (open.length === 0) await editor.sendNotification('window/workDoneProgress/cancel', { token });
  await end;
  const numbers = {
    opened,
    scanSeconds: (performance.now() - began) / 1000,
    cancelMs: performance.now() - asked,
    peakMegabytes: peakOf(child.pid!),
  };
  await editor.sendRequest('shutdown');
  await editor.sendNotification('exit');
  editor.dispose();
  return numbers;
}

function peakOf(pid: number): number | undefined {
  try {
    const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return peak === null ? undefined : Number(peak[1]) / 1024;
  } catch {
    return undefined;
  }
}
