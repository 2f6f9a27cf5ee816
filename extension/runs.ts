/** All runs of this workspace: starts programs, opens recordings, keeps the last ones, survives a reload of the window. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { signalGroup } from '../record/processTree.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import { readSettings } from './config.ts';
import { isAlive, leftBehind, writersOf } from './leftBehind.ts';
import type { Log } from './log.ts';
import type { Program } from './program.ts';
import { startProgramTask } from './programTask.ts';
import {
  exists,
  idOf,
  isFolder,
  modifiedAt,
  newId,
  prepared,
  stemOf,
  titleOf,
} from './recordingFiles.ts';
import { Run, type RunOrigin } from './run.ts';

/** What is remembered of a run so that a reloaded window finds it again. */
interface LivingRun {
  readonly origin: RunOrigin;
  readonly folder: string;
  readonly pid: number;
}
const LIVING = 'living';

/** How the kept recordings were made, by id: a recording itself does not say all of it. */
type Programs = Readonly<Record<string, Program>>;
const PROGRAMS = 'programs';

/** A file that is not written to for so long is whole. */
const WRITTEN_MS = 500;

export class Runs implements Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;
  readonly #owned = new Disposables();
  readonly #runs: Run[] = [];
  readonly #changes = new Emitter<void>();
  readonly #started = new Emitter<Run>();
  readonly #removals = new Emitter<Run>();
  readonly #storage: string;
  #selected: Run | undefined;

  /** Fires when there is a run more or less, another is selected, or one has changed. */
  readonly changes = this.#changes.event;
  /** A program was started, or a recording was opened. */
  readonly started = this.#started.event;
  /** A run is gone for good, and its worker with it. */
  readonly removals = this.#removals.event;

  constructor(context: vscode.ExtensionContext, log: Log) {
    this.#context = context;
    this.#log = log;
    this.#storage = (context.storageUri ?? context.globalStorageUri).fsPath;
    this.#owned.add(this.#changes);
    this.#owned.add(this.#started);
    this.#owned.add(this.#removals);
    this.#owned.add(this.changes(() => this.#setContextKeys()));
  }

  /** Newest first. */
  get all(): readonly Run[] {
    return this.#runs;
  }
  /** The run that lenses, findings and Problems speak of. */
  get selected(): Run | undefined {
    return this.#selected;
  }
  get running(): readonly Run[] {
    return this.#runs.filter((run) => run.state === 'running');
  }

  select(run: Run): void {
    if (this.#selected === run) return;
    this.#selected = run;
    this.#changes.fire();
  }

  byId(id: string): Run | undefined {
    return this.#runs.find((run) => run.origin.id === id);
  }

  /** Starts a program with the probe inside. @throws when there is no room for its recording or it cannot start. */
  async start(program: Program): Promise<Run> {
    const uri = program.file === undefined ? undefined : vscode.Uri.file(program.file);
    const settings = readSettings(uri);
    const id = newId();
    const folder = join(this.#liveFolder, id);
    const { title } = program;
    const file = this.#fileFor(id, title);
    if (!isFolder(program.cwd)) {
      throw new RecordingError(
        `${title} cannot start in ${program.cwd}: there is no such folder.`,
        'Set another working directory: in the setting, or for this file alone.',
      );
    }
    const { env } = prepared(folder, file, {
      folder,
      command: program.command,
      cwd: program.cwd,
      env: { ...process.env, ...program.env },
      probeFolder: this.#context.asAbsolutePath(join('probe', 'python')),
      detail: settings.detail,
      budgetBytes: settings.budgetMiB * 1024 * 1024,
    });
    const origin = { id, title, startedAt: Date.now(), program, file };
    await this.#keepProgram(id, program);
    const run = this.#add(new Run(origin, this.#workerScript, 'running'));
    run.post({ type: 'follow', folder, title: program.title });
    try {
      const task = await startProgramTask(program, { ...program.env, ...env });
      run.stopper = () => task.stop('stopped');
      void task.pid.then((pid) => this.#remember({ origin, folder, pid: pid ?? 0 }));
      void task.exited.then(async (exit) => {
        this.#log.info(`${program.title} ended: ${JSON.stringify(exit)}`);
        run.stopper = undefined;
        task.dispose();
        await this.#forget(id);
        run.post({ type: 'ended', exit, file: origin.file });
      });
      this.#clearFolderAfter(run, folder);
      showWhenAsked(run, () => void task.showTerminal());
      if (settings.stopOnDeadlock) this.#stopOnDeadlock(run, () => task.stop('deadlock'));
    } catch (failure) {
      run.fail(`${program.title} could not be started: ${reasonOf(failure)}`);
      rmSync(folder, { recursive: true, force: true });
    }
    return run;
  }

  /** Opens a recording; the same file twice gives the run that is already there. */
  open(file: string, title = titleOf(file)): Run {
    const known = this.#runs.find((run) => run.origin.file === file && run.state !== 'failed');
    if (known !== undefined) return known;
    const program = this.programOf(file);
    const origin: RunOrigin = {
      id: newId(),
      title,
      startedAt: modifiedAt(file),
      file,
      ...(program && { program }),
    };
    const run = this.#add(new Run(origin, this.#workerScript, 'reading'));
    run.post({ type: 'open', path: file, title, runsAgain: program !== undefined });
    this.#watch(run);
    return run;
  }

  /** The command line writes a recording of the same name again and again. */
  #watch(run: Run): void {
    const file = vscode.Uri.file(run.origin.file);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(file, '..'), '*.interleave');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    let timer: NodeJS.Timeout | undefined;
    const changed = ({ fsPath }: vscode.Uri): void => {
      if (fsPath !== file.fsPath) return;
      clearTimeout(timer);
      timer = setTimeout(() => run.readAgain(), WRITTEN_MS);
    };
    watcher.onDidChange(changed);
    watcher.onDidCreate(changed);
    run.own(watcher);
    run.own({ dispose: () => clearTimeout(timer) });
  }

  /** What made a kept recording. Of any other file nobody can say that it may be run. */
  programOf(file: string): Program | undefined {
    const id = dirname(file) === this.#keepFolder ? idOf(file) : '';
    return this.#context.workspaceState.get<Programs>(PROGRAMS, {})[id];
  }

  /** Removes a run and its recording, if it lies in our own storage. */
  remove(run: Run): void {
    if (run.state === 'running' || !this.#runs.includes(run)) return;
    this.#runs.splice(this.#runs.indexOf(run), 1);
    this.#removals.fire(run);
    run.dispose();
    if (dirname(run.origin.file) === this.#keepFolder) rmSync(run.origin.file, { force: true });
    if (this.#selected === run) this.#selected = this.#runs[0];
    this.#changes.fire();
  }

  /** Removes a recording of an earlier window that is not open. */
  removeKept(file: string): void {
    if (!this.kept.includes(file)) return;
    rmSync(file, { force: true });
    this.#changes.fire();
  }

  /** Takes up what an earlier window left: programs that still run are followed on, others are finished. */
  async recover(): Promise<void> {
    const living = this.#context.workspaceState.get<readonly LivingRun[]>(LIVING, []);
    for (const { origin, folder, pid } of living) {
      const stop = isAlive([pid], origin.startedAt)
        ? () => void signalGroup(pid, 'SIGTERM')
        : undefined;
      if (exists(folder)) this.#takeUp(origin, folder, [pid], stop);
      else await this.#forget(origin.id);
    }
    // A window that crashed may not have had the time to note down what it had started.
    const known = new Set(living.map(({ origin }) => origin.id));
    for (const found of leftBehind(this.#liveFolder, known)) {
      const { id, folder, title, startedAt, pids } = found;
      const origin = { id, title, startedAt, file: this.#fileFor(id, title) };
      const stop = (): void => {
        for (const pid of writersOf(found)) process.kill(pid, 'SIGTERM');
      };
      this.#takeUp(origin, folder, pids, writersOf(found).length > 0 ? stop : undefined);
    }
    this.#changes.fire();
  }

  /** @param stop absent where nobody can say that the processes are still the program's. */
  #takeUp(
    origin: RunOrigin,
    folder: string,
    pids: readonly number[],
    stop: (() => void) | undefined,
  ): void {
    const run = this.#add(new Run(origin, this.#workerScript, 'running'));
    run.post({ type: 'follow', folder, title: origin.title });
    mkdirSync(this.#keepFolder, { recursive: true });
    this.#clearFolderAfter(run, folder);
    let reason: 'exited' | 'stopped' = 'exited';
    if (stop !== undefined) {
      run.stopper = () => {
        reason = 'stopped';
        stop();
      };
    }
    this.#untilGone(pids, origin.startedAt, async () => {
      run.stopper = undefined;
      await this.#forget(origin.id);
      run.post({ type: 'ended', exit: { code: null, signal: null, reason }, file: origin.file });
    });
  }

  dispose(): void {
    for (const run of this.#runs) run.dispose();
    this.#owned.dispose();
  }

  get #workerScript(): string {
    return this.#context.asAbsolutePath(join('dist', 'worker.js'));
  }

  get #keepFolder(): string {
    return join(this.#storage, 'runs');
  }

  get #liveFolder(): string {
    return join(this.#storage, 'live');
  }

  #fileFor(id: string, title: string): string {
    return join(this.#keepFolder, `${id}-${stemOf(title)}.interleave`);
  }

  #add(run: Run): Run {
    this.#runs.unshift(run);
    this.#selected = run;
    run.changes(() => {
      this.#changes.fire();
      if (run.state === 'failed' && run.trouble !== '') this.#log.error(run.trouble);
    });
    this.#started.fire(run);
    this.#changes.fire();
    this.#dropOld();
    return run;
  }

  /** Recordings of earlier windows, newest first, that are not open. */
  get kept(): readonly string[] {
    try {
      const open = new Set(this.#runs.map((run) => run.origin.file));
      return readdirSync(this.#keepFolder)
        .filter((name) => name.endsWith('.interleave'))
        .map((name) => join(this.#keepFolder, name))
        .filter((file) => !open.has(file))
        .sort()
        .reverse();
    } catch {
      return [];
    }
  }

  #dropOld(): void {
    const { keepRuns } = readSettings();
    // Nobody may lose what is before their eyes.
    const ended = this.#runs.filter(
      (run) => run.state !== 'running' && run !== this.#selected && !run.isShown,
    );
    for (const run of ended.slice(Math.max(0, keepRuns - 1))) this.remove(run);
    for (const file of this.kept.slice(keepRuns)) rmSync(file, { force: true });
  }

  /** Those whose recordings are gone are forgotten. */
  async #keepProgram(id: string, program: Program): Promise<void> {
    const { workspaceState } = this.#context;
    const ids = new Set([...this.#runs.map(({ origin }) => origin.file), ...this.kept].map(idOf));
    const known = Object.entries(workspaceState.get<Programs>(PROGRAMS, {}));
    const kept = known.filter(([each]) => ids.has(each));
    await workspaceState.update(PROGRAMS, Object.fromEntries([...kept, [id, program]]));
  }

  #clearFolderAfter(run: Run, folder: string): void {
    const watching = run.messages((message) => {
      if (message.type !== 'finished') return;
      watching.dispose();
      // Not packed: the folder is all there is of the run.
      if (message.file !== null) rmSync(folder, { recursive: true, force: true });
    });
  }

  #stopOnDeadlock(run: Run, stop: () => void): void {
    const watching = run.changes(() => {
      if (!run.findings.some((finding) => finding.rule === 'deadlock')) return;
      watching.dispose();
      stop();
    });
  }

  async #remember(run: LivingRun): Promise<void> {
    const living = this.#context.workspaceState.get<readonly LivingRun[]>(LIVING, []);
    await this.#context.workspaceState.update(LIVING, [...living, run]);
  }

  async #forget(id: string): Promise<void> {
    const living = this.#context.workspaceState.get<readonly LivingRun[]>(LIVING, []);
    const others = living.filter((run) => run.origin.id !== id);
    await this.#context.workspaceState.update(LIVING, others);
  }

  #untilGone(pids: readonly number[], startedAt: number, then: () => Promise<void>): void {
    const timer = setInterval(() => {
      if (isAlive(pids, startedAt)) return;
      clearInterval(timer);
      then().catch((failure: unknown) => this.#log.error(reasonOf(failure)));
    }, 250);
    this.#owned.add({ dispose: () => clearInterval(timer) });
  }

  #setContextKeys(): void {
    void vscode.commands.executeCommand(
      'setContext',
      'interleave.running',
      this.running.length > 0,
    );
    void vscode.commands.executeCommand('setContext', 'interleave.hasRun', this.#runs.length > 0);
  }
}

/** Each time the program begins to wait for what is typed. */
function showWhenAsked(run: Run, show: () => void): void {
  let asked = false;
  run.changes(() => {
    const asks = run.state === 'running' && run.status?.asks === true;
    if (asks && !asked) show();
    asked = asks;
  });
}
