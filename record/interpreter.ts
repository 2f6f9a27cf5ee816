/** Finds the Python that will run a program and makes sure the probe can live in it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RecordingError } from './recordingError.ts';

export interface Interpreter {
  /** Absolute path of the executable itself, behind shims and launchers. */
  readonly path: string;
  readonly version: readonly [major: number, minor: number, micro: number];
}

export interface InterpreterSearch {
  /** What the user asked for; nothing else is tried then. */
  readonly python?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Oldest Python the probe runs in. */
const OLDEST = [3, 9] as const;
/** Interpreters behind shims of version managers take a second on a busy machine; a hung one must not hold us for ever. */
const PATIENCE_MS = 20_000;
/** As UTF-8 whatever the locale: on Windows that of a pipe cannot write every user's name. */
const ASK =
  'import sys; sys.stdout.buffer.write(("%s\\n%d.%d.%d" % (sys.executable, *sys.version_info[:3])).encode("utf-8", "surrogateescape"))';

/** @throws RecordingError with a way out when there is none, or only one that is too old. */
export async function findInterpreter(search: InterpreterSearch = {}): Promise<Interpreter> {
  const env = search.env ?? process.env;
  const tried: string[] = [];
  let tooOld: Interpreter | undefined;
  for (const command of candidates(search.python, env)) {
    const found = await ask(command, env, search.cwd ?? process.cwd());
    if (found === undefined) tried.push(command.join(' '));
    else if (isNewEnough(found)) return found;
    else tooOld ??= found;
  }
  const wanted = OLDEST.join('.');
  if (tooOld !== undefined) {
    throw new RecordingError(
      `${tooOld.path} is Python ${tooOld.version.join('.')}; profiling needs Python ${wanted} or newer.`,
      'Name a newer one with --python PATH.',
    );
  }
  throw new RecordingError(
    search.python === undefined
      ? `No Python was found: tried ${tried.join(', ')}.`
      : `${search.python} is no Python that runs.`,
    `Install Python ${wanted} or newer, or name one with --python PATH.`,
  );
}

/** The interpreter of the virtual environment that lies in a project's folder, where tools put it. */
export function environmentIn(folder: string): string | undefined {
  const executable = process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python';
  return ['.venv', 'venv', 'env']
    .filter((name) => existsSync(join(folder, name, 'pyvenv.cfg')))
    .map((name) => join(folder, name, executable))
    .find((path) => existsSync(path));
}

function candidates(asked: string | undefined, env: NodeJS.ProcessEnv): string[][] {
  if (asked !== undefined) return [[asked]];
  const windows = process.platform === 'win32';
  const venv = env.VIRTUAL_ENV;
  const inVenv =
    venv === undefined ? '' : join(venv, windows ? 'Scripts\\python.exe' : 'bin/python');
  return [
    ...(inVenv !== '' && existsSync(inVenv) ? [[inVenv]] : []),
    ['python3'],
    ['python'],
    ...(windows ? [['py', '-3']] : []),
  ];
}

function ask(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Interpreter | undefined> {
  return new Promise((done) => {
    const options = { env, cwd, timeout: PATIENCE_MS, windowsHide: true };
    // Isolated and without site: a broken sitecustomize of the user's must not look like a missing Python.
    execFile(command, [...args, '-I', '-S', '-c', ASK], options, (failure, stdout) => {
      const [path = '', version = ''] = stdout.split(/\r?\n/);
      const [major, minor, micro] = version.split('.').map(Number);
      if (failure !== null || major === undefined || minor === undefined || micro === undefined) {
        done(undefined);
      } else done({ path: path === '' ? command : path, version: [major, minor, micro] });
    });
  });
}

function isNewEnough({ version: [major, minor] }: Interpreter): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
