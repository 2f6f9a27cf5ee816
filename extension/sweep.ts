/** "Sweep a Parameter…": asks which one, runs the program at each level with its progress shown, and opens the page of the result. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type Log, showFailure } from './log.ts';
import { plainMessage } from './plainText.ts';
import { fileProgram, type Program } from './program.ts';
import { stemOf } from './recordingFiles.ts';
import {
  likelyParameter,
  readsParameter,
  runsOf,
  sweepProcess,
  whyNoParameter,
} from './sweepProcess.ts';

const REPEATS = 3;
let isRunning = false;

/** @returns the page, undefined when there is none. */
export async function sweep(
  log: Log,
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
  given?: string,
): Promise<vscode.Uri | undefined> {
  if (isRunning) {
    // Each would measure what the other one takes away.
    void vscode.window.showInformationMessage('A sweep is under way: wait for it, or cancel it.');
    return undefined;
  }
  const program = await fileProgram(log, context, uri);
  const parameter = given ?? (await askParameter(context, program, uri));
  if (parameter === undefined) return undefined;
  isRunning = true;
  try {
    return await sweepAndShow(log, context, program, parameter);
  } finally {
    isRunning = false;
  }
}

async function sweepAndShow(
  log: Log,
  context: vscode.ExtensionContext,
  program: Program,
  parameter: string,
): Promise<vscode.Uri | undefined> {
  const request = {
    script: context.asAbsolutePath(join('dist', 'cli.js')),
    program,
    parameter,
    repeats: REPEATS,
  };
  const increment = 100 / runsOf(request);
  const { page, words } = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: plainMessage(`Sweep in ${program.title}`),
      cancellable: true,
    },
    (progress, token) => {
      let begun = 0;
      return sweepProcess(
        request,
        // A run that begins is one more that has ended.
        (message) => progress.report({ message, increment: begun++ === 0 ? 0 : increment }),
        (cancel) => {
          token.onCancellationRequested(cancel);
          // A window that is closed takes its sweep with it.
          context.subscriptions.push({ dispose: cancel });
        },
      );
    },
  );
  if (words !== '') log.warn(`Sweep of ${parameter} in ${program.title}: ${words}`);
  if (!page.includes('\n| ')) {
    const said = words.split('\n')[0] ?? '';
    await showFailure(log, `Nothing was measured in ${program.title}.`, said);
    return undefined;
  }
  const folder = join((context.storageUri ?? context.globalStorageUri).fsPath, 'sweeps');
  mkdirSync(folder, { recursive: true });
  const file = vscode.Uri.file(join(folder, `Sweep of ${stemOf(program.title)}.md`));
  writeFileSync(file.fsPath, page);
  await vscode.commands.executeCommand('markdown.showPreview', file);
  return file;
}

async function askParameter(
  context: vscode.ExtensionContext,
  { command, title, file = '' }: Program,
  uri: vscode.Uri,
): Promise<string | undefined> {
  const source = readFileSync(file, 'utf8');
  const key = `sweep:${uri.fsPath}`;
  const asked = await vscode.window.showInputBox({
    title: `Sweep a Parameter of ${title}`,
    prompt: `Each level is run ${REPEATS} times. The program gets it as an environment variable, and where {NAME} stands in its arguments`,
    placeHolder: 'WORKERS=1,2,4,8',
    value: context.workspaceState.get<string>(key) ?? likelyParameter(source),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const wrong = whyNoParameter(text.trim());
      if (wrong !== undefined) return wrong;
      if (readsParameter(text.trim(), source, command)) return undefined;
      const name = text.slice(0, text.indexOf('=')).trim();
      return {
        message: `${title} does not name ${name}: unless something that it imports reads it, all levels will be alike.`,
        severity: vscode.InputBoxValidationSeverity.Warning,
      };
    },
  });
  const parameter = asked?.trim();
  if (parameter !== undefined) await context.workspaceState.update(key, parameter);
  return parameter;
}
