/** The settings of `interleave.*`, read where they are used: never kept, so a change counts at once. */
import * as vscode from 'vscode';

export interface Settings {
  readonly pythonPath: string;
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
    arguments: read('arguments', []),
    environment: read('environment', {}),
    workingDirectory: expand(read('workingDirectory', ''), scope),
    detail: read('detail', 'default'),
    budgetMiB: read('budgetMiB', 256),
    keepRuns: read('keepRuns', 10),
    stopOnDeadlock: read('stopOnDeadlock', false),
    codeLens: read('codeLens', true),
    problems: read('problems', true),
  };
}

const WORKSPACE_FOLDER = '$' + '{workspaceFolder}';
const USER_HOME = '$' + '{userHome}';

/** The two variables people use in paths of settings; anything else is left as it is. */
function expand(text: string, scope?: vscode.Uri): string {
  const folder =
    (scope && vscode.workspace.getWorkspaceFolder(scope)) ?? vscode.workspace.workspaceFolders?.[0];
  return text
    .replaceAll(WORKSPACE_FOLDER, folder?.uri.fsPath ?? '')
    .replaceAll(USER_HOME, process.env.HOME ?? process.env.USERPROFILE ?? '');
}
