/** Which two runs are compared: chosen from a list, a file, or the same program's run before. */
import * as vscode from 'vscode';
import { formatDuration, plural } from '../base/format.ts';
import type { ComparePanels } from './comparePanels.ts';
import { plainMessage } from './plainText.ts';
import type { Program } from './program.ts';
import { stemOf, titleOf } from './recordingFiles.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

/** A run, or the path of a recording that is not open yet. */
export type Comparable = Run | string;

interface Choice extends vscode.QuickPickItem {
  /** Undefined: the user wants a file. */
  readonly what?: Comparable;
}

/** Asks for what is missing and shows the two, the earlier one as "before". */
export async function compareWith(
  runs: Runs,
  panels: ComparePanels,
  given: readonly Comparable[],
): Promise<void> {
  const first = given[0] ?? runs.selected ?? (await choose(runs, 'Compare: which run?', undefined));
  if (first === undefined) return;
  const one = opened(runs, first);
  const second = given[1] ?? (await choose(runs, `Compare ${one.origin.title} with …`, one));
  if (second === undefined) return;
  const other = opened(runs, second);
  if (one === other) {
    void vscode.window.showInformationMessage('Choose two different runs to compare.');
    return;
  }
  await Promise.all([one, other].map(untilRead));
  if (one.startedAt <= other.startedAt) panels.show(one, other);
  else panels.show(other, one);
}

function untilRead(run: Run): Promise<void> {
  return new Promise((resolve) => {
    if (run.state !== 'reading') {
      resolve();
      return;
    }
    const watching = run.changes(() => {
      if (run.state === 'reading') return;
      watching.dispose();
      resolve();
    });
  });
}

/** The run before this one of the same program, in this window or kept from an earlier one. */
export function previousOf(runs: Runs, run: Run): Comparable | undefined {
  const { title, program, startedAt } = run.origin;
  // Two folders may each have their main.py.
  const isProgram = (other: Program | undefined): boolean =>
    other === undefined || program === undefined || isSameProgram(other, program);
  const isSame = (other: Run): boolean =>
    other !== run &&
    other.state === 'finished' &&
    other.origin.startedAt < startedAt &&
    other.origin.title === title &&
    isProgram(other.origin.program);
  const stem = stemOf(title);
  return (
    runs.all.find(isSame) ??
    runs.kept.find((file) => titleOf(file) === stem && isProgram(runs.programOf(file)))
  );
}

/** Whatever its arguments were: those are what one may want to compare. */
function isSameProgram(one: Program, other: Program): boolean {
  return one.file === other.file && (one.file !== undefined || one.cwd === other.cwd);
}

export async function compareWithPrevious(
  runs: Runs,
  panels: ComparePanels,
  run: Run | undefined,
): Promise<void> {
  const chosen = run ?? runs.selected;
  if (chosen === undefined) return;
  const previous = previousOf(runs, chosen);
  if (previous === undefined) {
    const said = plainMessage(`There is no earlier run of ${chosen.origin.title} to compare with.`);
    const answer = await vscode.window.showInformationMessage(said, 'Choose Another…');
    if (answer !== undefined) await compareWith(runs, panels, [chosen]);
    return;
  }
  panels.show(opened(runs, previous), chosen);
}

/** Once the run has ended, says in a line what is different from the run before, with the comparison behind a button. */
export function offerComparison(panels: ComparePanels, before: Run, after: Run): void {
  const watching = after.changes(() => {
    if (after.state === 'running') return;
    watching.dispose();
    void offer(panels, before, after);
  });
}

async function offer(panels: ComparePanels, before: Run, after: Run): Promise<void> {
  if (before.facts === undefined || after.facts === undefined) return;
  const { summary } = await after.compareWith(before.facts);
  const said = plainMessage(`${after.origin.title}, compared with the run before: ${summary}`);
  const chosen = await vscode.window.showInformationMessage(said, 'Compare with Previous Run');
  if (chosen !== undefined) panels.show(before, after);
}

function opened(runs: Runs, what: Comparable): Run {
  return typeof what === 'string' ? runs.open(what) : what;
}

async function choose(
  runs: Runs,
  title: string,
  not: Run | undefined,
): Promise<Comparable | undefined> {
  const open = runs.all.filter((run) => run !== not && run.state !== 'failed');
  // Those of the same program first: they are what one mostly wants.
  const same = open.filter((run) => run.origin.title === not?.origin.title);
  const items: Choice[] = [
    ...[...same, ...open.filter((run) => !same.includes(run))].map(runItem),
    ...runs.kept.map((file) => ({
      label: titleOf(file),
      description: 'kept recording',
      what: file,
    })),
    { label: '$(folder-opened) Open a recording file…', alwaysShow: true },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  if (picked === undefined || picked.what !== undefined) return picked?.what;
  const files = await vscode.window.showOpenDialog({
    title,
    filters: { 'Interleave recordings': ['interleave'] },
  });
  return files?.[0]?.fsPath;
}

function runItem(run: Run): Choice {
  const { title, startedAt } = run.origin;
  const facts = [
    new Date(startedAt).toLocaleTimeString(),
    ...(run.report === undefined ? [run.state] : [formatDuration(run.report.durationNs)]),
    plural(run.findings.length, 'finding'),
  ];
  return { label: title, description: facts.join(' · '), what: run };
}
