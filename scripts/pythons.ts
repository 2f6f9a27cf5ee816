/** Finds the Pythons of this machine, and keeps one with the checkers in .cache/. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findInterpreter, type Interpreter } from '../record/interpreter.ts';
import { capture, ROOT, windows } from './project.ts';

/** One of each minor version from 3.9 on, oldest first: those on the PATH, of pyenv, and of Windows's launcher. */
export async function allPythons(): Promise<readonly Interpreter[]> {
  const found = new Map<string, Interpreter>();
  for (const path of await candidates()) {
    const interpreter = await findInterpreter({ python: path }).catch(() => undefined);
    if (interpreter === undefined) continue;
    const minor = interpreter.version.slice(0, 2).join('.');
    if (!found.has(minor)) found.set(minor, interpreter);
  }
  return [...found.values()].sort((one, other) => one.version[1] - other.version[1]);
}

async function candidates(): Promise<readonly string[]> {
  const paths: string[] = ['python3', 'python'];
  const pattern = windows ? /^python(?:3(?:\.\d+)?)?\.exe$/ : /^python3(?:\.\d+)?t?$/;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    // Shims of version managers answer for versions that are not chosen here, slowly.
    if (folder.includes('shims') || !existsSync(folder)) continue;
    paths.push(...list(folder, pattern).map((name) => join(folder, name)));
  }
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  for (const version of list(pyenv, /^[\d.]+t?$/)
    .sort()
    .reverse()) {
    paths.push(join(pyenv, version, windows ? 'python.exe' : 'bin/python3'));
  }
  if (windows) {
    const { text } = await capture('py', ['-0p']).catch(() => ({ text: '' }));
    paths.push(...(text.match(/[A-Z]:\\\S.*python\.exe/gi) ?? []));
  }
  return [...new Set(paths)].filter((path) => !path.includes('/') || existsSync(path));
}

function list(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch {
    return [];
  }
}

/** Folder of the checkers' executables, made with pinned versions when it is not there or those have changed. */
export async function checkers(): Promise<string> {
  const folder = join(ROOT, '.cache', 'check-python');
  const bin = join(folder, windows ? 'Scripts' : 'bin');
  const requirements = join(ROOT, 'scripts', 'requirements-check.txt');
  const stamp = join(folder, 'made-for');
  const python = (await allPythons()).at(-1);
  if (python === undefined) throw new Error('Checking the Python side needs Python 3.10 or newer.');
  const wanted = createHash('sha256')
    .update(readFileSync(requirements))
    .update(python.path)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return bin;
  rmSync(folder, { recursive: true, force: true });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const steps: readonly (readonly string[])[] = [
    [python.path, '-m', 'venv', folder],
    [join(bin, windows ? 'python.exe' : 'python'), ...install, '-r', requirements],
  ];
  for (const [command = '', ...args] of steps) {
    const { code, text } = await capture(command, args);
    if (code !== 0) {
      throw new Error(`${command} ${args.join(' ')} failed:\n${text}`);
    }
  }
  writeFileSync(stamp, wanted);
  return bin;
}
