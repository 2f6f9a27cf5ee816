/** What is to be profiled, as something that can be started, and started again. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { isNodeFile } from '../record/node.ts';
import { readSettings } from './config.ts';
import { chosenInterpreter } from './interpreter.ts';
import type { Log } from './log.ts';
import { chosenNode } from './node.ts';

export interface Program {
  readonly title: string;
  /** Executable and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Added to the editor's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that was asked for, when it was a file. */
  readonly file?: string;
  /** What of the file. */
  readonly target?: Target;
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
  /** `test_transfer`, `TestLedger.test_transfer`, `fetch_all`; what a test of node:test is called. */
  readonly name: string;
}

/** What Python and Node run, by the editor's names of languages. */
export const RUNNABLE: readonly string[] = ['python', 'javascript', 'typescript'];

/** Why a document in one of these languages cannot be run, with a way out; undefined where it can. */
export function whyNotRun({ uri, languageId }: vscode.TextDocument): string | undefined {
  if (uri.scheme === 'vscode-notebook-cell') {
    return 'Cells of a notebook cannot be profiled: put the code into a file.';
  }
  if (uri.scheme !== 'file') return 'Save this file on disk first: only then can it be run.';
  if (uri.path.endsWith('.pyi')) return 'A stub only declares: profile the .py file beside it.';
  if (languageId === 'python') return undefined;
  if (/\.d\.[cm]?ts$/.test(uri.path)) return 'This file only declares: there is nothing to run.';
  return isNodeFile(uri.path) ? undefined : 'Node runs .js, .mjs, .cjs and .ts files.';
}

/** @throws RecordingError when no suitable Python or Node is found. */
export function fileProgram(
  log: Log,
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  target?: Target,
): Promise<Program> {
  const make = isNodeFile(uri.path) ? nodeProgram : pythonProgram;
  return make(log, context, uri, target);
}

async function nodeProgram(
  log: Log,
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  target?: Target,
): Promise<Program> {
  const file = uri.fsPath;
  const { path: node } = await chosenNode(log, uri);
  // The runner of node:test lives in the file's own process, and takes what is called so wherever it stands.
  const only = target === undefined ? [] : [`--test-name-pattern=${literally(target.name)}$`];
  return programOf(context, uri, target, [node, ...only, file]);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

async function pythonProgram(
  log: Log,
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  target?: Target,
): Promise<Program> {
  const file = uri.fsPath;
  const { path: python } = await chosenInterpreter(log, uri);
  const inside =
    target !== undefined
      ? [runner(context), target.kind, file, target.name]
      : isOnlyTests(file)
        ? [runner(context), 'tests', file]
        : [file];
  return programOf(context, uri, target, [python, ...inside]);
}

/** As the settings and the choices for this file have it; arguments are the file's, not a test's. */
function programOf(
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  target: Target | undefined,
  command: readonly string[],
): Program {
  const file = uri.fsPath;
  const settings = readSettings(uri);
  const choices = runChoices(context, file);
  const given = choices.arguments ?? settings.arguments;
  const title = target === undefined ? basename(file) : `${basename(file)}: ${target.name}`;
  return {
    title,
    command: [...command, ...(target === undefined ? given : [])],
    cwd: workingDirectory(uri, choices.workingDirectory ?? settings.workingDirectory),
    env: { ...settings.environment, ...choices.environment },
    file,
    ...(target && { target }),
  };
}

/** The same program as it would be started now: settings and choices may have changed since. */
export async function programAgain(
  log: Log,
  context: vscode.ExtensionContext,
  program: Program,
): Promise<Program> {
  const { file, target, title } = program;
  if (file === undefined) return shellProgram(title);
  // An earlier version did not note down which function or test of the file it was.
  if (target === undefined && title !== basename(file)) return program;
  return fileProgram(log, context, vscode.Uri.file(file), target);
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

/** One small script runs tests by whichever runner the project has, or calls a function that needs no arguments. */
function runner(context: vscode.ExtensionContext): string {
  return context.asAbsolutePath(join('probe', 'python', 'interleave_probe', 'run_target.py'));
}

/** Run as a program it would only define its tests, and nothing would be found in that. */
function isOnlyTests(file: string): boolean {
  if (!/^test_.*\.py$|_test\.py$/.test(basename(file))) return false;
  try {
    return !/__name__\s*==\s*['"]__main__['"]/.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

function workingDirectory(uri: vscode.Uri | undefined, wanted: string): string {
  const folder =
    uri === undefined
      ? vscode.workspace.workspaceFolders?.[0]
      : vscode.workspace.getWorkspaceFolder(uri);
  const base = folder?.uri.fsPath ?? (uri === undefined ? process.cwd() : dirname(uri.fsPath));
  return wanted === '' ? base : resolve(base, wanted);
}
