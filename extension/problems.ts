/** Findings of the selected run in the Problems list, with actions to show and explain them. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { Finding, Location } from '../wire/report.ts';
import { SOURCE } from '../wire/service.ts';
import { readSettings } from './config.ts';
import { editorPath } from './editorPath.ts';
import type { Edits } from './edits.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
} as const;

/** A diagnostic that knows its finding, so that an action on it can lead to the panel. */
class FindingDiagnostic extends vscode.Diagnostic {
  readonly run: string;
  readonly finding: string;

  constructor(run: Run, finding: Finding, location: Location, edits: Edits) {
    const now = (place: Location) => edits.lineNow(place.file, place.line, run.startedAt);
    // What was seen before a line changed may be mended: that is for the next run to say.
    const isChanged = finding.locations.some((place) => now(place).isChanged);
    const said = `${finding.title}. ${finding.detail}`;
    super(
      lineRange(now(location).line),
      isChanged ? `Before your changes: ${said}` : said,
      isChanged ? vscode.DiagnosticSeverity.Information : SEVERITIES[finding.severity],
    );
    this.run = run.origin.id;
    this.finding = finding.id;
    this.source = SOURCE;
    this.code = {
      value: finding.rule,
      target: vscode.Uri.parse(
        `command:interleave.openRulePage?${encodeURIComponent(JSON.stringify([finding.rule]))}`,
      ),
    };
    this.relatedInformation = finding.locations
      .filter((other) => other !== location)
      .map(
        (other) =>
          new vscode.DiagnosticRelatedInformation(
            new vscode.Location(
              vscode.Uri.file(editorPath(other.file)),
              lineRange(now(other).line),
            ),
            other.label,
          ),
      );
  }
}

export function registerProblems(runs: Runs, edits: Edits): Disposable {
  const owned = new Disposables();
  const collection = owned.add(vscode.languages.createDiagnosticCollection('interleave'));
  let shown = '';
  const refresh = (): void => {
    const run = runs.selected;
    const findings = run !== undefined && readSettings().problems ? run.findings : [];
    const key = `${run?.origin.id} ${findings.map(({ id, title }) => `${id} ${title}`).join('|')}`;
    // Status changes come twenty times a second; the list must not flicker for them.
    if (key === shown) return;
    shown = key;
    collection.clear();
    if (run !== undefined) collection.set(byFile(run, findings, edits));
  };
  owned.add(runs.changes(refresh));
  owned.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('interleave.problems')) refresh();
    }),
  );
  owned.add(
    edits.changes(() => {
      shown = '';
      refresh();
    }),
  );
  owned.add(
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file' },
      {
        provideCodeActions: (_document, _range, context) => context.diagnostics.flatMap(actionsFor),
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  return owned;
}

function byFile(
  run: Run,
  findings: readonly Finding[],
  edits: Edits,
): [vscode.Uri, vscode.Diagnostic[]][] {
  const files = new Map<string, vscode.Diagnostic[]>();
  for (const finding of findings) {
    const [first] = finding.locations;
    if (first === undefined) continue;
    const file = editorPath(first.file);
    const list = files.get(file) ?? [];
    list.push(new FindingDiagnostic(run, finding, first, edits));
    files.set(file, list);
  }
  return [...files].map(([file, list]) => [vscode.Uri.file(file), list]);
}

function actionsFor(diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
  if (!(diagnostic instanceof FindingDiagnostic)) return [];
  const code = diagnostic.code;
  const rule = typeof code === 'object' ? code.value : code;
  return [
    action('Show in Interleave panel', diagnostic, 'interleave.showFinding', [
      diagnostic.run,
      diagnostic.finding,
    ]),
    action(`Explain ${rule}`, diagnostic, 'interleave.openRulePage', [rule]),
  ];
}

function action(
  title: string,
  diagnostic: vscode.Diagnostic,
  command: string,
  args: unknown[],
): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.diagnostics = [diagnostic];
  made.command = { title, command, arguments: args };
  return made;
}

/** The whole line: a run knows lines, not columns. */
function lineRange(line: number): vscode.Range {
  return new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 10_000);
}
