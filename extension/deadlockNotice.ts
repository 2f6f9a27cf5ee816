/** Tells once per deadlock that a running program is stuck, with the ways out. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import type { Finding } from '../wire/report.ts';
import type { PanelHost } from './panel.ts';
import type { Panels } from './panels.ts';
import { plainMessage } from './plainText.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

export function registerDeadlockNotice(host: PanelHost, runs: Runs, panels: Panels): Disposable {
  const owned = new Disposables();
  const told = new Set<string>();
  owned.add(
    runs.changes(() => {
      for (const run of runs.running) {
        for (const finding of run.findings) {
          const key = `${run.origin.id} ${finding.id}`;
          if (finding.rule !== 'deadlock' || told.has(key)) continue;
          told.add(key);
          void tell(host, run, finding, panels);
        }
      }
    }),
  );
  return owned;
}

async function tell(host: PanelHost, run: Run, finding: Finding, panels: Panels): Promise<void> {
  const sentence = plainMessage(`${run.origin.title}: ${finding.title}.`);
  const chosen = await vscode.window.showErrorMessage(
    sentence,
    'Show Cycle',
    'Open Line',
    'Stop Program',
  );
  const [first] = finding.locations;
  if (chosen === 'Show Cycle') panels.show(run, finding.id);
  else if (chosen === 'Open Line' && first !== undefined) host.openSource(run, first);
  else if (chosen === 'Stop Program') run.stop();
}
