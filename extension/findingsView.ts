/** The activity bar's Findings: those of the selected run, most time lost first. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { Finding } from '../wire/report.ts';
import type { Edits } from './edits.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

export function registerFindingsView(runs: Runs, edits: Edits): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new vscode.EventEmitter<void>());
  let shown = '';
  owned.add(
    runs.changes(() => {
      const key = runs.selected?.findings.map(({ id, title }) => id + title).join() ?? '';
      if (key !== shown) changed.fire();
      shown = key;
    }),
  );
  owned.add(edits.changes(() => changed.fire()));
  owned.add(
    vscode.window.registerTreeDataProvider<Finding>('interleave.findings', {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node === undefined ? [...(runs.selected?.findings ?? [])] : []),
      getTreeItem: (finding) => findingItem(finding, runs.selected, edits),
    }),
  );
  return owned;
}

function findingItem(finding: Finding, run: Run | undefined, edits: Edits): vscode.TreeItem {
  const item = new vscode.TreeItem(finding.title);
  const [first] = finding.locations;
  const id = run?.origin.id ?? '';
  item.id = `${id} ${finding.id}`;
  item.contextValue = 'finding';
  item.tooltip = finding.detail;
  if (first !== undefined) {
    const { line } = edits.lineNow(first.file, first.line, run?.startedAt ?? 0);
    item.description = `${basename(first.file)}:${line}`;
  }
  item.iconPath = new vscode.ThemeIcon(finding.severity, COLOURS[finding.severity]);
  item.command = {
    title: 'Show Finding',
    command: 'interleave.showFinding',
    arguments: [id, finding.id],
  };
  return item;
}

const COLOURS = {
  error: new vscode.ThemeColor('list.errorForeground'),
  warning: new vscode.ThemeColor('list.warningForeground'),
  info: undefined,
} as const;
