/** What the extension consists of: made here in order, ended together. */
import * as vscode from 'vscode';
import { Disposables } from '../base/disposable.ts';
import { listSamples } from '../record/samples.ts';
import { registerCommands } from './commands.ts';
import { ComparePanels } from './comparePanels.ts';
import { registerDeadlockNotice } from './deadlockNotice.ts';
import { registerFindingsView } from './findingsView.ts';
import { startLanguageClient } from './languageClient.ts';
import { registerLenses, watchSaves } from './lenses.ts';
import { createLog } from './log.ts';
import { Panels } from './panels.ts';
import { registerProblems } from './problems.ts';
import { openRulePage } from './rulePages.ts';
import type { Run } from './run.ts';
import { Runs } from './runs.ts';
import { registerRunsView } from './runsView.ts';
import { registerSamplesView } from './samplesView.ts';
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
  const samples = listSamples(context.asAbsolutePath('samples'));
  const host = {
    context,
    openRule: (rule: string) => void openRulePage(context, rule),
    command: (name: string, run: unknown) =>
      void vscode.commands.executeCommand(`interleave.${name}`, run),
  };
  const panels = owned.add(new Panels(host, runs));
  const comparePanels = owned.add(
    new ComparePanels(
      {
        context,
        openRule: host.openRule,
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
  owned.add(registerFindingsView(runs));
  owned.add(watchSaves());
  owned.add(registerLenses(runs));
  owned.add(registerProblems(runs));
  owned.add(registerStatusBar(runs));
  owned.add(registerDeadlockNotice(runs, panels));
  owned.add(startLanguageClient(context, log, runs));
  await runs.recover();
  return { runs };
}
