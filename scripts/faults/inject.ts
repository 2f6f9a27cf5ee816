/** Does one fault to one profiled program and says what did not hold afterwards. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { launch, type Run } from '../../record/launch.ts';
import { readRecording } from '../../record/recordingFile.ts';
import type { Batch } from '../../wire/batch.ts';
import { type ProgramExit, RECORD, RECORD_BYTES } from '../../wire/recording.ts';
import { ROOT } from '../project.ts';
import type { Fault } from './kinds.ts';
import { randomFrom } from './random.ts';

const VICTIM = join(ROOT, 'scripts', 'faults', 'victim.py');
/** Much longer than any victim lives on a busy machine. */
const HANG_MS = 90_000;
/** What may be lost of the time before a sudden end. */
const LOST_NS = 100e6;

export interface Injection {
  readonly fault: Fault;
  readonly seed: number;
  readonly python: string;
  readonly core: 'native' | 'python';
  /** Keeps the packed recording here, for those who want to damage it. */
  readonly keep?: string;
}

/** Sentences of what did not hold; none when all did. */
export async function inject(injection: Injection): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'faults-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = home;
  const stamps = join(home, 'stamps');
  try {
    const wrong = await suffer(injection, stamps);
    const left = readdirSync(home).filter((name) => name !== 'stamps');
    return left.length === 0 ? wrong : [...wrong, `left behind: ${left.join(', ')}`];
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(home, { recursive: true, force: true });
  }
}

async function suffer(injection: Injection, stamps: string): Promise<readonly string[]> {
  const { fault, seed } = injection;
  const trace = new Trace({ sourceLine: () => undefined });
  const newest = new Newest();
  const run = launch({
    command: commandOf(injection, stamps),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { ...process.env, TMPDIR: tmpdir() },
    timeoutMs: HANG_MS,
  });
  const subscription = run.batches((batch) => {
    trace.add(batch);
    newest.add(batch);
  });
  try {
    const [stdout, stderr, exit] = await Promise.all([
      run.stdout === null ? '' : text(run.stdout),
      run.stderr === null ? '' : text(run.stderr),
      run.exited,
      harm(run, fault, randomFrom(seed)),
    ]);
    const report = buildReport(trace, run.manifest);
    const wrong = [...endedWell(fault, exit), ...printedWell(fault, exit, stdout, stderr)];
    if (exit.reason === 'timeout') wrong.push(`hung for ${HANG_MS / 1000} s`);
    if (report.exit.code !== exit.code || report.exit.signal !== exit.signal) {
      wrong.push(`the report says ${JSON.stringify(report.exit)}, it was ${JSON.stringify(exit)}`);
    }
    if (stdout.includes('ready') && report.processes.length === 0)
      wrong.push('no process in the report');
    wrong.push(...nothingLost(fault, stamps, newest.at));
    wrong.push(...(await readAgain(run, injection.keep)));
    if (isAlive(run.pid)) wrong.push('processes of the program are still there');
    return wrong;
  } finally {
    subscription.dispose();
    run.dispose();
  }
}

/** Through `env`, which becomes the program: the launcher has no word for the core. */
function commandOf(injection: Injection, stamps: string): readonly string[] {
  const { fault, seed, python, core } = injection;
  const options = `INTERLEAVE_OPTIONS=detail=default;budget=${64 << 20};sample=10;core=${core}`;
  const victim = [python, '-W', 'ignore', VICTIM, fault.victim, String(seed), stamps];
  return ['env', options, ...victim];
}

/** The harm from outside, at a random moment from the start on. */
async function harm(run: Run, fault: Fault, random: () => number): Promise<void> {
  if (fault.signal !== undefined) {
    await sleep(random() * 900);
    run.signal(fault.signal);
  }
  if (fault.pauses !== true) return;
  for (let times = 0; times < 3; times++) {
    await sleep(random() * 200);
    run.signal('SIGSTOP');
    await sleep(random() * 200);
    run.signal('SIGCONT');
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
    wrong.push(`complained ${JSON.stringify(stderr.slice(-500))}`);
  return wrong;
}

function nothingLost(fault: Fault, stamps: string, newest: number): readonly string[] {
  if (fault.losesRecords === true || !existsSync(stamps) || statSync(stamps).size < 8) return [];
  const bytes = readFileSync(stamps);
  const last = Number(bytes.readBigUInt64LE(Math.floor(bytes.length / 8) * 8 - 8));
  if (newest >= last - LOST_NS) return [];
  return [`the last ${((last - newest) / 1e6).toFixed(0)} ms are lost`];
}

/** Packed and read from the file it must be the same, and be said so. */
async function readAgain(run: Run, keep: string | undefined): Promise<readonly string[]> {
  const file = keep ?? join(run.folder, '..', 'stamps.interleave');
  await run.pack(file);
  const trace = new Trace({ sourceLine: () => undefined });
  try {
    for await (const batch of readRecording(file)) trace.add(batch);
    const report = buildReport(trace, run.manifest);
    return report.version > 0 ? [] : ['the file gives no report'];
  } catch (failure) {
    return [`the file cannot be read: ${String(failure)}`];
  } finally {
    if (keep === undefined) rmSync(file, { force: true });
  }
}

/** Time of the newest record. */
class Newest {
  at = 0;

  add(batch: Batch): void {
    if (batch.type !== 'records') return;
    const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    for (let offset = 0; offset < batch.bytes.length; offset += RECORD_BYTES) {
      this.at = Math.max(this.at, Number(view.getBigUint64(offset + RECORD.at, true)));
    }
  }
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}
