/** The extension's one log, shown by "Interleave: Show Log". */
import * as vscode from 'vscode';
import { plainMessage } from './plainText.ts';

export type Log = vscode.LogOutputChannel;

export function createLog(): Log {
  return vscode.window.createOutputChannel('Interleave', { log: true });
}

/** Tells of a failure in a sentence, with the log behind a button. The returned promise need not be awaited. */
export async function showFailure(log: Log, fact: string, advice = ''): Promise<void> {
  log.error(fact, advice);
  const sentence = plainMessage(advice === '' ? fact : `${fact} ${advice}`);
  const chosen = await vscode.window.showErrorMessage(sentence, 'Show Log');
  if (chosen !== undefined) log.show();
}
