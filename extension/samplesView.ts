/** The activity bar's Samples: by topic, each with what it shows. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { Sample } from '../record/samples.ts';

type Node = string | Sample;

export function registerSamplesView(samples: readonly Sample[]): Disposable {
  const topics = [...new Set(samples.map(({ topic }) => topic))];
  return vscode.window.registerTreeDataProvider<Node>('interleave.samples', {
    getChildren: (node) => {
      if (node === undefined) return topics;
      return typeof node === 'string' ? samples.filter(({ topic }) => topic === node) : [];
    },
    getTreeItem: (node) => (typeof node === 'string' ? topicItem(node) : sampleItem(node)),
  });
}

function topicItem(topic: string): vscode.TreeItem {
  const item = new vscode.TreeItem(topic, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `topic:${topic}`;
  item.iconPath = new vscode.ThemeIcon('folder');
  return item;
}

function sampleItem(sample: Sample): vscode.TreeItem {
  const item = new vscode.TreeItem(sample.title);
  item.id = sample.id;
  item.contextValue = 'sample';
  item.description = sample.expect.join(', ');
  item.tooltip = sample.shows;
  item.iconPath = new vscode.ThemeIcon('beaker');
  item.command = { title: 'Open Sample', command: 'interleave.openSample', arguments: [sample] };
  return item;
}
