/** `interleave compare`: what got better and what got worse between two recordings. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { assertNever } from '../base/assert.ts';
import { type CompareOptions, compareRuns } from '../engine/compare/compare.ts';
import { shown } from '../engine/compare/findings.ts';
import { comparisonMarkdown } from '../engine/compare/markdown.ts';
import { runFacts } from '../engine/compare/runFacts.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import { sourceLines } from '../record/sourceLines.ts';
import type { Comparison, RunFacts } from '../wire/comparison.ts';
import type { Manifest } from '../wire/recording.ts';
import { choice, failOn, parse } from './arguments.ts';
import { loadRun } from './loadRun.ts';
import { refuseUnwritable } from './outputPath.ts';
import { type Look, lookOf, PLAIN } from './terminal.ts';
import { textComparison } from './textComparison.ts';
import { UsageError } from './usageError.ts';

export const COMPARE_OPTIONS = {
  format: { type: 'string' },
  report: { type: 'string' },
  noise: { type: 'string' },
  'fail-on': { type: 'string' },
} as const;

type Format = 'text' | 'json' | 'markdown';
const FAILED_ON = 3;

export async function compareCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, COMPARE_OPTIONS, true);
  const format = choice<Format>('format', values.format, ['text', 'json', 'markdown']);
  const noise = noiseOf(values.noise);
  const fails = failsOn(values['fail-on']);
  refuseUnwritable(values.report);
  const [before, after, ...others] = positionals;
  if (before === undefined || after === undefined) {
    throw new UsageError(
      before === undefined ? 'Which two recordings?' : `With what is ${before} to be compared?`,
      'For example: interleave compare before.interleave after.interleave',
    );
  }
  if (others.length > 0) throw new UsageError('Two recordings at a time, please.');
  const comparison = compareRuns(await factsOf(before), await factsOf(after), noise);
  process.stdout.write(render(comparison, format, lookOf(process.stdout)));
  if (values.report !== undefined) write(values.report, comparison, values.format);
  return fails(comparison) ? FAILED_ON : 0;
}

async function factsOf(path: string): Promise<RunFacts> {
  let manifest: Manifest | undefined;
  // Between two runs lie changes of the source: a file that was changed after this run has other lines now.
  const source = sourceLines(() => endOf(manifest));
  const run = await loadRun(path, source, (one) => {
    manifest = one;
  });
  if (run.unseen) {
    throw new UsageError(
      `${path} is the recording of a program that no probe was loaded in: there is nothing to compare.`,
      `\`interleave report ${path}\` says how that comes.`,
    );
  }
  const title = basename(path).replace(/\.interleave$/, '');
  return runFacts(run.trace, run.manifest, run.report, title);
}

/** ms since 1970. */
function endOf(manifest: Manifest | undefined): number {
  if (manifest === undefined) return Number.POSITIVE_INFINITY;
  return (manifest.startedAt.wall + (manifest.durationNs ?? 0)) / 1e6;
}

function render(comparison: Comparison, format: Format, look: Look): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(comparison)}\n`;
    case 'markdown':
      return comparisonMarkdown(comparison);
    case 'text':
      return textComparison(comparison, look);
    default:
      return assertNever(format);
  }
}

/** What the file's name says wins: `--format json --report before-and-after.md` wants both. */
function write(path: string, comparison: Comparison, asked: string | undefined): void {
  const named = /\.md$/i.test(path) ? 'markdown' : /\.json$/i.test(path) ? 'json' : undefined;
  const format = named ?? choice<Format>('format', asked, ['text', 'json', 'markdown']);
  try {
    writeFileSync(path, render(comparison, format, PLAIN));
  } catch (failure) {
    throw new RecordingError(`The report could not be written to ${path}: ${reasonOf(failure)}.`);
  }
}

function noiseOf(value: string | undefined): CompareOptions {
  if (value === undefined) return {};
  const percent = Number(value.replace(/%$/, ''));
  if (value.trim() === '' || !Number.isFinite(percent) || percent < 0 || percent > 100) {
    throw new UsageError(`--noise is a percentage from 0 to 100, not ${JSON.stringify(value)}.`);
  }
  return { noise: percent / 100 };
}

/** Rules and severities of findings that are new or cost more; `worse` is anything at all. */
function failsOn(value: string | undefined): (comparison: Comparison) => boolean {
  const words = value?.split(',').map((word) => word.trim());
  const anything = words?.includes('worse') === true;
  const rest = words?.filter((word) => word !== 'worse').join(',');
  const isNamed = failOn(rest === '' && anything ? undefined : rest);
  return ({ findings, verdict }) =>
    (anything && (verdict === 'worse' || verdict === 'mixed')) ||
    findings.some((one) => {
      const { rule, severity } = shown(one);
      return (one.change === 'new' || one.change === 'worse') && isNamed(rule, severity);
    });
}
