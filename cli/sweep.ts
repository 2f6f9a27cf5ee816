/** `interleave sweep`: one program at several levels of one knob, and where more of it stops helping. */
import { printable } from '../base/format.ts';
import { buildReport } from '../engine/report.ts';
import { type RunWork, runWork } from '../engine/sweep/runWork.ts';
import { sweepOf } from '../engine/sweep/sweep.ts';
import { Trace } from '../engine/trace.ts';
import { launch } from '../record/launch.ts';
import { sourceLines } from '../record/sourceLines.ts';
import type { Report } from '../wire/report.ts';
import { choice, parse, seconds, splitProgram } from './arguments.ts';
import { programCommand } from './programCommand.ts';
import { lookOf } from './terminal.ts';
import { ending } from './textReport.ts';
import { markdownSweep, textSweep } from './textSweep.ts';
import { UsageError } from './usageError.ts';
import { watched } from './watched.ts';

export const SWEEP_OPTIONS = {
  param: { type: 'string' },
  repeat: { type: 'string' },
  format: { type: 'string' },
  timeout: { type: 'string' },
  python: { type: 'string' },
  node: { type: 'string' },
  progress: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
} as const;

const MOST_LEVELS = 64;
const MOST_REPEATS = 100;
const USUAL_REPEATS = 3;
/** Of what a failed run said on stderr. */
const LAST_WORDS = 2000;
const INTERRUPTED = 130;
const ALL_FAILED = 1;

interface Parameter {
  readonly name: string;
  readonly levels: readonly string[];
}

export async function sweepCommand(args: readonly string[]): Promise<number> {
  const split = splitProgram(args, SWEEP_OPTIONS);
  const { values } = parse(split.ours, SWEEP_OPTIONS);
  const format = choice('format', values.format, ['text', 'json', 'markdown']);
  const parameter = parameterOf(values.param);
  const repeats = repeatsOf(values.repeat);
  const timeoutMs = seconds('timeout', values.timeout);
  const command = await programCommand(split, values);
  const say = values.quiet === true ? () => undefined : teller(values.progress === true);

  const runs: RunWork[] = [];
  let interrupted = false;
  for (const [round, level] of rounds(parameter.levels, repeats)) {
    say(
      round === 0
        ? `${parameter.name}=${level}, to warm up`
        : `${parameter.name}=${level}, run ${round} of ${repeats}`,
    );
    const { work, report, lastWords } = await oneRun(command, parameter.name, level, timeoutMs);
    interrupted = report.exit.reason === 'stopped';
    if (interrupted) break;
    // The first run of all finds cold caches: it is no measurement.
    if (round > 0) {
      if (!work.ok && runs.every((run) => run.ok || run.level !== level))
        tellFailure(`${parameter.name}=${level}`, report, lastWords);
      runs.push(work);
    }
  }
  say('');
  const sweep = sweepOf(parameter.name, command, runs);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(sweep)}\n`
      : format === 'markdown'
        ? markdownSweep(sweep)
        : textSweep(sweep, lookOf(process.stdout)),
  );
  if (interrupted) return INTERRUPTED;
  return runs.every(({ ok }) => !ok) ? ALL_FAILED : 0;
}

/** One to warm up, then all levels by turns: what the machine does meanwhile hits them alike. */
function* rounds(levels: readonly string[], repeats: number): Generator<[number, string]> {
  yield [0, levels[0]!];
  for (let round = 1; round <= repeats; round++) for (const level of levels) yield [round, level];
}

async function oneRun(
  command: readonly string[],
  name: string,
  level: string,
  timeoutMs: number | undefined,
): Promise<{ readonly work: RunWork; readonly report: Report; readonly lastWords: string }> {
  const trace = new Trace({ sourceLine: sourceLines() });
  const run = launch({
    command: command.map((word) => word.replaceAll(`{${name}}`, level)),
    env: { ...process.env, [name]: level },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  let lastWords = '';
  run.stdout?.resume();
  run.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  try {
    await watched(run, trace, { quiet: true, stopOnDeadlock: true });
    const report = buildReport(trace, run.manifest);
    return { work: runWork(trace, report, level), report, lastWords };
  } finally {
    run.dispose();
  }
}

function parameterOf(value: string | undefined): Parameter {
  const advice = 'For example: interleave sweep --param WORKERS=1,2,4,8 job.py';
  if (value === undefined) throw new UsageError('Which knob is to be turned?', advice);
  const [, name, list] = /^([A-Za-z_]\w*)=(.*)$/.exec(value) ?? [];
  if (name === undefined || list === undefined) {
    throw new UsageError(`--param is NAME=LEVEL,LEVEL…, not ${JSON.stringify(value)}.`, advice);
  }
  const levels = list.split(',').map((level) => level.trim());
  if (levels.length < 2 || levels.includes('')) {
    throw new UsageError(`--param ${name} needs two levels and more, with commas between.`, advice);
  }
  if (new Set(levels).size < levels.length) {
    throw new UsageError(
      `--param ${name} names a level twice.`,
      '--repeat runs all of them again.',
    );
  }
  if (levels.length > MOST_LEVELS) {
    throw new UsageError(`--param takes ${MOST_LEVELS} levels at most, not ${levels.length}.`);
  }
  return { name, levels };
}

function repeatsOf(value: string | undefined): number {
  if (value === undefined) return USUAL_REPEATS;
  const repeats = Number(value);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > MOST_REPEATS) {
    throw new UsageError(
      `--repeat is a number from 1 to ${MOST_REPEATS}, not ${JSON.stringify(value)}.`,
    );
  }
  return repeats;
}

/** One line that is written over, on a terminal; elsewhere a line for each run where that is wanted, else nothing. */
function teller(lines: boolean): (text: string) => void {
  const { stderr } = process;
  if (lines) return (text) => void (text === '' || stderr.write(`${printable(text)}\n`));
  if (!stderr.isTTY) return () => undefined;
  return (text) => stderr.write(`\r\x1b[K${printable(text)}`);
}

function tellFailure(level: string, report: Report, lastWords: string): void {
  const words = lastWords.trim().split('\n').slice(-8).map(printable);
  const { paint } = lookOf(process.stderr);
  console.error(`\n${paint('error', 'interleave:')} ${level} ${ending(report)}.`);
  for (const line of words) if (line !== '') console.error(`  ${line}`);
}
