/** Does one fault to one profiled program and says what did not hold afterwards. */
import { spawnSync } from 'node:child_process';
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
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { launch, type Run } from '../../record/launch.ts';
import { readRecording } from '../../record/recordingFile.ts';
import type { Manifest, ProgramExit } from '../../wire/recording.ts';
import { ROOT } from '../project.ts';
import type { Fault } from './kinds.ts';
import { Ledger } from './ledger.ts';
import { randomFrom } from './random.ts';

const VICTIM = join(ROOT, 'scripts', 'faults', 'victim.py');
/** Much longer than any victim lives on a busy machine. */
const HANG_S = 90;

export interface Injection {
  readonly fault: Fault;
  readonly seed: number;
  readonly python: string;
  readonly core: 'native' | 'python';
  /** Keeps the packed recording here, for those who want to damage it. */
  readonly keep?: string;
  /** Keeps the recording and what the program had said in this folder when something did not hold. */
  readonly evidence?: string;
}

/** Whether small disks and clocks of their own can be made here: by the superuser of a Linux. */
export function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Sentences of what did not hold; none when all did. */
export async function inject(injection: Injection): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'faults-'));
  // Where the recording lies.
  const disk = join(home, 'disk');
  mkdirSync(disk);
  const { diskKiB } = injection.fault;
  if (diskKiB !== undefined) {
    run('mount', '-t', 'tmpfs', '-o', `size=${diskKiB}k`, 'tmpfs', disk);
  }
  try {
    const wrong = await suffer(injection, home, disk);
    const left = readdirSync(disk);
    return left.length === 0 ? wrong : [...wrong, `left behind: ${left.join(', ')}`];
  } finally {
    if (diskKiB !== undefined) run('umount', '-l', disk);
    rmSync(home, { recursive: true, force: true });
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
}

/** Launches with its temporary folder on another disk; others may be under way meanwhile. */
function launchOn(disk: string, options: Parameters<typeof launch>[0]): Run {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = disk;
  try {
    return launch(options);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

async function suffer(
  injection: Injection,
  home: string,
  disk: string,
): Promise<readonly string[]> {
  const { fault, seed } = injection;
  const { patience = HANG_S } = fault;
  const stamps = join(home, 'stamps');
  const trace = new Trace({ sourceLine: () => undefined });
  const ledger = new Ledger();
  const program = launchOn(disk, {
    command: commandOf(injection, stamps),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { ...process.env, TMPDIR: home },
    timeoutMs: patience * 1000,
  });
  const ready = new Promise<void>((done) => {
    program.stdout?.once('data', () => done());
    void program.exited.then(() => done());
  });
  const subscription = program.batches((batch) => {
    trace.add(batch);
    ledger.add(batch);
  });
  try {
    const [stdout, stderr, exit] = await Promise.all([
      program.stdout === null ? '' : text(program.stdout),
      program.stderr === null ? '' : text(program.stderr),
      program.exited,
      harm(program, fault, randomFrom(seed), ready),
    ]);
    const report = buildReport(trace, program.manifest);
    const wrong = [...endedWell(fault, exit), ...printedWell(fault, exit, stdout, stderr)];
    if (exit.reason === 'timeout') wrong.push(`hung for ${patience} s`);
    if (report.exit.code !== exit.code || report.exit.signal !== exit.signal) {
      wrong.push(`the report says ${JSON.stringify(report.exit)}, it was ${JSON.stringify(exit)}`);
    }
    const seen = fault.diskKiB !== undefined || report.processes.length > 0;
    if (stdout.includes('ready') && !seen) wrong.push('no process in the report');
    wrong.push(...nothingLost(fault, stamps, ledger), ...ledger.unaccounted(program.folder));
    const told = report.probe.losses.reduce((sum, { count }) => sum + count, 0);
    if (told !== report.probe.dropped || told < ledger.lost) {
      wrong.push(`${ledger.lost} records are lost, the report says ${told}`);
    }
    if (fault.mustSayLoss === true && told === 0) wrong.push('the report says of no loss');
    wrong.push(...(await readAgain(program, injection.keep ?? join(home, 'packed.interleave'))));
    if (!(await isGone(program.pid))) wrong.push('processes of the program are still there');
    if (wrong.length > 0 && injection.evidence !== undefined) {
      const place = join(injection.evidence, `${fault.name} ${seed}`);
      cpSync(program.folder, place, { recursive: true });
      if (existsSync(stamps)) cpSync(stamps, join(place, 'stamps'));
      writeFileSync(join(place, 'wrong'), `${wrong.join('\n')}\n\n${stdout}\n\n${stderr}`);
    }
    return wrong;
  } finally {
    subscription.dispose();
    program.dispose();
  }
}

/** Through `env`, which becomes the program: the launcher has no word for the core. */
function commandOf(injection: Injection, stamps: string): readonly string[] {
  const { fault, seed, python, core } = injection;
  const options = `INTERLEAVE_OPTIONS=detail=default;budget=${64 << 20};sample=10;core=${core}`;
  const victim = [python, '-W', 'ignore', VICTIM, fault.victim, String(seed), stamps];
  const clock = 1 + Math.floor(randomFrom(seed)() * 1e6);
  const where = fault.ownClock === true ? ['unshare', '--time', '--monotonic', `${clock}`] : [];
  return [...where, 'env', options, ...victim];
}

/** The harm from outside, at a random moment from the start on or, if need be, from the first word on. */
async function harm(
  program: Run,
  fault: Fault,
  random: () => number,
  ready: Promise<void>,
): Promise<void> {
  // On a busy machine the start alone takes longer than what comes below.
  if (fault.whenReady === true || random() < 0.6) await ready;
  if (fault.frozen === true) {
    await sleep(random() * 900);
    program.signal('SIGSTOP');
    await sleep(150);
    program.signal('SIGCONT');
    await sleep(random() * 4);
  } else if (fault.signal !== undefined) {
    await sleep(random() * 900);
  }
  if (fault.signal !== undefined) program.signal(fault.signal);
  if (fault.pauses !== true) return;
  for (let times = 0; times < 3; times++) {
    await sleep(random() * 200);
    program.signal('SIGSTOP');
    await sleep(random() * 200);
    program.signal('SIGCONT');
  }
}

function endedWell(fault: Fault, exit: ProgramExit): readonly string[] {
  if (exit.code === fault.code && exit.signal === fault.ended) return [];
  return [`ended ${JSON.stringify(exit)}`];
}

function printedWell(fault: Fault, exit: ProgramExit, stdout: string, stderr: string): string[] {
  const wrong: string[] = [];
  const lines = stdout.split('\n').slice(1, -1);
  if (fault.prints !== undefined && lines.join() !== fault.prints.join()) {
    wrong.push(`printed ${JSON.stringify(stdout)}`);
  }
  if (exit.signal === null && stderr !== '')
    wrong.push(`complained ${JSON.stringify(stderr.slice(-2500))}`);
  return wrong;
}

function nothingLost(fault: Fault, stamps: string, ledger: Ledger): readonly string[] {
  if (fault.losesRecords === true || !existsSync(stamps)) return [];
  return ledger.notRecorded(readFileSync(stamps));
}

/** Packed and read from the file it must be the same, and be said so. */
async function readAgain(program: Run, file: string): Promise<readonly string[]> {
  await program.pack(file);
  const trace = new Trace({ sourceLine: () => undefined });
  try {
    let manifest: Manifest | undefined;
    for await (const batch of readRecording(file)) {
      if (batch.type === 'manifest') manifest = batch.manifest;
      trace.add(batch);
    }
    if (manifest === undefined) return ['the file has no manifest'];
    const { exit } = buildReport(trace, manifest);
    return exit.code === program.manifest.exit?.code
      ? []
      : [`the file says ${JSON.stringify(exit)}`];
  } catch (failure) {
    return [`the file cannot be read: ${String(failure)}`];
  }
}

/** Whether nobody of a process group is left, soon: killed processes stay until somebody has asked how they ended. */
async function isGone(group: number): Promise<boolean> {
  for (let times = 0; times < 100; times++) {
    try {
      process.kill(-group, 0);
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}
