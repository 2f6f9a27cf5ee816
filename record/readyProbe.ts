/** Has the probe compiled before a program needs it: the first one under a Python would pay a quarter of a second. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Interpreter } from './interpreter.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

/** What the probe has parts for: each is loaded, and what it changes is compiled, when a program imports these. */
const EVERYTHING =
  'import asyncio, concurrent.futures.process, concurrent.futures.thread, multiprocessing.pool, queue, subprocess';
const PATIENCE_MS = 20_000;

/**
 * Runs an empty program under the probe where this Python has none compiled yet. Never fails: without it the first
 * program pays. Where the probe's folder cannot be written it does, and its user's cache folder has the rest from then on.
 *
 * @param folder `probe/python` of an installation, this one's if not given.
 */
export async function readyProbe(
  { path, version: [major, minor] }: Interpreter,
  folder = probeFolder(),
): Promise<void> {
  const source = join(folder, 'interleave_probe');
  const compiled = join(source, '__pycache__', `__init__.cpython-${major}${minor}.pyc`);
  try {
    accessSync(source, constants.W_OK);
    if (isNewer(compiled, join(source, '__init__.py'))) return;
    const scratch = makeTemporaryFolder();
    try {
      await run(path, {
        ...process.env,
        INTERLEAVE_RECORDING: scratch.path,
        INTERLEAVE_OPTIONS: '',
        PYTHONPATH: join(folder, 'bootstrap'),
      });
    } finally {
      scratch.dispose();
    }
  } catch {
    // No room, or no such folder: what starts the program says so.
  }
}

/** `probe/python` lies beside the folder this code runs from, as source and as built. */
export function probeFolder(): string {
  return fileURLToPath(new URL('../probe/python', import.meta.url));
}

function isNewer(file: string, than: string): boolean {
  const made = statSync(file, { throwIfNoEntry: false });
  return made !== undefined && made.mtimeMs >= statSync(than).mtimeMs;
}

function run(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((done) => {
    const options = { env, timeout: PATIENCE_MS, windowsHide: true };
    execFile(command, ['-c', EVERYTHING], options, () => done());
  });
}
