import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Run } from '../../../extension/run.ts';
import { DEADLOCK, extensionApi, openProgram, QUICK, until, untilEnded } from './workbench.ts';

/** Says its own process's number and a child's in a file, then waits. */
const PARENT = `import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(__file__ + ".pids.part", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.replace(__file__ + ".pids.part", __file__ + ".pids")
time.sleep(600)
`;

function livesOf(run: Run): string[] {
  return readdirSync(join(dirname(dirname(run.origin.file)), 'live'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody waited for yet is gone all the same.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function startParent(name: string): Promise<{ run: Run; pids: readonly number[] }> {
  const document = await openProgram(name, PARENT);
  const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
  const said = `${document.uri.fsPath}.pids`;
  await until('the program says its processes', () => existsSync(said));
  return { run, pids: readFileSync(said, 'utf8').split(' ').map(Number) };
}

function untilDeadlock(run: Run) {
  return until('the deadlock is found', () => run.findings.find(({ rule }) => rule === 'deadlock'));
}

async function profileDeadlock(name: string): Promise<Run> {
  const document = await openProgram(name, DEADLOCK);
  const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
  await untilDeadlock(run);
  return run;
}

function panelTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview);
}

suite('robustness', () => {
  const before = new Set(readdirSync(tmpdir()));

  suiteTeardown(async () => {
    const { runs } = await extensionApi();
    for (const run of runs.running) run.stop();
  });

  test('stopping ends the program and its children', async () => {
    await extensionApi();
    const { run, pids } = await startParent('family.py');
    assert.equal(pids.filter(isAlive).length, 2);
    run.stop();
    await untilEnded(run);
    assert.equal(run.report?.exit.reason, 'stopped');
    await until('both processes are gone', () => !pids.some(isAlive));
    await until('its folder is gone', () => livesOf(run).length === 0);
  });

  test('a killed program is a finished run that says so', async () => {
    await extensionApi();
    const { run, pids } = await startParent('killed.py');
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await untilEnded(run);
    assert.equal(run.state, 'finished');
    assert.deepEqual(run.report?.exit, { code: null, signal: 'SIGKILL', reason: 'signal' });
    assert.ok((run.report?.processes.length ?? 0) >= 1, 'what was recorded is there');
    await until('its folder is gone', () => livesOf(run).length === 0);
    const child = pids[1] ?? 0;
    if (isAlive(child)) process.kill(child, 'SIGKILL');
  });

  test('closing its terminal ends the program, as it would without the profiler', async () => {
    await extensionApi();
    const { run, pids } = await startParent('hung-up.py');
    // The program may speak before the editor has told of its terminal.
    const terminal = await until('its terminal is known', () =>
      vscode.window.terminals.find(({ name }) => name.includes('hung-up.py')),
    );
    terminal.dispose();
    await until('the program is gone', () => !isAlive(pids[0] ?? 0));
    await untilEnded(run);
    const child = pids[1] ?? 0;
    if (isAlive(child)) process.kill(child, 'SIGKILL');
  });

  test('the worker of a live run is killed: another one goes on where it was', async () => {
    await extensionApi();
    const run = await profileDeadlock('worker.py');
    let again = false;
    const watching = run.messages((message) => {
      again ||= message.type === 'panel' && message.message.type === 'caughtUp';
    });
    run.killWorker();
    await until('the panel is told everything anew', () => again);
    watching.dispose();
    assert.equal(run.state, 'running');
    await untilDeadlock(run);
    run.stop();
    await untilEnded(run);
    assert.equal(run.state, 'finished', run.trouble);
    assert.ok(run.report?.findings.some(({ rule }) => rule === 'deadlock'));
    // Of a finished run too.
    run.killWorker();
    let finished = false;
    const once = run.messages((message) => {
      finished ||= message.type === 'finished';
    });
    await until('the recording is read again', () => finished);
    once.dispose();
    assert.equal(run.state, 'finished');
    await until('its folder is gone', () => livesOf(run).length === 0);
  });

  test('a worker that keeps dying is given up with a sentence that says where the recording is', async () => {
    await extensionApi();
    const run = await profileDeadlock('dying.py');
    for (let turn = 0; turn < 3; turn++) {
      run.killWorker();
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    await until('it is given up', () => run.state === 'failed');
    const [, folder = ''] = /is kept in (.*): open it again/.exec(run.trouble) ?? [];
    assert.ok(existsSync(folder), run.trouble);
    run.stop();
  });

  test('closing the panel in mid-run loses nothing', async () => {
    await extensionApi();
    const run = await profileDeadlock('closed.py');
    await vscode.window.tabGroups.close(panelTabs());
    assert.equal(run.state, 'running');
    await vscode.commands.executeCommand('interleave.showPanel', run);
    await until('there is a panel again', () => panelTabs().length === 1);
    run.stop();
    await untilEnded(run);
    assert.ok(run.report?.findings.some(({ rule }) => rule === 'deadlock'));
  });

  test('the panel in front chooses the run, whatever the others say meanwhile', async () => {
    const { runs } = await extensionApi();
    const one = await profileDeadlock('front-one.py');
    const two = await profileDeadlock('front-two.py');
    assert.equal(runs.selected, two);
    for (let turn = 0; turn < 4; turn++) {
      const [shown, other] = turn % 2 === 0 ? [one, two] : [two, one];
      await vscode.commands.executeCommand('interleave.showPanel', other);
      await vscode.commands.executeCommand('interleave.showPanel', shown);
      // Events of both panels are still on their way.
      await new Promise((resolve) => setTimeout(resolve, 700));
      // Two reveals at once may end either way; whichever panel is in front, its run is the chosen one.
      const front = vscode.window.tabGroups.activeTabGroup.activeTab?.label;
      assert.equal(`Concurrency: ${runs.selected?.origin.title}`, front, `turn ${turn}`);
    }
    one.stop();
    two.stop();
    await Promise.all([untilEnded(one), untilEnded(two)]);
  });

  test('a program that asks for input shows its terminal, and one terminal serves runs one after another', async () => {
    await extensionApi();
    const document = await openProgram('asks.py', 'print("hello", input("Your name? "))\n');
    const profile = () =>
      vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
    const one = await profile();
    await until('the program asks', () => one.status?.asks);
    const named = /asks\.py/;
    const terminal = await until('its terminal is the active one', () => {
      const active = vscode.window.activeTerminal;
      return active !== undefined && named.test(active.name) ? active : undefined;
    });
    terminal.sendText('Ann');
    await untilEnded(one);
    assert.equal(one.report?.exit.code, 0);
    const two = await profile();
    await until('the program asks again', () => two.status?.asks);
    assert.equal(vscode.window.terminals.filter(({ name }) => named.test(name)).length, 1);
    two.stop();
    await untilEnded(two);
  });

  test('what is deleted has no panel any more, what is shown is not dropped', async () => {
    const { runs } = await extensionApi();
    const settings = vscode.workspace.getConfiguration('interleave');
    await settings.update('keepRuns', 1, vscode.ConfigurationTarget.Workspace);
    const document = await openProgram('shown.py', QUICK);
    const shown: Run[] = [];
    for (let turn = 0; turn < 3; turn++) {
      shown.push(await vscode.commands.executeCommand('interleave.profileFile', document.uri));
      await untilEnded(shown[turn]!);
    }
    await settings.update('keepRuns', undefined, vscode.ConfigurationTarget.Workspace);
    for (const run of shown) assert.ok(runs.all.includes(run), 'its panel is open');
    const panels = (): number => panelTabs().filter(({ label }) => /shown\.py/.test(label)).length;
    await until('each has its panel', () => panels() === 3);
    await vscode.commands.executeCommand('interleave.deleteRun', shown[0]);
    await until('its panel is closed', () => panels() === 2);
    assert.equal(existsSync(shown[0]!.origin.file), false);
    assert.ok(existsSync(shown[1]!.origin.file));
  });

  test('a recording of an earlier window is run again as it was, and can be deleted', async () => {
    const { runs } = await extensionApi();
    const document = await openProgram('later.py', QUICK);
    const run = await vscode.commands.executeCommand<Run>('interleave.profileFile', document.uri);
    await untilEnded(run);
    const { program, file } = run.origin;
    const copy = file.replace('later', 'much_later');
    copyFileSync(file, copy);
    assert.ok(program && runs.kept.includes(copy));
    const opened = runs.open(copy);
    await untilEnded(opened);
    assert.deepEqual(opened.origin.program, program);
    const again = await vscode.commands.executeCommand<Run>('interleave.runAgain', opened, true);
    await untilEnded(again);
    assert.equal(again.report?.exit.code, 0);
    runs.remove(opened);
    assert.equal(existsSync(copy), false);
    copyFileSync(file, copy);
    await vscode.commands.executeCommand('interleave.deleteRun', copy);
    assert.equal(existsSync(copy), false);
    // Of a file from elsewhere nobody can say that it may be run.
    assert.equal(runs.programOf(join(tmpdir(), copy.split('/').at(-1) ?? '')), undefined);
  });

  test('nothing is left in the folder for temporary files', () => {
    const left = readdirSync(tmpdir()).filter(
      (name) => !before.has(name) && /interleave|ilv/i.test(name),
    );
    assert.deepEqual(left, []);
  });
});
