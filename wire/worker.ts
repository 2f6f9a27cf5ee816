/**
 * What the extension and its worker say to each other. One worker holds one recording: it follows or opens it, keeps the
 * trace, and feeds any number of panels, so that the editor's own event loop never does this work.
 */
import type { CompareView } from './comparePanel.ts';
import type { RunFacts } from './comparison.ts';
import type { ExportName } from './exportFormats.ts';
import type { FromPanel, ToPanel } from './panel.ts';
import type { ProgramExit } from './recording.ts';
import type { Finding, Report } from './report.ts';
import type { Severity } from './rules.ts';

/** What a status-bar item shows of a live run. */
export interface RunStatus {
  readonly elapsedNs: number;
  readonly events: number;
  /** Null while no event loop has been seen. */
  readonly lagNs: number | null;
  readonly waitingThreads: number;
  /** The program waits for what is typed in its terminal. */
  readonly asks: boolean;
}

/** What a run measured on one source line: shown as a lens there, and beside the lint of the same line. */
export interface LineMeasure {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly kind: 'loop' | 'lock' | 'pool' | 'queue' | 'finding';
  /** `blocked the loop 3×, 420 ms`. */
  readonly text: string;
  /** Of the finding behind it. */
  readonly severity?: Severity;
  /** Finding to show when it is chosen, if one stands behind it. */
  readonly finding?: string;
}

/** A comparison in the forms that the editor shows. */
export interface Compared {
  readonly summary: string;
  readonly view: CompareView;
  /** The before-and-after report. */
  readonly markdown: string;
}

export type ToWorker =
  /** Follow a recording's folder while its program runs. */
  | { readonly type: 'follow'; readonly folder: string; readonly title: string }
  /** Open a finished recording: a file or a folder. */
  | {
      readonly type: 'open';
      readonly path: string;
      readonly title: string;
      /** How the program is started is known. */
      readonly runsAgain: boolean;
    }
  /** The program has ended: read the rest, analyse it whole, pack it into `file`. */
  | { readonly type: 'ended'; readonly exit: ProgramExit; readonly file: string }
  /** Compare this worker's finished run, as "after", with another one. */
  | { readonly type: 'compare'; readonly request: number; readonly before: RunFacts }
  /** Write this worker's finished run down for another tool. */
  | {
      readonly type: 'export';
      readonly request: number;
      readonly format: ExportName;
      readonly path: string;
    }
  | { readonly type: 'cancelExport'; readonly request: number }
  | { readonly type: 'panelOpened'; readonly panel: number }
  | { readonly type: 'panelClosed'; readonly panel: number }
  | { readonly type: 'panel'; readonly panel: number; readonly message: FromPanel }
  | { readonly type: 'reveal'; readonly panel: number; readonly finding: string };

export type FromWorker =
  | { readonly type: 'status'; readonly status: RunStatus }
  /** All findings so far, worst first. */
  | { readonly type: 'findings'; readonly findings: readonly Finding[] }
  | {
      readonly type: 'finished';
      readonly report: Report;
      /** The same report with what a comparison needs besides. */
      readonly facts: RunFacts;
      readonly measures: readonly LineMeasure[];
      /** Where the recording is now; null when it could not be packed (`message` says why). */
      readonly file: string | null;
      readonly message: string | null;
    }
  | { readonly type: 'panel'; readonly panel: number; readonly message: ToPanel }
  | { readonly type: 'compared'; readonly request: number; readonly compared: Compared }
  /** `trouble`: why nothing was written, a sentence. */
  | { readonly type: 'exported'; readonly request: number; readonly trouble: string | null }
  /** A sentence with the fact and a way out. The worker holds nothing after it. */
  | { readonly type: 'failed'; readonly message: string };
