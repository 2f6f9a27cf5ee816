/** What the compare view and the side that feeds it say to each other: everything is worded, the view only lays it out. */
import type {
  ComparedDistribution,
  Comparison,
  FindingChange,
  MeasureChange,
} from './comparison.ts';
import type { Location } from './report.ts';
import type { RuleId, Severity } from './rules.ts';

export interface CompareView {
  readonly verdict: Comparison['verdict'];
  /** `Better.`; empty when nothing changed. */
  readonly headline: string;
  readonly summary: string;
  readonly notes: readonly string[];
  /** What counts as noise, as a sentence. */
  readonly noise: string;
  readonly before: CompareSide;
  readonly after: CompareSide;
  readonly findings: readonly FindingRow[];
  /** Of the whole run. */
  readonly measures: readonly MeasureRow[];
  /** Changed ones first. */
  readonly things: readonly ThingTable[];
  readonly distributions: readonly ComparedDistribution[];
}

export interface CompareSide {
  readonly title: string;
  /** `ended after 1.2 s with exit status 0`, `Python 3.11.7`. */
  readonly facts: readonly string[];
  /** Wall clock, ms since 1970; 0 when it is not known. */
  readonly startedAt: number;
  readonly command: string;
}

export interface FindingRow {
  readonly change: FindingChange['change'];
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly before: FindingSide | null;
  readonly after: FindingSide | null;
  /** `time lost 1.2 s → 20 ms`, or nothing. */
  readonly lost: string;
}

export interface FindingSide {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** The lines to go to, most important first; a few. */
  readonly locations: readonly Location[];
}

export interface MeasureRow {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  /** `−80 %`, `×14`; empty where that would say nothing. */
  readonly delta: string;
  readonly change: MeasureChange;
}

export interface ThingTable {
  readonly title: string;
  readonly presence: 'both' | 'gone' | 'new';
  readonly changed: boolean;
  readonly before: Location | null;
  readonly after: Location | null;
  readonly rows: readonly MeasureRow[];
}

export type CompareCommand = 'swap' | 'other' | 'copyReport' | 'saveReport' | 'runAgain';

export type ToCompare =
  | {
      readonly type: 'view';
      readonly view: CompareView;
      /** The recordings, to be kept by the page so that a reloaded window finds them again. */
      readonly files: { readonly before: string; readonly after: string };
      readonly can: readonly CompareCommand[];
    }
  /** Nothing to show yet, or no more: a sentence. */
  | { readonly type: 'said'; readonly text: string; readonly failed: boolean };

export type FromCompare =
  | { readonly type: 'ready' }
  /** A line as it was when that side ran. */
  | {
      readonly type: 'openSource';
      readonly side: 'before' | 'after';
      readonly file: string;
      readonly line: number;
    }
  | { readonly type: 'openRule'; readonly rule: string }
  /** Show a run in its panel, with this finding when it is not empty. */
  | { readonly type: 'showRun'; readonly side: 'before' | 'after'; readonly finding: string }
  | { readonly type: 'command'; readonly command: CompareCommand };
