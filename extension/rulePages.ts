/** The page of a rule: what it means, why it matters, bad and good, the sample that shows it. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';

export async function openRulePage(context: vscode.ExtensionContext, rule: string): Promise<void> {
  // The id may come from a link in a recording: nothing but a name of a page is taken from it.
  const page = context.asAbsolutePath(`docs/rules/${rule.replace(/[^a-z-]/g, '')}.md`);
  if (!existsSync(page)) {
    void vscode.window.showInformationMessage(`There is no page for the rule ${rule}.`);
    return;
  }
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(page));
}
