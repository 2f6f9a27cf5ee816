/** A report in the form asked for, on the screen or in a file. */
import { writeFileSync } from 'node:fs';
import { assertNever } from '../base/assert.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Report } from '../wire/report.ts';
import { type Look, PLAIN } from './terminal.ts';
import { textReport } from './textReport.ts';

export type Format = 'text' | 'json';

/** `unseen`: no probe ever came up, so the report knows nothing. Ends with a line break. */
export function render(
  report: Report,
  format: Format,
  look: Look,
  source: SourceLine,
  unseen: boolean,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report)}\n`;
    case 'text':
      return textReport(report, look, source, unseen);
    default:
      return assertNever(format);
  }
}

/** What was asked for, else what the file's name says. */
export function formatOf(path: string, asked: string | undefined): Format {
  return asked === 'json' || (asked === undefined && /\.json$/i.test(path)) ? 'json' : 'text';
}

/** @throws RecordingError when the file cannot be written. */
export function writeReport(
  path: string,
  report: Report,
  format: Format,
  source: SourceLine,
  unseen: boolean,
): void {
  try {
    writeFileSync(path, render(report, format, PLAIN, source, unseen));
  } catch (failure) {
    throw new RecordingError(`The report could not be written to ${path}: ${reasonOf(failure)}.`);
  }
}
