/** Which Python profiles: the setting, the Python extension's choice, the project's own virtual environment, else the PATH. */
import * as vscode from 'vscode';
import { environmentIn, findInterpreter, type Interpreter } from '../record/interpreter.ts';
import { readyProbe } from '../record/readyProbe.ts';
import { RecordingError } from '../record/recordingError.ts';
import { readSettings } from './config.ts';
import type { Log } from './log.ts';

/** What we use of the Python extension's public interface; every part may be missing in other versions. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath?(resource?: vscode.Uri): { readonly path?: string };
    resolveEnvironment?(
      environment: unknown,
    ): Promise<{ readonly executable?: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** There is no Python, or none that fits: choosing another one is the way out. */
export class InterpreterError extends RecordingError {}

/** @throws InterpreterError with what to do when there is no Python, or only one that is too old. */
export async function chosenInterpreter(
  log: Log,
  scope: vscode.Uri | undefined,
): Promise<Interpreter> {
  const { pythonPath } = readSettings(scope);
  const python =
    pythonPath === ''
      ? ((await fromPythonExtension(log, scope)) ?? fromProject(scope))
      : pythonPath;
  try {
    const found = await findInterpreter({ python });
    await readyProbe(found);
    log.info(`Python ${found.version.join('.')} at ${found.path}`);
    return found;
  } catch (failure) {
    if (!(failure instanceof RecordingError)) throw failure;
    throw new InterpreterError(failure.message, 'Choose another Python, or install one.', {
      cause: failure,
    });
  }
}

async function fromPythonExtension(
  log: Log,
  scope: vscode.Uri | undefined,
): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>('ms-python.python');
  if (extension === undefined) return undefined;
  try {
    const { environments } = await extension.activate();
    const active = environments?.getActiveEnvironmentPath?.(scope);
    const resolved = await environments?.resolveEnvironment?.(active);
    return resolved?.executable?.uri?.fsPath;
  } catch (failure) {
    // Its interface is not ours to rely on: the PATH is still there.
    log.warn(`The Python extension did not name an interpreter: ${String(failure)}`);
    return undefined;
  }
}

function fromProject(scope: vscode.Uri | undefined): string | undefined {
  const folder =
    scope === undefined
      ? vscode.workspace.workspaceFolders?.[0]
      : vscode.workspace.getWorkspaceFolder(scope);
  return folder === undefined ? undefined : environmentIn(folder.uri.fsPath);
}

/** Lets the user pick an executable and keeps it in the workspace's settings (the user's, without a workspace). */
export async function chooseInterpreter(): Promise<boolean> {
  const picked = await vscode.window.showOpenDialog({
    title: 'Python to profile with',
    openLabel: 'Use This Python',
    canSelectMany: false,
  });
  const path = picked?.[0]?.fsPath;
  if (path === undefined) return false;
  const target =
    vscode.workspace.workspaceFolders === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration('interleave').update('pythonPath', path, target);
  return true;
}
