/** Finds the Node that will run a program. */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import type { Interpreter } from './interpreter.ts';
import { RecordingError } from './recordingError.ts';

export interface NodeSearch {
  /** What the user asked for; nothing else is tried then. */
  readonly node?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** What Node runs, by its ending; TypeScript from the version below on. */
const PROGRAM = /\.[cm]?[jt]s$/i;
const TYPED = /\.[cm]?ts$/i;
/** Oldest Node the probe runs in. */
const OLDEST = 18;
/** From here on Node leaves the types away by itself. */
const TYPES_SINCE = [22, 18] as const;
/** Behind shims of version managers it takes a second on a busy machine; a hung one must not hold us for ever. */
const PATIENCE_MS = 20_000;
const ASK = 'console.log([process.execPath, process.versions.node].join("\\n"))';

export function isNodeFile(file: string): boolean {
  return PROGRAM.test(file);
}

/** @throws RecordingError with a way out when there is none, or only one that is too old for the file. */
export async function findNode(file: string, search: NodeSearch = {}): Promise<Interpreter> {
  const env = search.env ?? process.env;
  const tried = candidates(search.node);
  let found: Interpreter | undefined;
  for (const command of tried) found ??= await ask(command, env, search.cwd ?? process.cwd());
  if (found === undefined) {
    throw new RecordingError(
      search.node === undefined
        ? `No Node was found: tried ${tried.join(', ')}.`
        : `${search.node} is no Node that runs.`,
      `Install Node ${OLDEST} or newer, or name one with --node PATH.`,
    );
  }
  const [major, minor] = found.version;
  if (major < OLDEST) {
    throw new RecordingError(
      `${found.path} is Node ${found.version.join('.')}; profiling needs Node ${OLDEST} or newer.`,
      'Name a newer one with --node PATH.',
    );
  }
  const knowsTypes =
    major > TYPES_SINCE[0] || (major === TYPES_SINCE[0] && minor >= TYPES_SINCE[1]);
  if (TYPED.test(file) && !knowsTypes) {
    throw new RecordingError(
      `${basename(file)} is TypeScript, which Node runs from ${TYPES_SINCE.join('.')} on; ${found.path} is ${found.version.join('.')}.`,
      `Name a newer one with --node PATH, or run what your tools make of it: interleave run -- npx tsx ${basename(file)}`,
    );
  }
  return found;
}

/** We run in Node ourselves, save for the desktop editor. */
function candidates(asked: string | undefined): string[] {
  if (asked !== undefined) return [asked];
  return process.versions.electron === undefined ? ['node', process.execPath] : ['node'];
}

function ask(
  command: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Interpreter | undefined> {
  return new Promise((done) => {
    // Without the user's own options: a module of theirs that breaks must not look like a missing Node.
    const bare = { ...env, NODE_OPTIONS: '' };
    const options = { env: bare, cwd, timeout: PATIENCE_MS, windowsHide: true };
    execFile(command, ['-e', ASK], options, (failure, stdout) => {
      const [path = '', version = ''] = stdout.split(/\r?\n/);
      const [major, minor, micro] = version.split('.').map(Number);
      if (failure !== null || major === undefined || minor === undefined || micro === undefined) {
        done(undefined);
      } else done({ path, version: [major, minor, micro] });
    });
  });
}
