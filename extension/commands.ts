/** Every command of the palette, by id: the table and what each does. A test holds it against package.json. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import type { Sample } from '../record/samples.ts';
import { type Comparable, compareWith, compareWithPrevious, offerComparison } from './compare.ts';
import type { ComparePanels } from './comparePanels.ts';
import { configureRun } from './configureRun.ts';
import { exportRun } from './exportRun.ts';
import { chooseInterpreter, InterpreterError } from './interpreter.ts';
import { targetAt } from './lensTargets.ts';
import { type Log, showFailure } from './log.ts';
import { NodeError } from './node.ts';
import { nodeTargetAt } from './nodeLensTargets.ts';
import type { Panels } from './panels.ts';
import { plainMessage } from './plainText.ts';
import {
  fileProgram,
  type Program,
  programAgain,
  RUNNABLE,
  shellProgram,
  type Target,
  whyNotRun,
} from './program.ts';
import { stemOf } from './recordingFiles.ts';
import { openRulePage } from './rulePages.ts';
import { Run } from './run.ts';
import type { Runs } from './runs.ts';
import { addSamples, pickSample, sampleInWorkspace } from './samples.ts';
import { sweep } from './sweep.ts';

export interface CommandContext {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly runs: Runs;
  readonly panels: Panels;
  readonly comparePanels: ComparePanels;
  readonly samples: readonly Sample[];
}

type Handler = (...args: readonly unknown[]) => Promise<unknown> | unknown;

export function commandTable(parts: CommandContext): Readonly<Record<string, Handler>> {
  const { context, log, runs, panels, comparePanels, samples } = parts;
  const samplesFolder = context.asAbsolutePath('samples');
  /** The tree gives a sample, the walkthroughs its id. */
  const sampleOf = (given: unknown): Sample | undefined =>
    isSample(given) ? given : samples.find(({ id }) => id === given);
  const profile = async (program: Program): Promise<Run> => {
    const run = await runs.start(program);
    panels.show(run);
    return run;
  };
  return {
    async profileFile(uri, target) {
      const file = uri instanceof vscode.Uri ? uri : activeProgram();
      if (file === undefined) return undefined;
      await saveIfOpen(file);
      return profile(await fileProgram(log, context, file, target as Target | undefined));
    },
    async profileSelection() {
      const uri = activeProgram();
      const editor = vscode.window.activeTextEditor;
      if (uri === undefined || editor === undefined) return undefined;
      const { document, selection } = editor;
      const find = document.languageId === 'python' ? targetAt : nodeTargetAt;
      const at = find(document.getText(), selection.active.line);
      if (at.kind === 'needsArguments') {
        const said = `${at.name} needs arguments: put the cursor into a test that calls it, or profile the file.`;
        const chosen = await vscode.window.showInformationMessage(said, 'Profile File');
        if (chosen === undefined) return undefined;
      }
      await saveIfOpen(uri);
      const target = at.kind === 'target' ? at.target : undefined;
      return profile(await fileProgram(log, context, uri, target));
    },
    async profileSample(sample) {
      const picked = sampleOf(sample) ?? (await pickSample(samples));
      if (picked === undefined) return undefined;
      const uri = sampleInWorkspace(picked, samplesFolder);
      await vscode.window.showTextDocument(uri, { preview: false });
      return profile(await fileProgram(log, context, uri));
    },
    async openSample(sample) {
      const picked = sampleOf(sample);
      if (picked === undefined) return;
      await vscode.window.showTextDocument(sampleInWorkspace(picked, samplesFolder));
    },
    async profileCommand() {
      const value = context.workspaceState.get<string>('commandLine', '');
      const line = await vscode.window.showInputBox({
        title: 'Profile Command',
        prompt: 'Any command line; the Python and Node programs that it starts are followed',
        placeHolder: 'python -m pytest -x tests',
        value,
      });
      if (line === undefined || line.trim() === '') return;
      await context.workspaceState.update('commandLine', line);
      await profile(shellProgram(line));
    },
    async sweep(uri, parameter) {
      const file = uri instanceof vscode.Uri ? uri : activeProgram();
      if (file === undefined) return undefined;
      await saveIfOpen(file);
      return sweep(log, context, file, typeof parameter === 'string' ? parameter : undefined);
    },
    async configureRun(uri) {
      const file = uri instanceof vscode.Uri ? uri : activeProgram();
      if (file !== undefined) await configureRun(context, file);
    },
    async stop(run) {
      const chosen = run instanceof Run ? run : await pickRunning(runs);
      chosen?.stop();
    },
    async runAgain(run, quiet) {
      const chosen = run instanceof Run ? run : runs.selected;
      const program = chosen?.origin.program;
      if (program === undefined) {
        const said = 'This recording was opened from a file: how to run it again is not known.';
        void vscode.window.showInformationMessage(said);
        return undefined;
      }
      if (program.file !== undefined) await saveIfOpen(vscode.Uri.file(program.file));
      const again = await profile(await programAgain(log, context, program));
      if (chosen !== undefined && quiet !== true) offerComparison(comparePanels, chosen, again);
      return again;
    },
    compare: (one, several) => compareWith(runs, comparePanels, comparables(one, several)),
    compareWithPrevious: (run) =>
      compareWithPrevious(runs, comparePanels, run instanceof Run ? run : undefined),
    async openRecording(uri) {
      const file = uri instanceof vscode.Uri ? uri : await pickRecording();
      if (file !== undefined) panels.show(runs.open(file.fsPath));
    },
    async saveRecordingAs(run) {
      const chosen = run instanceof Run ? run : runs.selected;
      if (chosen !== undefined) await saveRecording(chosen);
    },
    async exportRun(run) {
      const chosen = run instanceof Run ? run : runs.selected;
      if (chosen !== undefined) await exportRun(chosen);
    },
    deleteRun(run, several) {
      for (const one of Array.isArray(several) ? several : [run]) {
        if (one instanceof Run) runs.remove(one);
        else if (typeof one === 'string') runs.removeKept(one);
      }
    },
    showPanel(run) {
      const { selected, running } = runs;
      const isLive = selected !== undefined && running.includes(selected);
      const chosen = run instanceof Run ? run : isLive ? selected : (running[0] ?? selected);
      if (chosen !== undefined) panels.show(chosen);
    },
    showFinding(runId, finding) {
      const [id, which] = isFindingItem(runId)
        ? [runs.selected?.origin.id, runId.id]
        : [runId, finding];
      const run = typeof id === 'string' ? runs.byId(id) : undefined;
      if (run !== undefined) panels.show(run, typeof which === 'string' ? which : '');
    },
    openRulePage: (rule) => openRulePage(context, isFindingItem(rule) ? rule.rule : String(rule)),
    async addSamples() {
      const folder = await addSamples(samplesFolder);
      if (folder !== undefined) {
        await vscode.commands.executeCommand('revealInExplorer', folder);
      }
    },
    chooseInterpreter,
    showLog: () => log.show(),
  };
}

export function registerCommands(parts: CommandContext): Disposable {
  const owned = new Disposables();
  const needTrust = needingTrust(parts.context);
  for (const [name, handler] of Object.entries(commandTable(parts))) {
    owned.add(
      vscode.commands.registerCommand(`interleave.${name}`, async (...args: unknown[]) => {
        try {
          if (needTrust.has(`interleave.${name}`) && !vscode.workspace.isTrusted) {
            return await refuse();
          }
          return await handler(...args);
        } catch (failure) {
          await tellFailure(parts.log, failure);
          return undefined;
        }
      }),
    );
  }
  return owned;
}

/** Menus keep to the enablement of a command. Links of a walkthrough, and other extensions, call it all the same. */
function needingTrust({ extension }: vscode.ExtensionContext): ReadonlySet<string> {
  const { commands } = extension.packageJSON.contributes as {
    readonly commands: readonly { readonly command: string; readonly enablement?: string }[];
  };
  const guarded = commands.filter(({ enablement }) => enablement?.includes('isWorkspaceTrusted'));
  return new Set(guarded.map(({ command }) => command));
}

async function refuse(): Promise<undefined> {
  const said = 'Nothing is run here while this workspace is not trusted.';
  const chosen = await vscode.window.showWarningMessage(said, 'Manage Workspace Trust');
  if (chosen !== undefined) await vscode.commands.executeCommand('workbench.trust.manage');
  return undefined;
}

/** The run that is meant where none is named: the only one, or the one that is chosen; the one in front comes first. */
async function pickRunning({ running, selected }: Runs): Promise<Run | undefined> {
  if (running.length < 2) return running[0];
  const items = running.map((run) => ({
    label: run.origin.title,
    description: new Date(run.origin.startedAt).toLocaleTimeString(),
    detail: run.origin.program?.file ?? '',
    run,
  }));
  items.sort((one, other) => Number(other.run === selected) - Number(one.run === selected));
  const picked = await vscode.window.showQuickPick(items, { title: 'Stop which program?' });
  return picked?.run;
}

async function tellFailure(log: Log, failure: unknown): Promise<void> {
  if (failure instanceof NodeError) {
    await offerNodeSetting(log, failure);
    return;
  }
  if (!(failure instanceof InterpreterError)) {
    const advice = failure instanceof RecordingError ? failure.advice : '';
    await showFailure(log, reasonOf(failure), advice);
    return;
  }
  const sentence = plainMessage(`${failure.message} ${failure.advice}`.trim());
  log.error(sentence);
  const chosen = await vscode.window.showErrorMessage(sentence, 'Choose Python…', 'Show Log');
  if (chosen === 'Choose Python…') await chooseInterpreter();
  else if (chosen !== undefined) log.show();
}

async function offerNodeSetting(log: Log, { message, advice }: NodeError): Promise<void> {
  const sentence = plainMessage(`${message} ${advice}`);
  log.error(sentence);
  const chosen = await vscode.window.showErrorMessage(sentence, 'Open Setting', 'Show Log');
  if (chosen === 'Open Setting') {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'interleave.nodePath');
  } else if (chosen !== undefined) log.show();
}

function activeProgram(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  const obstacle =
    document !== undefined && RUNNABLE.includes(document.languageId)
      ? whyNotRun(document)
      : 'Open the Python, JavaScript or TypeScript file that you want to profile.';
  if (obstacle === undefined) return document?.uri;
  void vscode.window.showInformationMessage(obstacle);
  return undefined;
}

async function saveIfOpen(uri: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.toString() === uri.toString(),
  );
  if (open?.isDirty) await open.save();
}

async function pickRecording(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: 'Open Recording',
    filters: { 'Interleave recordings': ['interleave'] },
  });
  return picked?.[0];
}

async function saveRecording(run: Run): Promise<void> {
  if (run.state !== 'finished') {
    void vscode.window.showInformationMessage('The recording can be saved once the run has ended.');
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(process.cwd());
  const name = `${stemOf(run.origin.title)}.interleave`;
  const target = await vscode.window.showSaveDialog({
    title: 'Save Recording As',
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { 'Interleave recordings': ['interleave'] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.copy(vscode.Uri.file(run.origin.file), target, { overwrite: true });
}

/** What the tree hands over: the item that was clicked, and all that are selected. */
function comparables(one: unknown, several: unknown): readonly Comparable[] {
  const all = Array.isArray(several) && several.length === 2 ? several : [one];
  return all.filter((each): each is Comparable => each instanceof Run || typeof each === 'string');
}

function isSample(value: unknown): value is Sample {
  return typeof value === 'object' && value !== null && 'shows' in value && 'file' in value;
}

function isFindingItem(value: unknown): value is { readonly id: string; readonly rule: string } {
  return typeof value === 'object' && value !== null && 'rule' in value && 'id' in value;
}
