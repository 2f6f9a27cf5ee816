/** Where the editor has a recorded file: on Windows with a small drive letter; of another machine, its copy in the workspace. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** A live run asks for the same few files twenty times a second. */
const FRESH_MS = 5000;
const found = new Map<string, { readonly path: string; readonly at: number }>();

export function editorPath(file: string): string {
  const now = Date.now();
  const before = found.get(file);
  if (before !== undefined && now - before.at < FRESH_MS) return before.path;
  const own = vscode.Uri.file(file).fsPath;
  const path = isOnNetwork(file) || existsSync(own) ? own : (copyOf(file) ?? own);
  found.set(file, { path, at: now });
  return path;
}

/** A recording can come from anyone: on Windows a mere look at such a path tells its server who looks. */
export function isOnNetwork(file: string): boolean {
  return /^[\\/]{2}/.test(file);
}

/** Whether the file lies where it was when it was recorded. */
export function isInPlace(file: string): boolean {
  return editorPath(file) === vscode.Uri.file(file).fsPath;
}

/** What stands in a workspace folder at the end of the same path: the longest end that is there. */
function copyOf(file: string): string | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const parts = file.split(/[\\/]+/).filter((part) => part !== '' && part !== '..');
  for (let first = 0; first < parts.length; first++) {
    for (const { uri } of folders) {
      const path = join(uri.fsPath, ...parts.slice(first));
      if (uri.scheme === 'file' && existsSync(path)) return vscode.Uri.file(path).fsPath;
    }
  }
  return undefined;
}
