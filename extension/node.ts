/** Which Node profiles: the setting, else the one on the PATH. */
import type * as vscode from 'vscode';
import type { Interpreter } from '../record/interpreter.ts';
import { findNode } from '../record/node.ts';
import { RecordingError } from '../record/recordingError.ts';
import { readSettings } from './config.ts';
import type { Log } from './log.ts';

/** There is no Node, or none that fits: the setting is the way out. */
export class NodeError extends RecordingError {}

/** @throws NodeError with what to do when there is no Node, or only one that is too old for the file. */
export async function chosenNode(log: Log, uri: vscode.Uri): Promise<Interpreter> {
  const { nodePath } = readSettings(uri);
  try {
    const found = await findNode(uri.fsPath, nodePath === '' ? {} : { node: nodePath });
    log.info(`Node ${found.version.join('.')} at ${found.path}`);
    return found;
  } catch (failure) {
    if (!(failure instanceof RecordingError)) throw failure;
    throw new NodeError(failure.message, 'Install one, or name it in interleave.nodePath.', {
      cause: failure,
    });
  }
}
