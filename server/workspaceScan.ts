// Lints the files of the workspace that are not open: a few at a time, with progress, until it is done or stopped.
import { readFileSync, statSync } from 'node:fs';
import type { Connection } from 'vscode-languageserver/node';
import type { Documents } from './documents.ts';
import { sourceFiles } from './sourceFiles.ts';

/** How long the scan works before it lets the editor's requests through. */
const SLICE_MS = 10;
/** How long it then rests: a request takes several turns of the loop to be read and answered. */
const REST_MS = 2;
/** While somebody types or asks, the scan waits until they paused for so long. */
const QUIET_MS = 150;
const LARGEST_FILE = 2_000_000;

/** Returns a function that stops the scan. */
export function scanWorkspace(
  roots: readonly string[],
  documents: Documents,
  connection: Connection,
): () => void {
  let stopped = false;
  const run = async () => {
    const progress = await connection.window.createWorkDoneProgress();
    progress.begin('Looking for concurrency mistakes', 0, '', true);
    progress.token.onCancellationRequested(() => {
      stopped = true;
    });
    const files: string[] = [];
    for (const root of roots) {
      for (const path of sourceFiles(
        root,
        (each) => documents.reads(each) && !/\.pyi$/.test(each),
      )) {
        files.push(path);
        if (files.length % 200 === 0) await pause();
        if (stopped) break;
      }
    }
    let sliceEnd = performance.now() + SLICE_MS;
    for (const [index, path] of files.entries()) {
      if (stopped) break;
      await lintOne(path, documents);
      if (performance.now() < sliceEnd) continue;
      progress.report(
        Math.round((100 * index) / files.length),
        `${index} of ${files.length} files`,
      );
      await rest(REST_MS);
      while (!stopped && performance.now() - documents.lastAsked < QUIET_MS)
        await rest(QUIET_MS / 3);
      sliceEnd = performance.now() + SLICE_MS;
    }
    progress.done();
  };
  void run().catch((failure: unknown) =>
    connection.console.error(`The scan of the workspace ended early: ${String(failure)}`),
  );
  return () => {
    stopped = true;
  };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function lintOne(path: string, documents: Documents): Promise<void> {
  try {
    if (statSync(path).size <= LARGEST_FILE)
      await documents.lintFile(path, readFileSync(path, 'utf8'));
  } catch {
    // Gone or unreadable meanwhile: nothing to say about it.
  }
}
