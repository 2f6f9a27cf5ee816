/** A finished run as a file of another tool: which tool, where to, and how far it is. */
import * as vscode from 'vscode';
import { EXPORT_FORMATS, type ExportName } from '../wire/exportFormats.ts';
import { stemOf } from './recordingFiles.ts';
import type { Run } from './run.ts';

const NAMES = Object.keys(EXPORT_FORMATS) as ExportName[];

export async function exportRun(run: Run): Promise<void> {
  if (run.state !== 'finished') {
    void vscode.window.showInformationMessage('A run can be exported once it has ended.');
    return;
  }
  const picked = await vscode.window.showQuickPick(
    NAMES.map((name) => {
      const { title, holds, opens } = EXPORT_FORMATS[name];
      return { label: title, description: holds, detail: `Open it with ${opens}`, name };
    }),
    { title: `Export ${run.origin.title} for …`, matchOnDescription: true, matchOnDetail: true },
  );
  if (picked === undefined) return;
  const { extension, opens } = EXPORT_FORMATS[picked.name];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(process.cwd());
  const target = await vscode.window.showSaveDialog({
    title: `Export for ${picked.label}`,
    defaultUri: vscode.Uri.joinPath(folder, `${stemOf(run.origin.title)}.${extension}`),
    filters: { [picked.label]: [extension] },
  });
  if (target === undefined) return;
  const trouble = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Exporting ${run.origin.title}`,
      cancellable: true,
    },
    (_, token) =>
      run.exportTo(target.fsPath, picked.name, (cancel) => token.onCancellationRequested(cancel)),
  );
  if (trouble !== null) {
    void vscode.window.showWarningMessage(`Nothing was exported. ${trouble}`);
    return;
  }
  void vscode.window.showInformationMessage(
    `Exported to ${vscode.workspace.asRelativePath(target)}. Open it with ${opens}.`,
  );
}
