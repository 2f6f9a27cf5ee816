/** `interleave run`: a program under the profiler, from its start to its report. */
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { buildReport } from '../engine/report.ts';
import { Trace } from '../engine/trace.ts';
import { launch } from '../record/launch.ts';
import { RecordingError } from '../record/recordingError.ts';
import { sourceLines } from '../record/sourceLines.ts';
import type { ProgramExit } from '../wire/recording.ts';
import { choice, failOn, parse, seconds, splitProgram } from './arguments.ts';
import { refuseUnwritable } from './outputPath.ts';
import { type PassThrough, passThrough } from './passThrough.ts';
import { programCommand } from './programCommand.ts';
import { FORMATS, type Format, formatOf, render, writeReport } from './reportOutput.ts';
import { lookOf } from './terminal.ts';
import { watched } from './watched.ts';

export const RUN_OPTIONS = {
  output: { type: 'string', short: 'o' },
  report: { type: 'string' },
  format: { type: 'string' },
  timeout: { type: 'string' },
  'stop-on-deadlock': { type: 'boolean' },
  'fail-on': { type: 'string' },
  python: { type: 'string' },
  node: { type: 'string' },
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
  const command = await programCommand(split, values);

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
    const reported = { trace, report, unseen: run.streams.size === 0 };
    if (values.output !== undefined) await run.pack(resolve(values.output));
    if (values.report !== undefined) {
      writeReport(
        values.report,
        reported,
        formatOf(values.report, values.format === undefined ? undefined : format),
        source,
      );
    }
    if (values.quiet !== true) {
      process.stdout.write(
        lineBreak(output, format) + render(reported, format, lookOf(process.stdout), source),
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

/** As a shell says it: 128 and the signal's number. */
function statusOf(exit: ProgramExit): number {
  if (exit.code !== null) return exit.code;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}
