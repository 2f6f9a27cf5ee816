/** Runs a small program of each third-party stack bare and under the probe, in virtual environments kept in `.cache`. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Interpreter } from '../../record/interpreter.ts';
import { capture, ROOT, windows } from '../project.ts';
import { bareEnvironment, type Core, type Mode, probeEnvironment, watched } from './regrtest.ts';

export interface StackResult {
  readonly version: string;
  readonly core: Core;
  readonly program: string;
  /** With versions. */
  readonly packages: string;
  /** What was not the same; undefined when everything was. */
  readonly difference?: string;
}

const PROGRAMS = join(ROOT, 'test', 'conformance', 'stacks');
const REQUIREMENTS = join(ROOT, 'scripts', 'conformance', 'requirements.txt');
const PATIENCE = 90;

/** The programs' names. */
export function stackPrograms(): readonly string[] {
  return readdirSync(PROGRAMS)
    .filter((name) => name.endsWith('.py') && !name.startsWith('_'))
    .sort();
}

/** Runs all programs with every interpreter that an environment can be made for; a text says what is skipped. */
export async function* runStacks(
  pythons: readonly Interpreter[],
  cores: readonly Core[],
  programs: readonly string[] = stackPrograms(),
): AsyncGenerator<StackResult | string> {
  for (const python of pythons) {
    const version = python.version.join('.');
    const made = await makeEnvironment(python);
    if (!made.ok) {
      yield `third-party stacks on Python ${version}: ${made.reason}`;
      continue;
    }
    yield* runPrograms(made.python, version, cores, programs);
  }
}

/** The same, or some of the programs, with an environment that is there already. */
export async function* runPrograms(
  python: string,
  version: string,
  cores: readonly Core[],
  programs: readonly string[] = stackPrograms(),
): AsyncGenerator<StackResult | string> {
  for (const program of programs) {
    const packages = requires(program);
    const [known, versions] = await installed(python, packages);
    if (!known) {
      yield `${program} on Python ${version}: needs ${packages.join(', ')}`;
      continue;
    }
    const bare = await runProgram(python, program, 'bare');
    for (const core of cores) {
      const difference = differs(bare, await runProgram(python, program, core));
      yield {
        version,
        core,
        program: program.replace(/\.py$/, ''),
        packages: versions,
        ...(difference === undefined ? {} : { difference }),
      };
    }
  }
}

type Made =
  | { readonly ok: true; readonly python: string }
  | { readonly ok: false; readonly reason: string };

/** An environment made earlier for this Python, undefined when there is none. */
export function existingEnvironment(python: Interpreter): string | undefined {
  const executable = executableOf(folderOf(python));
  return existsSync(join(folderOf(python), 'made-for')) ? executable : undefined;
}

async function makeEnvironment(python: Interpreter): Promise<Made> {
  const folder = folderOf(python);
  const executable = executableOf(folder);
  const stamp = join(folder, 'made-for');
  const wanted = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .update(python.path)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return { ok: true, python: executable };
  }
  rmSync(folder, { recursive: true, force: true });
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
  ];
  for (const [command = '', ...args] of [
    [python.path, '-m', 'venv', folder],
    [executable, ...pip, '-r', REQUIREMENTS],
  ]) {
    const { code, text } = await capture(command, args);
    if (code !== 0) {
      const lines = text.trim().split('\n');
      return {
        ok: false,
        reason: lines.findLast((line) => line.includes('ERROR')) ?? lines.at(-1) ?? '',
      };
    }
  }
  writeFileSync(stamp, wanted);
  return { ok: true, python: executable };
}

function folderOf(python: Interpreter): string {
  return join(ROOT, '.cache', 'conformance', `stacks-${python.version.slice(0, 2).join('.')}`);
}

function executableOf(folder: string): string {
  return join(folder, windows ? 'Scripts\\python.exe' : 'bin/python');
}

/** Packages named in a program's `# requires:` line. */
function requires(program: string): readonly string[] {
  const line = /^# requires: (.*)$/m.exec(readFileSync(join(PROGRAMS, program), 'utf8'))?.[1] ?? '';
  return line.split(/[ ,]+/).filter((name) => name !== '');
}

async function installed(
  python: string,
  packages: readonly string[],
): Promise<readonly [all: boolean, versions: string]> {
  const ask =
    'import importlib.metadata as m, sys; print(*(p + " " + m.version(p) for p in sys.argv[1:]), sep=", ")';
  const { code, text } = await capture(python, ['-c', ask, ...packages]);
  return [code === 0, text.trim()];
}

interface ProgramRun {
  readonly ended: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly streams: number;
}

async function runProgram(python: string, program: string, mode: Mode): Promise<ProgramRun> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const recording = join(folder, 'recording');
    const cwd = join(folder, 'cwd');
    mkdirSync(recording);
    mkdirSync(cwd);
    const env = { ...bareEnvironment(), ...probeEnvironment(mode, recording, cwd) };
    const run = await watched(python, [join(PROGRAMS, program)], cwd, env, PATIENCE);
    const streams = readdirSync(recording).filter((name) => name.endsWith('.ring')).length;
    return { ...run, streams };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function differs(bare: ProgramRun, probed: ProgramRun): string | undefined {
  if (probed.streams === 0) return 'the probe was not there';
  if (bare.ended !== probed.ended) {
    return `ended ${bare.ended} bare, ${probed.ended} under the probe: ${last(probed.stderr)}`;
  }
  if (bare.stdout !== probed.stdout) return `printed ${JSON.stringify(probed.stdout.slice(-200))}`;
  if (bare.stderr !== probed.stderr) return `errors ${JSON.stringify(probed.stderr.slice(-300))}`;
  if (bare.ended !== '0') return `fails bare: ${last(bare.stderr)}`;
  return undefined;
}

function last(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
