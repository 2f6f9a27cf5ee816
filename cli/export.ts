/** `interleave export`: a recording as a file of another tool. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { formatBytes } from '../base/format.ts';
import { exportTrace } from '../engine/export/exportTrace.ts';
import { sourceLines } from '../record/sourceLines.ts';
import { writeParts } from '../record/wholeFile.ts';
import { EXPORT_FORMATS, type ExportName } from '../wire/exportFormats.ts';
import { choice, oneRecording, parse } from './arguments.ts';
import { loadRun } from './loadRun.ts';
import { refuseUnwritable } from './outputPath.ts';
import { UsageError } from './usageError.ts';

export const EXPORT_OPTIONS = {
  format: { type: 'string', short: 'f' },
  output: { type: 'string', short: 'o' },
} as const;

const INTERRUPTED = 130;

export async function exportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, EXPORT_OPTIONS, true);
  const names = Object.keys(EXPORT_FORMATS) as [ExportName, ...ExportName[]];
  const format = choice<ExportName>('format', values.format, names);
  const { extension, opens, title } = EXPORT_FORMATS[format];
  const path = oneRecording(positionals);
  const stem = basename(path).replace(/\.interleave$/, '');
  const target = values.output ?? `${stem}.${extension}`;
  // What was asked for by name is replaced; what we chose ourselves is not.
  if (values.output === undefined && existsSync(target)) {
    throw new UsageError(`${target} is there already.`, 'Name another file with --output.');
  }
  refuseUnwritable(target);

  const { trace, unseen } = await loadRun(path, sourceLines());
  if (unseen) {
    throw new UsageError(
      `${path} is the recording of a program that no probe was loaded in: there is nothing to export.`,
      `\`interleave report ${path}\` says how that comes.`,
    );
  }
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  try {
    const bytes = await writeParts(target, exportTrace(trace, format, stem), stopping.signal);
    console.log(`${target}: ${formatBytes(bytes)}, ${title}. Open it with ${opens}.`);
    return 0;
  } catch (failure) {
    if (!stopping.signal.aborted) throw failure;
    console.error('Stopped; nothing was written.');
    return INTERRUPTED;
  } finally {
    process.off('SIGINT', stop);
  }
}
