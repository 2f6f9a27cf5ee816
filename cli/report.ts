/** `interleave report`: what the engine says of a recording made earlier. */
import { sourceLines } from '../record/sourceLines.ts';
import { choice, failOn, oneRecording, parse } from './arguments.ts';
import { loadRun } from './loadRun.ts';
import { FORMATS, type Format, render } from './reportOutput.ts';
import { lookOf } from './terminal.ts';

export const REPORT_OPTIONS = {
  format: { type: 'string' },
  'fail-on': { type: 'string' },
} as const;

const FAILED_ON = 3;

export async function reportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, REPORT_OPTIONS, true);
  const format = choice<Format>('format', values.format, FORMATS);
  const fails = failOn(values['fail-on']);
  const path = oneRecording(positionals);

  const source = sourceLines();
  const run = await loadRun(path, source);
  process.stdout.write(render(run, format, lookOf(process.stdout), source));
  return run.report.findings.some(({ rule, severity }) => fails(rule, severity)) ? FAILED_ON : 0;
}
