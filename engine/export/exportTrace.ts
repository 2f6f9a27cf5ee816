/** Writes a trace down in another tool's format. A new format is a line here, one in `wire/exportFormats.ts`, and a file beside. */
import type { ExportName } from '../../wire/exportFormats.ts';
import type { Trace } from '../trace.ts';
import { chromeTrace } from './chrome.ts';
import { perfettoTrace } from './perfetto.ts';
import { speedscopeFile } from './speedscope.ts';
import { timelineOf } from './timeline.ts';

type Parts = Iterable<Uint8Array | string>;

const WRITERS: Readonly<Record<ExportName, (trace: Trace, title: string) => Parts>> = {
  perfetto: (trace, title) => perfettoTrace(timelineOf(trace, title)),
  chrome: (trace, title) => chromeTrace(timelineOf(trace, title)),
  speedscope: speedscopeFile,
};

/** The file's parts in order. `title` names the run; the trace has all its batches. */
export function exportTrace(trace: Trace, format: ExportName, title: string): Parts {
  return WRITERS[format](trace, title);
}
