/** The engine as this room uses it: batches in, live findings and the report out. */

import type { SourceLine } from '../record/sourceLines.ts';
import type { Batch } from '../wire/batch.ts';
import type { Manifest } from '../wire/recording.ts';
import type { Finding, Report } from '../wire/report.ts';

export interface LiveStatus {
  /** Lateness of the latest loop now, when there is one. */
  readonly loopLagNs?: number;
  /** Threads and tasks that wait for something. */
  readonly waiting: number;
}

export interface Analysis {
  add(batch: Batch): void;
  update(): { readonly added: readonly Finding[]; readonly changed: readonly Finding[] };
  status(): LiveStatus;
  report(manifest: Manifest): Report;
}

interface TraceLike {
  add(batch: Batch): void;
}
type Load = Record<string, unknown>;

async function load(path: string): Promise<Load> {
  return (await import(path)) as Load;
}

export async function newAnalysis(sourceLine: SourceLine): Promise<Analysis> {
  const traceModule = await load('../engine/trace.ts');
  const live = await load('../engine/liveFindings.ts').catch(() => undefined);
  const status = await load('../engine/status.ts').catch(() => undefined);
  const report = await load('../engine/report.ts').catch(() => undefined);
  const trace = new (traceModule.Trace as new (o: object) => TraceLike)({ sourceLine });
  const findings =
    live === undefined
      ? undefined
      : new (live.LiveFindings as new (t: TraceLike) => Pick<Analysis, 'update'>)(trace);
  return {
    add: (batch) => trace.add(batch),
    update: () => findings?.update() ?? { added: [], changed: [] },
    status: () =>
      (status?.liveStatus as ((t: TraceLike) => LiveStatus) | undefined)?.(trace) ?? { waiting: 0 },
    report(manifest) {
      if (report === undefined) throw new Error('The engine has no report yet.');
      return (report.buildReport as (t: TraceLike, m: Manifest) => Report)(trace, manifest);
    },
  };
}
