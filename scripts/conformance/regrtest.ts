/** Runs one of CPython's own test suites, bare or under the probe, and says how each test of it ended. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PrepareOptions, prepareRecording } from '../../record/prepare.ts';
import { capture, ROOT } from '../project.ts';

export type Core = 'native' | 'python';
export type Mode = 'bare' | Core;
export type Detail = PrepareOptions['detail'];
export type Outcome = 'passed' | 'failed' | 'error' | 'skipped' | 'unfinished';

export interface SuiteRun {
  /** By the test's id; a test that ran more than once has `#2` and so on behind it. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** How the whole process ended: `0`, `2`, `SIGSEGV`, `timeout`. */
  readonly ended: string;
  /** Streams the probe wrote: none means it was not there. */
  readonly streams: number;
  readonly seconds: number;
  readonly text: string;
}

export interface SuiteRequest {
  readonly python: string;
  readonly suite: string;
  readonly mode: Mode;
  readonly patience: number;
  /** As much as a recording can hold, or what it holds if nobody asks. */
  readonly detail?: Detail;
  /** Ids of the only tests to run. */
  readonly only?: readonly string[];
}

/** What changes a Python, and is to be the same for everybody. */
const OURS = /^(INTERLEAVE_|PYTHON)/;

export async function runSuite(request: SuiteRequest): Promise<SuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    return await runIn(folder, request);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function runIn(folder: string, request: SuiteRequest): Promise<SuiteRun> {
  const { python, suite, mode, patience, detail, only = [] } = request;
  const recording = join(folder, 'recording');
  const results = join(folder, 'results.xml');
  const cwd = join(folder, 'cwd');
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  for (const made of [recording, cwd, home, temporary]) mkdirSync(made);
  const args = ['-m', 'test', '-v', '-u', resources(suite), '--junit-xml', results, suite];
  if (only.length > 0) {
    const list = join(folder, 'only');
    writeFileSync(list, `${only.join('\n')}\n`);
    args.push('--matchfile', list);
  }
  const began = performance.now();
  const env = {
    ...bareEnvironment(),
    ...probeEnvironment(mode, recording, cwd, detail),
    // Tests make and remove folders there, and others run at the same time.
    HOME: home,
    TMPDIR: temporary,
    // The tests start interpreters with -I, where no probe can follow, unless they need to know their home.
    PYTHONHOME: dirname(dirname(python)),
  };
  const { ended, text } = await watched(python, args, cwd, env, patience);
  return {
    outcomes: existsSync(results)
      ? readResults(readFileSync(results, 'utf8'))
      : readVerbose(text, ended),
    ended,
    streams: readdirSync(recording).filter((name) => name.endsWith('.ring')).length,
    seconds: (performance.now() - began) / 1000,
    text,
  };
}

/** Ids of all tests of a suite, in the order of the suite. */
export async function listCases(python: string, suite: string): Promise<readonly string[]> {
  const { text } = await capture(python, ['-m', 'test', '--list-cases', suite], {}, tmpdir());
  return text.split('\n').filter((line) => /^test\.[\w.]+$/.test(line));
}

/** What regrtest wants to be asked for, of which all is here: loopback, a terminal, time. */
function resources(suite: string): string {
  if (suite === 'test_socketserver') return 'network';
  if (suite === 'test_pyrepl') return 'curses';
  return suite === 'test_eintr' ? 'walltime' : 'none';
}

let copied = '';

/** A copy of the probe of this moment: a suite takes minutes, and must not see files change under it. */
function probeCopy(): string {
  if (copied === '') {
    copied = mkdtempSync(join(tmpdir(), 'conformance-probe-'));
    cpSync(join(ROOT, 'probe', 'python'), copied, { recursive: true });
    process.once('exit', () => rmSync(copied, { recursive: true, force: true }));
  }
  return copied;
}

/** Our environment without what changes a Python. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
}

/** What is added to the environment for a mode; nothing for bare. */
export function probeEnvironment(
  mode: Mode,
  recording: string,
  cwd: string,
  detail: Detail = 'default',
): NodeJS.ProcessEnv {
  if (mode === 'bare') return {};
  const { env } = prepareRecording({
    folder: recording,
    command: [],
    cwd,
    env: {},
    probeFolder: probeCopy(),
    detail,
    budgetBytes: 256 << 20,
  });
  return { ...env, INTERLEAVE_OPTIONS: `${env.INTERLEAVE_OPTIONS};core=${mode}` };
}

export interface Watched {
  readonly ended: string;
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as the head of a process group, which ends with it or when patience (in seconds) does. */
export function watched(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  patience: number,
): Promise<Watched> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const [all, out, err]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
    child.stdout.on('data', (chunk: Buffer) => {
      all.push(chunk);
      out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      all.push(chunk);
      err.push(chunk);
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup(pid);
    }, patience * 1000);
    child.once('error', fail);
    child.once('exit', () => {
      clearTimeout(timer);
      // A grandchild that outlives its parent would hold our pipes open.
      setTimeout(() => endGroup(pid), 1000).unref();
    });
    child.once('close', (code, signal) => {
      if (pid !== undefined) running.delete(pid);
      done({
        ended: late ? 'timeout' : (signal ?? String(code)),
        text: Buffer.concat(all).toString(),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      });
    });
  });
}

/** Heads of the process groups that run: whoever ends us ends them, too. */
const running = new Set<number>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    running.forEach(endGroup);
    process.exit(1);
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** Reads regrtest's `--junit-xml`. */
export function readResults(xml: string): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const [, attributes = '', , inside = ''] of xml.matchAll(
    /<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const id = plain(/name="([^"]*)"/.exec(attributes)?.[1] ?? '');
    const outcome: Outcome = inside.includes('<error')
      ? 'error'
      : inside.includes('<failure')
        ? 'failed'
        : inside.includes('<skipped')
          ? 'skipped'
          : 'passed';
    add(outcomes, id, outcome);
  }
  return outcomes;
}

/** Reads the lines of `-v` of a run that died before it wrote its results. */
export function readVerbose(text: string, ended: string): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const line = /^(\w+) \(([\w.]+)\)(?:\n.*?)? \.\.\. (?:.*\n)*?(ok|FAIL|ERROR|skipped)/gm;
  for (const [, name = '', group = '', word] of text.matchAll(line)) {
    const id = group.endsWith(`.${name}`) ? group : `${group}.${name}`;
    const outcome = word === 'ok' ? 'passed' : word === 'FAIL' ? 'failed' : 'error';
    add(outcomes, id, word === 'skipped' ? 'skipped' : outcome);
  }
  add(outcomes, `(the run ended with ${ended})`, 'unfinished');
  return outcomes;
}

function add(outcomes: Map<string, Outcome>, id: string, outcome: Outcome): void {
  let name = id;
  for (let times = 2; outcomes.has(name); times++) name = `${id}#${times}`;
  outcomes.set(name, outcome);
}

/** Ids of generated tests may hold addresses and entities. */
function plain(id: string): string {
  return id
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/0x[0-9a-f]{6,}/g, '0x…');
}
