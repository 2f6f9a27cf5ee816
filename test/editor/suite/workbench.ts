/** What the suites share: the extension under test, programs to run, waiting for what must become true. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Run } from '../../../extension/run.ts';
import type { Runs } from '../../../extension/runs.ts';

export interface Api {
  readonly runs: Runs;
}

export async function extensionApi(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>('interleave.interleave');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}

/** Writes a program into the workspace and shows it. */
export async function openProgram(name: string, text: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the suite has a workspace');
  const file = join(folder.uri.fsPath, name);
  writeFileSync(file, text);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Polls until `look` gives something; fails with `what` after the patience has run out. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false,
  patienceMs = 40_000,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function untilEnded(run: Run): Promise<Run> {
  return until(`${run.origin.title} ends`, () => (run.state === 'running' ? undefined : run));
}

/** Two threads that take two locks in opposite order and stay so. */
export const DEADLOCK = `import threading

first_lock = threading.Lock()
second_lock = threading.Lock()
both_hold = threading.Barrier(2)


def forwards():
    with first_lock:
        both_hold.wait()
        with second_lock:
            pass


def backwards():
    with second_lock:
        both_hold.wait()
        with first_lock:
            pass


def main():
    threads = [threading.Thread(target=work, name=work.__name__) for work in (forwards, backwards)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
`;

export const QUICK = `import threading


def main():
    thread = threading.Thread(target=print, args=("hello from a thread",))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
`;

/** A Node program whose timer computes for half a second while another one is due. */
export const BLOCKED_NODE = `const pulse = setInterval(() => undefined, 20);

function compute() {
  const end = Date.now() + 500;
  let sum = 0;
  while (Date.now() < end) sum = (sum + 1) % 1024;
  return sum;
}

setTimeout(compute, 300);
setTimeout(() => clearInterval(pulse), 1200);
`;
