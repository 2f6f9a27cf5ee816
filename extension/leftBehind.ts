/** Recordings that a window left in mid-run when it went without a word, as they lie in the folder for live ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, join } from 'node:path';
import { readManifest } from '../record/manifest.ts';

export interface LeftBehind {
  /** Name of the folder, which is the run's id. */
  readonly id: string;
  readonly folder: string;
  readonly title: string;
  /** Wall clock, ms since 1970. */
  readonly startedAt: number;
  /** Of all processes that wrote into it. */
  readonly pids: readonly number[];
}

/** Those that `known` does not name. What is no recording is left alone. */
export function leftBehind(live: string, known: ReadonlySet<string>): readonly LeftBehind[] {
  return namesIn(live).flatMap((id) => {
    if (known.has(id)) return [];
    const folder = join(live, id);
    try {
      const { command, startedAt } = readManifest(folder);
      const pids = namesIn(folder).flatMap((name) => {
        const [, pid] = /^(\d+)-[0-9a-f]+\b/.exec(name) ?? [];
        return pid === undefined ? [] : [Number(pid)];
      });
      const title = basename(command.find((word) => /\.pyw?$/.test(word)) ?? command[0] ?? id);
      return [{ id, folder, title, startedAt: startedAt.wall / 1e6, pids: [...new Set(pids)] }];
    } catch {
      return [];
    }
  });
}

/** Numbers of processes come round again after a restart of the machine: nothing that began before it lives on. */
export function isAlive(pids: readonly number[], startedAt: number): boolean {
  const bootedAt = Date.now() - uptime() * 1000;
  if (startedAt < bootedAt) return false;
  return pids.some((pid) => {
    try {
      if (pid > 0) process.kill(pid, 0);
      return pid > 0;
    } catch {
      return false;
    }
  });
}

/**
 * Of these processes, those that record into the folder for certain: their environment says so. Only Linux shows that;
 * elsewhere there are none, since a number alone may be anybody's by now.
 */
export function writersOf({ folder, pids }: LeftBehind): readonly number[] {
  return pids.filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(`INTERLEAVE_RECORDING=${folder}`);
    } catch {
      return false;
    }
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
