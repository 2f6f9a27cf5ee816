/** The activity bar's Runs: those of this window and the recordings kept from earlier ones. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { formatDuration, plural } from '../base/format.ts';
import { titleOf } from './recordingFiles.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

/** A run, or the path of a recording that is not open. */
type Node = Run | string;

export function registerRunsView(runs: Runs): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new vscode.EventEmitter<void>());
  let shown = '';
  owned.add(
    runs.changes(() => {
      const key = runs.all
        .map((run) => `${run.origin.id}${run.state}${run.findings.length}`)
        .join();
      if (key !== shown) changed.fire();
      shown = key;
    }),
  );
  const view = vscode.window.createTreeView<Node>('interleave.runs', {
    // Two of them can be compared.
    canSelectMany: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node === undefined ? [...runs.all, ...runs.kept] : []),
      getTreeItem: (node) => (typeof node === 'string' ? keptItem(node) : runItem(node)),
    },
  });
  owned.add(view);
  owned.add(
    view.onDidChangeSelection(({ selection: [node] }) => {
      if (node !== undefined && typeof node !== 'string') runs.select(node);
    }),
  );
  return owned;
}

function runItem(run: Run): vscode.TreeItem {
  const item = new vscode.TreeItem(run.origin.title);
  item.id = run.origin.id;
  item.contextValue = run.state === 'running' ? 'run.running' : 'run.ended';
  item.description = description(run);
  item.tooltip = run.trouble === '' ? run.origin.program?.command.join(' ') : run.trouble;
  item.iconPath = new vscode.ThemeIcon(icon(run));
  item.command = { title: 'Show Panel', command: 'interleave.showPanel', arguments: [run] };
  return item;
}

function description(run: Run): string {
  const time = new Date(run.origin.startedAt).toLocaleTimeString();
  if (run.state === 'failed') return `${time} · failed`;
  if (run.state !== 'finished') return `${time} · ${run.state}`;
  const duration = run.report === undefined ? '' : ` · ${formatDuration(run.report.durationNs)}`;
  return `${time}${duration} · ${plural(run.findings.length, 'finding')}`;
}

function icon(run: Run): string {
  if (run.state === 'running') return 'sync~spin';
  if (run.state === 'reading') return 'loading~spin';
  if (run.state === 'failed') return 'warning';
  return run.findings.some(({ severity }) => severity === 'error') ? 'error' : 'graph-line';
}

function keptItem(file: string): vscode.TreeItem {
  const [, y, m, d, hours, minutes] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)/.exec(basename(file)) ?? [];
  const item = new vscode.TreeItem(titleOf(file));
  item.id = file;
  item.contextValue = 'run.kept';
  if (y !== undefined) item.description = `${y}-${m}-${d} ${hours}:${minutes} UTC`;
  item.iconPath = new vscode.ThemeIcon('history');
  item.command = {
    title: 'Open',
    command: 'interleave.openRecording',
    arguments: [vscode.Uri.file(file)],
  };
  return item;
}
