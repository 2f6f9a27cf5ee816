/** `interleave run`: a program under the profiler, from its start to its report. */
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { buildReport } from '../engine/report.ts';
import { Trace } from '../engine/trace.ts';
import { findInterpreter } from '../record/interpreter.ts';
import { launch, type Run } from '../record/launch.ts';
import { readyProbe } from '../record/readyProbe.ts';
import { RecordingError } from '../record/recordingError.ts';
import { sourceLines } from '../record/sourceLines.ts';
import type { ProgramExit } from '../wire/recording.ts';
import { choice, failOn, parse, seconds, splitProgram } from './arguments.ts';
import { Live } from './live.ts';
import { refuseUnwritable } from './outputPath.ts';
import { type PassThrough, passThrough } from './passThrough.ts';
import { FORMATS, type Format, formatOf, render, writeReport } from './reportOutput.ts';
import { lookOf } from './terminal.ts';
import { UsageError } from './usageError.ts';

export const RUN_OPTIONS = {
  output: { type: 'string', short: 'o' },
  report: { type: 'string' },
  format: { type: 'string' },
  timeout: { type: 'string' },
  'stop-on-deadlock': { type: 'boolean' },
  'fail-on': { type: 'string' },
  python: { type: 'string' },
  detail: { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
} as const;

const FAILED_ON = 3;
/** What a program's children may still print after it ended, when its output goes through us. */
const LAST_WORDS_MS = 250;

export async function runCommand(args: readonly string[]): Promise<number> {
  const split = splitProgram(args, RUN_OPTIONS);
  const { values } = parse(split.ours, RUN_OPTIONS);
  const format = choice<Format>('format', values.format, FORMATS);
  const detail = choice('detail', values.detail, ['default', 'full']);
  const timeoutMs = seconds('timeout', values.timeout);
  const fails = failOn(values['fail-on']);
  for (const path of [values.output, values.report]) refuseUnwritable(path);
  const command = split.isCommand
    ? commandOf(split.program)
    : await fileCommand(split.program, values.python);

  const source = sourceLines();
  const trace = new Trace({ sourceLine: source });
  // JSON has to begin on a line of its own, so its run must know how the program's output ended.
  const through = isOneLine(format) && !process.stdout.isTTY;
  const run = launch({
    command,
    detail,
    stdout: through ? 'pipe' : 'inherit',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  try {
    const output = run.stdout === null ? undefined : passThrough(run.stdout, 1);
    const exit = await watched(run, trace, {
      quiet: values.quiet === true,
      stopOnDeadlock: values['stop-on-deadlock'] === true,
    });
    await output?.finish(LAST_WORDS_MS);
    const report = buildReport(trace, run.manifest);
    const unseen = run.streams.size === 0;
    if (values.output !== undefined) await run.pack(resolve(values.output));
    if (values.report !== undefined) {
      writeReport(
        values.report,
        report,
        formatOf(values.report, values.format === undefined ? undefined : format),
        source,
        unseen,
      );
    }
    if (values.quiet !== true) {
      process.stdout.write(
        lineBreak(output, format) + render(report, format, lookOf(process.stdout), source, unseen),
      );
    }
    const matched = report.findings.some(({ rule, severity }) => fails(rule, severity));
    return matched ? FAILED_ON : statusOf(exit);
  } catch (failure) {
    if (!(failure instanceof RecordingError)) {
      run.keep();
      console.error(`What was recorded is kept in ${run.folder}`);
    }
    throw failure;
  } finally {
    run.dispose();
  }
}

function isOneLine(format: Format): boolean {
  return format === 'json' || format === 'sarif';
}

/** A blank line before the report, or only what JSON needs to stand on the last line. */
function lineBreak(output: PassThrough | undefined, format: Format): string {
  if (!isOneLine(format)) return '\n';
  return output?.atLineStart === true ? '' : '\n';
}

async function watched(
  run: Run,
  trace: Trace,
  options: { readonly quiet: boolean; readonly stopOnDeadlock: boolean },
): Promise<ProgramExit> {
  const live = new Live(run, trace, options);
  const stop = (): void => run.stop('stopped');
  const pause = (): void => {
    run.signal('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = (): void => run.signal('SIGCONT');
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGINT', stop],
    ['SIGTERM', () => run.stop('stopped', 'SIGTERM')],
    ['SIGHUP', stop],
    ...(process.platform === 'win32'
      ? []
      : ([
          ['SIGTSTP', pause],
          ['SIGCONT', resume],
        ] as const)),
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    const exit = await run.exited;
    if (live.failure !== undefined) throw live.failure;
    return exit;
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    live.dispose();
  }
}

/** As a shell says it: 128 and the signal's number. */
function statusOf(exit: ProgramExit): number {
  if (exit.code !== null) return exit.code;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}

function commandOf(program: readonly string[]): readonly string[] {
  if (program.length === 0) throw new UsageError('After -- comes the command to profile.');
  return program;
}

async function fileCommand(
  program: readonly string[],
  python: string | undefined,
): Promise<readonly string[]> {
  const [file, ...args] = program;
  if (file === undefined) {
    throw new UsageError('What is to be profiled?', 'For example: interleave run server.py');
  }
  if (file === '-m') {
    if (args.length === 0) {
      throw new UsageError(
        'After -m comes the module to profile.',
        'For example: interleave run -m pytest',
      );
    }
    return pythonCommand(program, python);
  }
  if (/^\.(?:[cm]?[jt]s)$/.test(extname(file))) {
    throw new UsageError(
      `${file} is a Node program; Node is not supported yet, only Python is.`,
      '',
    );
  }
  if (!existsSync(file)) {
    throw new UsageError(
      `There is no file ${file}.`,
      `To profile a command: interleave run -- ${program.join(' ')}`,
    );
  }
  if (statSync(file).isFile() && !/\.pyw?$/.test(file)) {
    throw new UsageError(
      `${basename(file)} is no .py file.`,
      `If it is a command: interleave run -- ${program.join(' ')}\nIf it is Python: interleave run -- python3 ${program.join(' ')}`,
    );
  }
  return pythonCommand(program, python);
}

async function pythonCommand(
  words: readonly string[],
  python: string | undefined,
): Promise<readonly string[]> {
  const interpreter = await findInterpreter({ python });
  await readyProbe(interpreter);
  return [interpreter.path, ...words];
}
