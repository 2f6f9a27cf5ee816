/** The status-bar item of a live run: how long, how late the loop is, how many threads wait. A click shows the panel. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { formatDuration, plural } from '../base/format.ts';
import { plainLabel } from './plainText.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

export function registerStatusBar(runs: Runs): Disposable {
  const owned = new Disposables();
  const item = owned.add(
    vscode.window.createStatusBarItem('interleave.status', vscode.StatusBarAlignment.Left, 5),
  );
  item.name = 'Interleave';
  item.command = 'interleave.showPanel';
  owned.add(
    runs.changes(() => {
      const [run, ...others] = runs.running;
      if (run === undefined) {
        item.hide();
        return;
      }
      const stuck = run.findings.some(({ rule }) => rule === 'deadlock');
      const more = others.length === 0 ? '' : ` +${others.length}`;
      item.text = `$(${signOf(run, stuck)}) ${plainLabel(run.origin.title)}${more} ${summary(run)}`;
      item.tooltip = `Interleave records ${run.origin.title}. Show the panel.`;
      item.backgroundColor = stuck
        ? new vscode.ThemeColor('statusBarItem.errorBackground')
        : undefined;
      item.show();
    }),
  );
  return owned;
}

function signOf(run: Run, stuck: boolean): string {
  if (stuck) return 'error';
  return run.status?.asks ? 'keyboard' : 'pulse';
}

function summary(run: Run): string {
  const status = run.status;
  if (run.isStopping) return 'is asked to stop';
  if (status === undefined) return 'starting';
  if (status.asks) return 'waits for input in its terminal';
  const parts = [`${Math.floor(status.elapsedNs / 1e9)} s`];
  if (status.lagNs !== null) parts.push(`lag ${formatDuration(status.lagNs)}`);
  if (status.waitingThreads > 0) parts.push(`${plural(status.waitingThreads, 'thread')} waiting`);
  return parts.join(' · ');
}
