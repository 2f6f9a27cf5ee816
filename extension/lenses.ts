/** Code lenses: ▶ Profile where something can be run, and what the last run measured on the lines it belongs to. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { readSettings } from './config.ts';
import { editorPath } from './editorPath.ts';
import type { Edits } from './edits.ts';
import { lensTargets } from './lensTargets.ts';
import { nodeLensTargets } from './nodeLensTargets.ts';
import { plainLabel } from './plainText.ts';
import { RUNNABLE, whyNotRun } from './program.ts';
import type { Runs } from './runs.ts';

export function registerLenses(runs: Runs, edits: Edits): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new vscode.EventEmitter<void>());
  owned.add(runs.changes(() => changed.fire()));
  owned.add(edits.changes(() => changed.fire()));
  owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()));
  owned.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('interleave.codeLens')) changed.fire();
    }),
  );
  owned.add(
    vscode.languages.registerCodeLensProvider(
      RUNNABLE.map((language) => ({ language })),
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) =>
          readSettings(document.uri).codeLens
            ? [...profileLenses(document), ...measuredLenses(document, runs, edits)]
            : [],
      },
    ),
  );
  return owned;
}

function profileLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  // An untrusted workspace runs nothing.
  if (whyNotRun(document) !== undefined || !vscode.workspace.isTrusted) return [];
  const find = document.languageId === 'python' ? lensTargets : nodeLensTargets;
  return find(document.getText()).map(({ line, target }) => {
    const what = target === undefined ? '' : ` ${target.name}`;
    return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
      title: '▶ Profile',
      tooltip: `Run${what} with the concurrency probe and show it live`,
      command: 'interleave.profileFile',
      arguments: [document.uri, target],
    });
  });
}

/** Of the editor's own font, as not every other has such signs; findings have that of their severity. */
const ICONS = {
  loop: 'watch',
  lock: 'lock',
  pool: 'server-process',
  queue: 'list-ordered',
} as const;

function measuredLenses(
  document: vscode.TextDocument,
  runs: Runs,
  edits: Edits,
): vscode.CodeLens[] {
  const run = runs.selected;
  if (run === undefined) return [];
  const path = document.uri.fsPath;
  const here = run.measures.filter(({ file }) => editorPath(file) === path);
  const isStale = here.some(({ file }) => edits.isEdited(file, run.startedAt));
  return here
    .map((measure) => ({ ...measure, ...edits.lineNow(measure.file, measure.line, run.startedAt) }))
    .filter(({ line }) => line <= document.lineCount)
    .map(({ line, kind, severity, text: words, finding }) => {
      const at = new vscode.Range(line - 1, 0, line - 1, 0);
      const text = `$(${kind === 'finding' ? (severity ?? 'info') : ICONS[kind]})\u00a0${plainLabel(words)}`;
      return new vscode.CodeLens(at, {
        title: isStale ? `${text} (before your changes)` : text,
        tooltip: isStale
          ? `Measured in ${run.origin.title} before this file changed: profile again to see it anew`
          : `Measured in ${run.origin.title}: show it in the panel`,
        command: 'interleave.showFinding',
        arguments: [run.origin.id, finding ?? ''],
      });
    });
}
