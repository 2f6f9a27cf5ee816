/** Starts a program with the probe inside and follows its recording until it has ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/event.ts';
import type { Batch } from '../wire/batch.ts';
import type { Manifest, ProgramExit } from '../wire/recording.ts';
import { follow } from './follow.ts';
import { pack } from './pack.ts';
import { closeWriteEnd, makePipe } from './pipe.ts';
import { finishManifest, prepareRecording } from './prepare.ts';
import {
  ASKED,
  endGroup,
  endStragglers,
  INTERRUPT,
  type Step,
  signalGroup,
  signalProgram,
  TERMINATE,
} from './processTree.ts';
import { probeFolder } from './readyProbe.ts';
import { codeOf, RecordingError, reasonOf } from './recordingError.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

export const DEFAULT_BUDGET_BYTES = 256 * 1024 * 1024;

export interface LaunchOptions {
  /** Executable and arguments; for a Python file see `findInterpreter`. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** The program's environment, without what the probe needs. */
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: 'inherit' | 'pipe' | 'ignore';
  /** `pipe` gives `Run.stdout` and `Run.stderr`, which the caller must read: the program waits when nobody does. */
  readonly stdout?: 'inherit' | 'pipe';
  readonly stderr?: 'inherit' | 'pipe';
  readonly detail?: 'default' | 'full';
  readonly budgetBytes?: number;
  /** Sampling interval in ms. */
  readonly sampleMs?: number;
  readonly timeoutMs?: number;
}

export type StopReason = 'timeout' | 'deadlock' | 'stopped';

export interface Run extends Disposable {
  /** Of the program; also its process group. */
  readonly pid: number;
  readonly folder: string;
  /** Everything recorded, as it comes. Subscribe in the turn of `launch`. */
  readonly batches: Event<Batch>;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Resolves when the program has ended and everything it recorded was handed on; rejects when it could not start. */
  readonly exited: Promise<ProgramExit>;
  /** As it is now: with `exit` and `durationNs` once `exited` has resolved. */
  readonly manifest: Manifest;
  /** Streams seen so far: none at the end means that no probe ever came up. */
  readonly streams: ReadonlySet<string>;
  /** Ends the program and all it started: politely, then less so. Again: skips to the next, harder step. @param asked what we were sent ourselves. */
  stop(reason: StopReason, asked?: 'SIGTERM'): void;
  /** Sends a signal to the program and its children, as a terminal would. */
  signal(signal: NodeJS.Signals): void;
  /** Leaves the folder where it is after `dispose`. */
  keep(): void;
  /** Packs the finished recording into one file; on failure nothing of it is left and the folder is kept. */
  pack(file: string): Promise<void>;
}

/** @throws RecordingError when there is no room for the recording. */
export function launch(options: LaunchOptions): Run {
  const [executable = '', ...args] = options.command;
  // spawn would throw for these, with everything else already there.
  if (executable === '' || [executable, ...args].some((word) => word.includes('\0'))) {
    throw new RecordingError('The command to start is empty, or has a NUL in it.');
  }
  const folder = temporaryFolder();
  const follower = follow(folder.path);
  const batches = new Emitter<Batch>();
  const forward = follower.batches((batch) => batches.fire(batch));
  const cwd = options.cwd ?? process.cwd();
  const env = options.env ?? process.env;
  const prepared = prepareRecording({
    folder: folder.path,
    command: options.command,
    cwd,
    env,
    probeFolder: probeFolder(),
    detail: options.detail ?? 'default',
    budgetBytes: options.budgetBytes ?? DEFAULT_BUDGET_BYTES,
    ...(options.sampleMs === undefined ? {} : { sampleMs: options.sampleMs }),
  });
  let manifest = prepared.manifest;
  const announce = setImmediate(() => batches.fire({ type: 'manifest', manifest }));

  const pipes = {
    stdout: options.stdout === 'pipe' ? makePipe(folder.path, 'stdout') : undefined,
    stderr: options.stderr === 'pipe' ? makePipe(folder.path, 'stderr') : undefined,
  };
  const child = spawn(executable, args, {
    cwd,
    env: { ...env, ...prepared.env },
    stdio: [
      options.stdin ?? 'inherit',
      pipes.stdout?.writeEnd ?? options.stdout ?? 'inherit',
      pipes.stderr?.writeEnd ?? options.stderr ?? 'inherit',
    ],
    // A group of its own on POSIX, so that whatever it starts can be ended with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  for (const pipe of [pipes.stdout, pipes.stderr]) closeWriteEnd(pipe);
  const pid = child.pid ?? 0;
  const ending = new Ending(pid);
  const timeout =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop('timeout'), options.timeoutMs);
  let hasEnded = false;

  function stop(reason: StopReason, asked?: 'SIGTERM'): void {
    if (!hasEnded && pid !== 0) ending.advance(reason, asked);
  }

  const exited = ended(child, executable, cwd).then(
    async ({ code, signal }) => {
      hasEnded = true;
      clearTimeout(timeout);
      clearImmediate(announce);
      const stopReason = ending.finish();
      const reason = stopReason ?? (signal === null ? 'exited' : 'signal');
      const exit: ProgramExit = { code, signal, reason };
      manifest = finishManifest(folder.path, manifest, exit);
      if (stopReason !== undefined) {
        await endGroup(pid, 300, ending.toldAlone);
        const pids = [...follower.streams].map((stream) => Number.parseInt(stream, 10));
        endStragglers(pids, folder.path);
      }
      await follower.finish();
      batches.fire({ type: 'manifest', manifest });
      return exit;
    },
    (failure: unknown) => {
      hasEnded = true;
      clearTimeout(timeout);
      clearImmediate(announce);
      follower.dispose();
      throw failure;
    },
  );
  // Whoever only listens to batches must not bring the host down with an unhandled rejection.
  exited.catch(() => undefined);

  return {
    pid,
    folder: folder.path,
    batches: batches.event,
    stdin: child.stdin,
    stdout: pipes.stdout?.readable ?? child.stdout,
    stderr: pipes.stderr?.readable ?? child.stderr,
    exited,
    get manifest() {
      return manifest;
    },
    streams: follower.streams,
    stop,
    signal(signal) {
      if (!hasEnded && pid !== 0) signalGroup(pid, signal);
    },
    keep: () => folder.keep(),
    async pack(file) {
      try {
        await pack(folder.path, file);
      } catch (failure) {
        folder.keep();
        throw failure;
      }
    },
    dispose() {
      clearTimeout(timeout);
      if (!hasEnded && pid !== 0) signalGroup(pid, 'SIGKILL');
      ending.finish();
      for (const pipe of [pipes.stdout, pipes.stderr]) pipe?.readable.destroy();
      forward.dispose();
      follower.dispose();
      batches.dispose();
      folder.dispose();
    },
  };
}

/** The steps of ending a program, one after the other until it is gone. */
class Ending {
  readonly #pid: number;
  #steps: readonly Step[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reason: StopReason | undefined;
  /** The latest signal went to the program alone. */
  toldAlone = false;

  constructor(pid: number) {
    this.#pid = pid;
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  advance(reason: StopReason, asked?: 'SIGTERM'): void {
    if (this.#reason === undefined) {
      this.#reason = reason;
      this.#steps = reason !== 'stopped' ? TERMINATE : asked === undefined ? INTERRUPT : ASKED;
    }
    clearTimeout(this.#timer);
    const [step, ...rest] = this.#steps;
    if (step === undefined) return;
    this.#steps = rest;
    this.toldAlone = step.alone === true;
    signalProgram(this.#pid, step);
    if (rest.length > 0) this.#timer = setTimeout(() => this.advance(reason), step.graceMs);
  }

  finish(): StopReason | undefined {
    clearTimeout(this.#timer);
    this.#steps = [];
    return this.#reason;
  }
}

function ended(
  child: ChildProcess,
  executable: string,
  cwd: string,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((done, fail) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', (failure) => {
      if (child.pid !== undefined) return;
      fail(cannotStart(failure, executable, cwd));
    });
  });
}

function cannotStart(failure: Error, executable: string, cwd: string): RecordingError {
  const code = codeOf(failure);
  if (code === 'ENOENT' && !existsSync(cwd)) {
    return new RecordingError(`The working folder ${cwd} does not exist.`);
  }
  if (code === 'ENOENT') {
    return new RecordingError(
      `There is no command ${executable}.`,
      'Check the spelling, or give its path.',
      { cause: failure },
    );
  }
  if (code === 'EACCES') {
    return new RecordingError(
      `${executable} is not executable.`,
      `Start it with the program that reads it, or make it executable: chmod +x ${executable}`,
      { cause: failure },
    );
  }
  return new RecordingError(`${executable} could not be started: ${reasonOf(failure)}.`, '', {
    cause: failure,
  });
}

function temporaryFolder(): ReturnType<typeof makeTemporaryFolder> {
  try {
    return makeTemporaryFolder();
  } catch (failure) {
    throw new RecordingError(
      `No temporary folder for the recording could be made: ${reasonOf(failure)}.`,
      'Point TMPDIR at a folder with free space.',
      { cause: failure },
    );
  }
}
