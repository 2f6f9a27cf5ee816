/** Opens a line of source where the reader can see it beside the panel. */
import * as vscode from 'vscode';
import { editorPath } from './editorPath.ts';
import { plainMessage } from './plainText.ts';

export async function openSource(file: string, line: number): Promise<void> {
  const position = new vscode.Position(Math.max(0, line - 1), 0);
  const selection = new vscode.Range(position, position);
  try {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(editorPath(file)));
    await vscode.window.showTextDocument(document, { selection, viewColumn: sourceColumn() });
  } catch {
    void vscode.window.showWarningMessage(
      plainMessage(`${file} is not here any more, or was recorded on another machine.`),
    );
  }
}

/** A group that shows no panel, where there is one; else a new one beside. */
function sourceColumn(): vscode.ViewColumn {
  const group = vscode.window.tabGroups.all.find(
    ({ activeTab }) => !(activeTab?.input instanceof vscode.TabInputWebview),
  );
  return group?.viewColumn ?? vscode.ViewColumn.Beside;
}
