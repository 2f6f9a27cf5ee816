/** A report in the form asked for, on the screen or in a file. */
import { writeFileSync } from 'node:fs';
import { assertNever } from '../base/assert.ts';
import { timelineOf } from '../engine/export/timeline.ts';
import type { Trace } from '../engine/trace.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Report } from '../wire/report.ts';
import { htmlReport } from './htmlReport.ts';
import { markdownReport } from './markdownReport.ts';
import { reportSarif } from './sarif.ts';
import { type Look, PLAIN } from './terminal.ts';
import { textReport } from './textReport.ts';

export type Format = 'text' | 'json' | 'sarif' | 'markdown' | 'html';
export const FORMATS: readonly [Format, ...Format[]] = [
  'text',
  'json',
  'sarif',
  'markdown',
  'html',
];

/** A finished run, and what is known of it. */
export interface Reported {
  readonly trace: Trace;
  readonly report: Report;
  /** No probe ever came up, so the report knows nothing. */
  readonly unseen: boolean;
}

/** Ends with a line break. */
export function render(
  { trace, report, unseen }: Reported,
  format: Format,
  look: Look,
  source: SourceLine,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report)}\n`;
    case 'sarif':
      return `${JSON.stringify(reportSarif(report, process.cwd()))}\n`;
    case 'markdown':
      return markdownReport(report, process.cwd(), unseen);
    case 'html':
      return htmlReport(report, timelineOf(trace, report.command.join(' ')), source, unseen);
    case 'text':
      return textReport(report, look, source, unseen);
    default:
      return assertNever(format);
  }
}

/** What the file's name says wins: `--format json --report report.md` wants both. */
export function formatOf(path: string, asked: Format | undefined): Format {
  if (/\.md$/i.test(path)) return 'markdown';
  if (/\.html?$/i.test(path)) return 'html';
  if (/\.sarif(?:\.json)?$/i.test(path)) return 'sarif';
  // SARIF is JSON too.
  if (/\.json$/i.test(path)) return asked === 'sarif' ? 'sarif' : 'json';
  return asked ?? 'text';
}

/** @throws RecordingError when the file cannot be written. */
export function writeReport(
  path: string,
  reported: Reported,
  format: Format,
  source: SourceLine,
): void {
  try {
    writeFileSync(path, render(reported, format, PLAIN, source));
  } catch (failure) {
    throw new RecordingError(`The report could not be written to ${path}: ${reasonOf(failure)}.`);
  }
}
