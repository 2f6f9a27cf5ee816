/** What the extension consists of: made here in order, ended together. */
import * as vscode from 'vscode';
import { Disposables } from '../base/disposable.ts';
import { listSamples } from '../record/samples.ts';
import { registerCommands } from './commands.ts';
import { ComparePanels } from './comparePanels.ts';
import { registerDeadlockNotice } from './deadlockNotice.ts';
import { Edits } from './edits.ts';
import { registerFindingsView } from './findingsView.ts';
import { startLanguageClient } from './languageClient.ts';
import { registerLenses } from './lenses.ts';
import { createLog } from './log.ts';
import { Panels } from './panels.ts';
import { registerProblems } from './problems.ts';
import { openRulePage } from './rulePages.ts';
import type { Run } from './run.ts';
import { Runs } from './runs.ts';
import { registerRunsView } from './runsView.ts';
import { registerSamplesView } from './samplesView.ts';
import { openSource } from './source.ts';
import { registerStatusBar } from './statusBar.ts';

/** What other extensions, and the tests in the editor, may use. */
export interface Api {
  readonly runs: Runs;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const owned = new Disposables();
  context.subscriptions.push(owned);
  const log = owned.add(createLog());
  const runs = owned.add(new Runs(context, log));
  const edits = owned.add(new Edits());
  const samples = listSamples(context.asAbsolutePath('samples'));
  const host = {
    context,
    openRule: (rule: string) => void openRulePage(context, rule),
    openSource: (run: Run, { file, line }: { readonly file: string; readonly line: number }) =>
      void openSource(file, edits.lineNow(file, line, run.startedAt).line),
    command: (name: string, run: unknown) =>
      void vscode.commands.executeCommand(`interleave.${name}`, run),
  };
  const panels = owned.add(new Panels(host, runs));
  const comparePanels = owned.add(
    new ComparePanels(
      {
        context,
        openRule: host.openRule,
        openSource: host.openSource,
        other: (run) => host.command('compare', run),
        // The comparison itself is on the screen: nobody needs to be told of it once more.
        again: async (run) =>
          vscode.commands.executeCommand<Run | undefined>('interleave.runAgain', run, true),
      },
      runs,
      panels,
    ),
  );
  owned.add(registerCommands({ context, log, runs, panels, comparePanels, samples }));
  owned.add(registerRunsView(runs));
  owned.add(registerSamplesView(samples));
  owned.add(registerFindingsView(runs, edits));
  owned.add(registerLenses(runs, edits));
  owned.add(registerProblems(runs, edits));
  owned.add(registerStatusBar(runs));
  owned.add(registerDeadlockNotice(host, runs, panels));
  owned.add(startLanguageClient(context, log, runs, edits));
  await runs.recover();
  return { runs };
}
