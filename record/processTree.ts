/** Ends a program with everything it started, politely first. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Step {
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
  /** How long it gets before the next step. */
  readonly graceMs: number;
  /** The program itself is told and nobody else: whom it tells, and what, is its own affair. */
  readonly alone?: true;
}

/** As if Ctrl-C had been pressed, for a person who waits. */
export const INTERRUPT: readonly Step[] = [
  { signal: 'SIGINT', graceMs: 3000 },
  { signal: 'SIGTERM', graceMs: 2000 },
  { signal: 'SIGKILL', graceMs: 0 },
];

/**
 * For a program that is to be looked at as it stood. SIGTERM ends a Python at once, while SIGINT would raise
 * KeyboardInterrupt in a deadlocked main thread and so untie the very knot we want to show.
 */
export const TERMINATE: readonly Step[] = [
  { signal: 'SIGTERM', graceMs: 2000 },
  { signal: 'SIGKILL', graceMs: 0 },
];

/**
 * Asked from outside, by a service manager or a container: the program gets what was sent, and time to clean up. Its workers do
 * not: for many a server's worker a second SIGTERM, after its master's, means to drop everything at once.
 */
export const ASKED: readonly Step[] = [
  { signal: 'SIGTERM', graceMs: 8000, alone: true },
  { signal: 'SIGKILL', graceMs: 0 },
];

const windows = process.platform === 'win32';
/** What taskkill says of a process that has ended. */
const NOT_THERE = 128;

/** Sends a signal to a program's process group; false when nobody is left in it. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (windows) {
    // There are no signals to send: taskkill asks the windows of the tree to close, and with /F ends it.
    const force = signal === 'SIGKILL' || signal === 'SIGTERM' ? ['/F'] : [];
    const options = { stdio: 'ignore', windowsHide: true } as const;
    const withoutIt = (): void => {
      if (force.length > 0) endOne(pid);
    };
    spawn('taskkill', ['/PID', String(pid), '/T', ...force], options)
      .on('error', withoutIt)
      .on('exit', (status) => {
        if (status !== 0 && status !== NOT_THERE) withoutIt();
      });
    return true;
  }
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Sends a signal to the program itself, or to all of its group. */
export function signalProgram(pid: number, { signal, alone }: Step): void {
  if (windows || alone !== true) {
    signalGroup(pid, signal);
    return;
  }
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** After the program itself has ended: asks its children to end if they were not asked yet, gives them a moment, then ends them. */
export async function endGroup(pid: number, graceMs: number, ask: boolean): Promise<void> {
  if (windows) return;
  if (ask) signalGroup(pid, 'SIGTERM');
  const until = performance.now() + graceMs;
  while (isGroupAlive(pid)) {
    if (performance.now() >= until) {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    await sleep(20);
  }
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends those of the processes that belong to the recording in `folder`, whatever group they put themselves in. */
export function endStragglers(pids: Iterable<number>, folder: string): void {
  for (const pid of pids) {
    if (pid <= 1 || pid === process.pid || !belongsTo(pid, folder)) continue;
    endOne(pid);
  }
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

/** A process id may have been given to somebody else since: its environment tells. Only Linux lets us look. */
function belongsTo(pid: number, folder: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return environment.split('\0').includes(`INTERLEAVE_RECORDING=${folder}`);
  } catch {
    return false;
  }
}
