/** The path of a recorded file as the editor writes it: on Windows its drive letter is small there, while Python has it large. */
import * as vscode from 'vscode';

export function editorPath(file: string): string {
  return vscode.Uri.file(file).fsPath;
}
