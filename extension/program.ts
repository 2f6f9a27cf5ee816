/** What is to be profiled, as something that can be started, and started again. */
import { basename, dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { readSettings } from './config.ts';
import { chosenInterpreter } from './interpreter.ts';
import type { Log } from './log.ts';

export interface Program {
  readonly title: string;
  /** Executable and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Added to the editor's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that was asked for, when it was a file. */
  readonly file?: string;
}

/** Per-file choices of "Set Arguments, Environment and Working Directory…": they win over the settings. */
export interface RunChoices {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** A test or function inside a file; `undefined` runs the file itself. */
export interface Target {
  readonly kind: 'function' | 'coroutine' | 'test';
  /** `test_transfer`, `TestLedger.test_transfer`, `fetch_all`. */
  readonly name: string;
}

/** Why a Python document cannot be run, with a way out; undefined where it can. */
export function whyNotRun({ uri }: vscode.TextDocument): string | undefined {
  if (uri.scheme === 'vscode-notebook-cell') {
    return 'Cells of a notebook cannot be profiled: put the code into a .py file.';
  }
  if (uri.scheme !== 'file') return 'Save this file on disk first: only then can it be run.';
  if (uri.path.endsWith('.pyi')) return 'A stub only declares: profile the .py file beside it.';
  return undefined;
}

/** @throws RecordingError when no suitable Python is found. */
export async function pythonProgram(
  log: Log,
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  target?: Target,
): Promise<Program> {
  const file = uri.fsPath;
  const settings = readSettings(uri);
  const choices = runChoices(context, file);
  const { path: python } = await chosenInterpreter(log, uri);
  const inside = target === undefined ? [file] : targetArguments(context, file, target);
  const given = choices.arguments ?? settings.arguments;
  const title = target === undefined ? basename(file) : `${basename(file)}: ${target.name}`;
  return {
    title,
    command: [python, ...inside, ...(target === undefined ? given : [])],
    cwd: workingDirectory(uri, choices.workingDirectory ?? settings.workingDirectory),
    env: { ...settings.environment, ...choices.environment },
    file,
  };
}

/** A command line as the user typed it, run by the shell. */
export function shellProgram(line: string): Program {
  const settings = readSettings();
  const shell =
    process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', line] : ['/bin/sh', '-c', line];
  return {
    title: line,
    command: shell,
    cwd: workingDirectory(undefined, settings.workingDirectory),
    env: settings.environment,
  };
}

export function runChoices(context: vscode.ExtensionContext, file: string): RunChoices {
  return context.workspaceState.get<RunChoices>(`choices:${file}`) ?? {};
}

export async function keepRunChoices(
  context: vscode.ExtensionContext,
  file: string,
  choices: RunChoices | undefined,
): Promise<void> {
  await context.workspaceState.update(`choices:${file}`, choices);
}

function targetArguments(
  context: vscode.ExtensionContext,
  file: string,
  target: Target,
): readonly string[] {
  // One small script runs a test by whichever runner the project has, or calls a function that needs no arguments.
  const runner = context.asAbsolutePath(
    join('probe', 'python', 'interleave_probe', 'run_target.py'),
  );
  return [runner, target.kind, file, target.name];
}

function workingDirectory(uri: vscode.Uri | undefined, wanted: string): string {
  const folder =
    uri === undefined
      ? vscode.workspace.workspaceFolders?.[0]
      : vscode.workspace.getWorkspaceFolder(uri);
  const base = folder?.uri.fsPath ?? (uri === undefined ? process.cwd() : dirname(uri.fsPath));
  return wanted === '' ? base : resolve(base, wanted);
}
