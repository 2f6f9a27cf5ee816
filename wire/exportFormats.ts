/** What a recording can be exported as: one table for the command line and the editor. */

export interface ExportFormat {
  /** Its short name, for people. */
  readonly title: string;
  /** Ending of its files, no dot. */
  readonly extension: string;
  /** What it holds, and what opens it. */
  readonly holds: string;
  readonly opens: string;
}

export const EXPORT_FORMATS = {
  perfetto: {
    title: 'Perfetto',
    extension: 'perfetto-trace',
    holds: 'all lanes, counters, findings, who woke whom',
    opens: 'ui.perfetto.dev',
  },
  chrome: {
    title: 'Chrome trace events',
    extension: 'trace.json',
    holds: 'the same as JSON',
    opens: 'chrome://tracing, ui.perfetto.dev and many others',
  },
  speedscope: {
    title: 'speedscope',
    extension: 'speedscope.json',
    holds: 'sampled stacks of every thread by time and by CPU',
    opens: 'speedscope.app',
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportName = keyof typeof EXPORT_FORMATS;
