/** Runs a program in a terminal of the editor, as a task: its output stays, it can be typed to, it can be stopped. */
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { INTERRUPT, type Step, signalGroup, TERMINATE } from '../record/processTree.ts';
import type { ProgramExit } from '../wire/recording.ts';
import type { Program } from './program.ts';

export interface ProgramTask extends Disposable {
  /** Of the program and of its process group. */
  readonly pid: Promise<number | undefined>;
  readonly exited: Promise<ProgramExit>;
  /** Where the program says and asks things. The focus stays: somebody may be typing elsewhere. */
  showTerminal(): Promise<void>;
  /** Ends the program: politely, then less so; a second call goes on to the next step at once. */
  stop(reason: 'stopped' | 'deadlock'): void;
}

let runNumber = 0;
function newRunNumber(): number {
  runNumber += 1;
  return runNumber;
}

/**
 * The terminal tells 0 of a program that was killed. A shell around it tells 128 + the signal; it must outlive the signals
 * that the program gets, and may not make it ignore them, as an empty trap would. But it dies of a hang-up: only then does the
 * system pass on to the program that its terminal is gone.
 */
const SHELL = 'trap : INT TERM QUIT; "$@"; exit $?';

function watched(command: readonly string[]): readonly string[] {
  return process.platform === 'win32' ? command : ['/bin/sh', '-c', SHELL, 'sh', ...command];
}

/** The environment is the editor's with `env` added. @throws when the editor cannot start tasks here. */
export async function startProgramTask(
  program: Program,
  env: Readonly<Record<string, string>>,
): Promise<ProgramTask> {
  const [executable = '', ...args] = watched(program.command);
  const task = new vscode.Task(
    // The editor takes tasks of equal definition for one and the same, and would not run it twice at once.
    { type: 'interleave', run: newRunNumber() },
    vscode.TaskScope.Workspace,
    program.title,
    'Interleave',
    new vscode.ProcessExecution(executable, args, { cwd: program.cwd, env: { ...env } }),
  );
  task.presentationOptions = {
    // The panel is what people look at; the terminal is shown when the program asks for something, or fails by itself.
    reveal: vscode.TaskRevealKind.Never,
    focus: false,
    // A terminal whose program has ended is taken again: there are as many as there were programs at once, and what stands
    // in the one on the screen is never the last words of the run before.
    panel: vscode.TaskPanelKind.Shared,
    showReuseMessage: false,
    clear: true,
    // What would be echoed is the shell around the program.
    echo: process.platform === 'win32',
  };
  const owned = new Disposables();
  let execution: vscode.TaskExecution | undefined;
  let reason: ProgramExit['reason'] = 'exited';
  let steps: readonly Step[] | undefined;
  let timer: NodeJS.Timeout | undefined;

  const pid = new Promise<number | undefined>((resolve) => {
    owned.add(
      vscode.tasks.onDidStartTaskProcess((event) => {
        if (event.execution === execution) resolve(event.processId);
      }),
    );
    owned.add({ dispose: () => resolve(undefined) });
  });
  const exited = new Promise<ProgramExit>((resolve) => {
    const finish = (code: number | undefined): void => {
      clearTimeout(timer);
      resolve(exitOf(code, reason));
    };
    owned.add(
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution === execution) finish(event.exitCode);
      }),
    );
    // Without a process (the executable is missing) only this one comes.
    owned.add(
      vscode.tasks.onDidEndTask((event) => {
        if (event.execution === execution) setTimeout(() => finish(undefined), 500);
      }),
    );
  });
  execution = await vscode.tasks.executeTask(task);

  const advance = async (): Promise<void> => {
    clearTimeout(timer);
    const process = await pid;
    const [step, ...rest] = steps ?? [];
    if (step === undefined || process === undefined) {
      execution?.terminate();
      return;
    }
    steps = rest;
    signalGroup(process, step.signal);
    timer = setTimeout(() => void advance(), Math.max(step.graceMs, 500));
    void exited.then(() => clearTimeout(timer));
  };

  const showTerminal = async (): Promise<void> => (await terminalOf(await pid))?.show(true);
  // Of a program that was stopped nobody wants to read how it died; of one that failed its last words matter most.
  void exited.then((exit) =>
    exit.reason !== 'exited' || exit.code === 0 ? undefined : showTerminal(),
  );
  return {
    pid,
    exited,
    showTerminal,
    stop(why) {
      reason = why;
      steps ??= why === 'stopped' ? INTERRUPT : TERMINATE;
      void advance();
    },
    dispose() {
      clearTimeout(timer);
      owned.dispose();
    },
  };
}

async function terminalOf(pid: number | undefined): Promise<vscode.Terminal | undefined> {
  for (const terminal of vscode.window.terminals) {
    if (pid !== undefined && (await terminal.processId) === pid) return terminal;
  }
  return undefined;
}

/** A signal comes as 128 + its number, or as no code at all. */
function exitOf(code: number | undefined, reason: ProgramExit['reason']): ProgramExit {
  const signal = code !== undefined && code > 128 ? SIGNALS[code - 128] : undefined;
  if (reason !== 'exited') return { code: code ?? null, signal: signal ?? null, reason };
  if (signal !== undefined || code === undefined) {
    return { code: null, signal: signal ?? null, reason: 'signal' };
  }
  return { code, signal: null, reason };
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};
