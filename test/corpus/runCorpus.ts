/**
 * Runs the corpus (and the samples) under the profiler and prints what was missed and what was a false alarm.
 * `node scripts/with-node.mjs test/corpus/runCorpus.ts [--python PATH] [--node PATH] [--core native|python] [--jobs 2] [--bare] [--samples] [filter…]`
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type JudgedReport, type Judgement, judge, loadPrograms, type Program } from './corpus.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A stuck program needs no longer than this to be seen stuck when it runs bare. */
const BARE_PATIENCE_SECONDS = 3.5;
const TURNS_ALONE = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: 'python3' },
    node: { type: 'string', default: 'node' },
    core: { type: 'string', default: 'native' },
    jobs: { type: 'string', default: '2' },
    bare: { type: 'boolean', default: false },
    samples: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

interface Outcome {
  readonly program: Program;
  readonly judgement: Judgement | undefined;
  /** Why there is no judgement. */
  readonly trouble: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly late: boolean;
}

function execute(command: string, args: readonly string[], seconds: number): Promise<Ended> {
  return new Promise((done, fail) => {
    // A group of its own, so that the children of a stuck program end with it.
    const child = spawn(command, args, {
      cwd: root,
      env:
        values.core === 'python'
          ? { ...process.env, INTERLEAVE_OPTIONS: 'core=python' }
          : process.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const endGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      endGroup();
    }, seconds * 1000);
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      endGroup();
      child.stdout.destroy();
      child.stderr.destroy();
      done({ code, signal, stdout, stderr, late });
    });
  });
}

async function runBare(program: Program): Promise<Outcome> {
  const stuck = typeof program.exit !== 'number';
  const ended = await execute(
    values[program.runtime],
    [program.file],
    stuck ? BARE_PATIENCE_SECONDS : program.timeout,
  );
  const told = `${ended.late ? 'was still running' : `ended with ${ended.signal ?? ended.code}`}\n${ended.stderr.slice(-600)}`;
  const right = stuck ? ended.late : !ended.late && ended.code === program.exit;
  return { program, judgement: undefined, trouble: right ? '' : `bare: ${told}` };
}

function cli(): string[] {
  const source = `${root}cli/main.ts`;
  return existsSync(source) ? ['scripts/with-node.mjs', source] : ['dist/cli.js'];
}

async function runProfiled(program: Program): Promise<Outcome> {
  const stuck = typeof program.exit !== 'number';
  const timeout = stuck ? Math.min(program.timeout, 5) : program.timeout;
  const args = [...cli(), 'run', '--format', 'json', '--timeout', String(timeout)];
  args.push(`--${program.runtime}`, values[program.runtime], program.file);
  const ended = await execute('node', args, timeout + 20);
  const line = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    const report = JSON.parse(line) as JudgedReport;
    return { program, judgement: judge(program, report), trouble: '' };
  } catch {
    const what = ended.late ? 'the profiler did not end' : `no report, status ${ended.code}`;
    return { program, judgement: undefined, trouble: `${what}: ${ended.stderr.slice(-400)}` };
  }
}

const ASK = {
  python: ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
  node: ['-p', 'process.versions.node'],
} as const;

async function versionOf(runtime: Program['runtime']): Promise<number[]> {
  const { stdout } = await execute(values[runtime], ASK[runtime], 20);
  return stdout.trim().split('.').map(Number);
}

/** Only `python>=X.Y` and `node>=X.Y` are understood; the programs here need nothing else but their own operating system. */
function runsHere(program: Program): boolean {
  const [major = 0, minor = 0] = versions[program.runtime];
  return program.requires.every((need) => {
    const match = /^(?:python|node)>=(\d+)\.(\d+)$/.exec(need);
    if (match === null)
      return need === 'fork' ? process.platform !== 'win32' : need === process.platform;
    return major > Number(match[1]) || (major === Number(match[1]) && minor >= Number(match[2]));
  });
}

function family(program: Program): string {
  const parts = relative(root, program.file).split(sep);
  return parts.slice(parts[0] === 'test' ? 2 : 0, -1).join('/');
}

function describe({ judgement, trouble }: Outcome): string[] {
  if (judgement === undefined) return trouble === '' ? [] : [trouble];
  return [
    ...judgement.missing.map((rule) => `missed ${rule}`),
    ...judgement.wrongLine.map(({ rule, place }) => `${rule} does not name line ${place.line}`),
    ...judgement.falseAlarms.map(
      (one) =>
        `false alarm ${one.rule} at ${one.locations.map((at) => at.line).join(',')}: ${one.title ?? ''}`,
    ),
    ...(judgement.wrongExit === undefined ? [] : [judgement.wrongExit]),
  ];
}

const versions = { python: await versionOf('python'), node: await versionOf('node') };
const all = [
  ...loadPrograms(`${root}test/corpus`),
  ...(values.samples ? loadPrograms(`${root}samples`) : []),
].filter((one) => positionals.length === 0 || positionals.some((part) => one.file.includes(part)));
const waiting = all.filter(runsHere);
const outcomes: Outcome[] = [];

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const outcome = await (values.bare ? runBare(next) : runProfiled(next));
    outcomes.push(outcome);
    const told = describe(outcome);
    if (told.length > 0 || values.verbose) {
      console.log(`${told.length === 0 ? 'ok  ' : 'FAIL'} ${relative(root, next.file)}`);
      for (const text of told) console.log(`       ${text}`);
    }
  }
}

/**
 * Two programs at a time on a busy machine starve each other, and then say so. What was not right is run again alone, and counts
 * as right when it is; the table's last line tells how many needed that.
 */
async function again(): Promise<number> {
  let unsteady = 0;
  for (const [index, first] of outcomes.entries()) {
    if (values.bare || describe(first).length === 0) continue;
    for (let turn = 1; turn <= TURNS_ALONE; turn++) {
      const outcome = await runProfiled(first.program);
      if (describe(outcome).length > 0) continue;
      outcomes[index] = outcome;
      unsteady += 1;
      console.log(`ok   ${relative(root, first.program.file)} when run alone`);
      break;
    }
  }
  return unsteady;
}

const skipped = all.length - waiting.length;
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const unsteady = await again();

const families = [...new Set(outcomes.map((one) => family(one.program)))].sort();
const totals = { programs: 0, right: 0, missed: 0, line: 0, alarms: 0, exit: 0, trouble: 0 };
console.log(
  '\nfamily                     programs  right  missed  wrong line  false alarms  wrong exit  no report',
);
for (const name of [...families, 'TOTAL']) {
  const mine = outcomes.filter((one) => name === 'TOTAL' || family(one.program) === name);
  const count = (pick: (one: Judgement) => number) =>
    mine.reduce((sum, one) => sum + (one.judgement === undefined ? 0 : pick(one.judgement)), 0);
  totals.programs = mine.length;
  totals.right = mine.filter((one) => describe(one).length === 0).length;
  totals.missed = count((one) => one.missing.length);
  totals.line = count((one) => one.wrongLine.length);
  totals.alarms = count((one) => one.falseAlarms.length);
  totals.exit = count((one) => (one.wrongExit === undefined ? 0 : 1));
  totals.trouble = mine.filter((one) => one.trouble !== '').length;
  const cells = Object.values(totals).map((value, index) =>
    String(value).padStart([8, 7, 8, 12, 14, 12, 11][index] ?? 8),
  );
  console.log(`${name.padEnd(27)}${cells.join('')}`);
}
if (unsteady > 0) console.log(`${unsteady} were right only when run alone.`);
if (skipped > 0)
  console.log(
    `${skipped} skipped: they need another Python than ${versions.python.join('.')}, or another Node than ${versions.node.join('.')}.`,
  );
process.exitCode = totals.right === totals.programs ? 0 : 1;
