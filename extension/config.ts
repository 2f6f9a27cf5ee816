/** The settings of `interleave.*`, read where they are used: never kept, so a change counts at once. */
import * as vscode from 'vscode';
import { splitArguments } from './commandLine.ts';

export interface Settings {
  readonly pythonPath: string;
  readonly nodePath: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly detail: 'default' | 'full';
  readonly budgetMiB: number;
  readonly keepRuns: number;
  readonly stopOnDeadlock: boolean;
  readonly codeLens: boolean;
  readonly problems: boolean;
}

export function readSettings(scope?: vscode.Uri): Settings {
  const section = vscode.workspace.getConfiguration('interleave', scope ?? null);
  const read = <K extends keyof Settings>(key: K, otherwise: Settings[K]): Settings[K] =>
    section.get<Settings[K]>(key) ?? otherwise;
  return {
    pythonPath: expand(read('pythonPath', ''), scope),
    nodePath: expand(read('nodePath', ''), scope),
    arguments: wordsOf(read('arguments', [])).map((word) => expand(word, scope)),
    environment: textsOf(read('environment', {}), (value) => expand(value, scope)),
    workingDirectory: expand(read('workingDirectory', ''), scope),
    detail: read('detail', 'default'),
    budgetMiB: read('budgetMiB', 256),
    keepRuns: read('keepRuns', 10),
    stopOnDeadlock: read('stopOnDeadlock', false),
    codeLens: read('codeLens', true),
    problems: read('problems', true),
  };
}

/** The editor only underlines what is of another type than it should be: a line of arguments is what was meant by a text. */
function wordsOf(given: unknown): readonly string[] {
  if (typeof given === 'string') return splitArguments(given);
  return Array.isArray(given) ? given.map(String) : [];
}

/** Numbers and truth values are written without quotes by many. */
function textsOf(given: unknown, expanded: (value: string) => string): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  const pairs = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(pairs.map(([name, value]) => [name, expanded(String(value))]));
}

/** The variables that people use in settings; anything else is left as it is. */
function expand(text: string, scope?: vscode.Uri): string {
  const folder =
    (scope && vscode.workspace.getWorkspaceFolder(scope)) ?? vscode.workspace.workspaceFolders?.[0];
  const home = process.env.HOME ?? process.env.USERPROFILE ?? '';
  return text
    .replace(/^~(?=[\\/])/, home)
    .replace(/\$\{(?:(workspaceFolder)|(userHome)|env:(\w+))\}/g, (_all, workspace, user, name) =>
      workspace ? (folder?.uri.fsPath ?? '') : user ? home : (process.env[name] ?? ''),
    );
}
