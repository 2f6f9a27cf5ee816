/** Picking, opening and copying samples. */
import { cpSync, existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import * as vscode from 'vscode';
import type { Sample } from '../record/samples.ts';

/** Lets the user pick one, with what each shows. */
export async function pickSample(samples: readonly Sample[]): Promise<Sample | undefined> {
  const items: (vscode.QuickPickItem & { sample?: Sample })[] = [];
  let topic = '';
  for (const sample of samples) {
    if (sample.topic !== topic) {
      topic = sample.topic;
      items.push({ label: topic, kind: vscode.QuickPickItemKind.Separator });
    }
    items.push({
      label: sample.title,
      description: sample.expect.join(', '),
      detail: sample.shows,
      sample,
    });
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Profile Sample',
    placeHolder: 'Each shows one idea of concurrency, or one fault and its cure',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.sample;
}

/** Copies the samples into the workspace, never over a file that is there. Returns the folder, or undefined. */
export async function addSamples(from: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const chosen =
    folder?.uri ??
    (
      await vscode.window.showOpenDialog({
        title: 'Folder to put the samples into',
        openLabel: 'Add Samples Here',
        canSelectFiles: false,
        canSelectFolders: true,
      })
    )?.[0];
  if (chosen === undefined) return undefined;
  const target = join(chosen.fsPath, 'interleave-samples');
  const isThere = existsSync(target);
  cpSync(from, target, {
    recursive: true,
    force: false,
    filter: (path) => !basename(path).startsWith('__'),
  });
  const said = isThere
    ? 'The samples are in interleave-samples; files that were there already were left alone.'
    : 'The samples are in interleave-samples.';
  void vscode.window.showInformationMessage(said);
  return vscode.Uri.file(target);
}

/** A copy in the workspace wins over the one in the extension's own folder, which must not be edited. */
export function sampleInWorkspace(sample: Sample, from: string): vscode.Uri {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const inside = relative(from, sample.file);
    for (const place of [join('interleave-samples', inside), inside, join('samples', inside)]) {
      const copy = join(folder.uri.fsPath, place);
      if (existsSync(copy)) return vscode.Uri.file(copy);
    }
    const own = join(folder.uri.fsPath, basename(dirname(sample.file)), basename(sample.file));
    if (existsSync(own)) return vscode.Uri.file(own);
  }
  return vscode.Uri.file(sample.file);
}
