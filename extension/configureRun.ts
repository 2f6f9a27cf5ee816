/** "Set Arguments, Environment and Working Directory…": choices for one file, kept in the workspace. */
import * as vscode from 'vscode';
import { quote, splitArguments } from './commandLine.ts';
import { readSettings } from './config.ts';
import { keepRunChoices, type RunChoices, runChoices } from './program.ts';

export async function configureRun(
  context: vscode.ExtensionContext,
  uri: vscode.Uri,
): Promise<void> {
  const file = uri.fsPath;
  for (;;) {
    const choices = runChoices(context, file);
    const picked = await vscode.window.showQuickPick(items(choices, uri), {
      title: `How to run ${vscode.workspace.asRelativePath(uri)}`,
      placeHolder: 'Choose what to change; Escape when done',
    });
    if (picked === undefined) return;
    const changed = await picked.change(choices);
    if (changed !== undefined) await keepRunChoices(context, file, changed);
  }
}

interface Item extends vscode.QuickPickItem {
  /** The new choices, or undefined when the user gave up. */
  change(choices: RunChoices): Promise<RunChoices | undefined>;
}

function items(choices: RunChoices, uri: vscode.Uri): Item[] {
  const settings = readSettings(uri);
  const args = choices.arguments ?? settings.arguments;
  const env = choices.environment ?? {};
  return [
    {
      label: 'Arguments',
      description: args.map(quote).join(' ') || 'none',
      async change(current) {
        const line = await ask('Arguments, as on a command line', args.map(quote).join(' '));
        return line === undefined ? undefined : { ...current, arguments: splitArguments(line) };
      },
    },
    {
      label: 'Environment',
      description:
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ') || 'none added',
      async change(current) {
        const shown = Object.entries(env)
          .map(([name, value]) => quote(`${name}=${value}`))
          .join(' ');
        const line = await ask('Variables to add, as NAME=VALUE', shown);
        return line === undefined ? undefined : { ...current, environment: parseEnvironment(line) };
      },
    },
    {
      label: 'Working directory',
      description:
        choices.workingDirectory ?? (settings.workingDirectory || 'the workspace folder'),
      async change(current) {
        const picked = await vscode.window.showOpenDialog({
          title: 'Working directory',
          openLabel: 'Run Here',
          canSelectFiles: false,
          canSelectFolders: true,
        });
        const path = picked?.[0]?.fsPath;
        return path === undefined ? undefined : { ...current, workingDirectory: path };
      },
    },
    {
      label: 'Forget these choices',
      description: 'use the settings',
      change: async () => ({}),
    },
  ];
}

function ask(prompt: string, value: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({ prompt, value });
}

function parseEnvironment(line: string): Record<string, string> {
  const pairs = splitArguments(line).flatMap((part) => {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  return Object.fromEntries(pairs);
}
