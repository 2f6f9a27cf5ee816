/** Reads a recording and has the engine say what it can of it. */
import { buildReport } from '../engine/report.ts';
import { Trace } from '../engine/trace.ts';
import { readRecording } from '../record/recordingFile.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Manifest } from '../wire/recording.ts';
import type { Report } from '../wire/report.ts';
import { UsageError } from './usageError.ts';

export interface LoadedRun {
  readonly trace: Trace;
  readonly manifest: Manifest;
  readonly report: Report;
  /** No probe ever came up, so the report knows nothing. */
  readonly unseen: boolean;
}

/** @param onManifest called before any source is read. @throws RecordingError, UsageError */
export async function loadRun(
  path: string,
  sourceLine: SourceLine,
  onManifest: (manifest: Manifest) => void = () => undefined,
): Promise<LoadedRun> {
  const trace = new Trace({ sourceLine });
  let manifest: Manifest | undefined;
  let streams = 0;
  for await (const batch of readRecording(path)) {
    if (batch.type === 'manifest') {
      manifest = batch.manifest;
      onManifest(manifest);
    }
    if (batch.type === 'end') streams++;
    trace.add(batch);
  }
  if (manifest === undefined) throw new UsageError(`${path} is no recording.`);
  return { trace, manifest, report: buildReport(trace, manifest), unseen: streams === 0 };
}
