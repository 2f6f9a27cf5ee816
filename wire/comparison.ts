/**
 * Two runs side by side: what went into the comparison and what came out, as `interleave compare --format json` prints it.
 * All times ns. A change is named only when it is larger than the noise that the measure itself states.
 */
import type { Finding, Location, Report } from './report.ts';

/** Version of the comparison's JSON. */
export const COMPARISON_VERSION = 1;

/** Buckets to a doubling. */
export const PER_DOUBLING = 8;

/** How often which duration was seen: bucket `first + i` covers 2^(bucket/PER_DOUBLING) up to 2^((bucket+1)/PER_DOUBLING) ns. */
export interface Distribution {
  readonly first: number;
  readonly counts: readonly number[];
}

/** One analysed run, as much of it as a comparison needs. */
export interface RunFacts {
  /** What the run is called: the program's or the recording's name. */
  readonly title: string;
  /** Wall clock, ms since 1970; 0 when it is not known. */
  readonly startedAt: number;
  readonly cores: number;
  readonly report: Report;
  /** Loop lag of `report.loops`, by index. */
  readonly lag: readonly Distribution[];
  /** Single waits for `report.locks`, by index. */
  readonly lockWaits: readonly Distribution[];
  /** Time in the queue and time of running of the items of `report.pools`, by index. */
  readonly queueWaits: readonly Distribution[];
  readonly runs: readonly Distribution[];
}

export interface Comparison {
  readonly version: typeof COMPARISON_VERSION;
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  /** `mixed`: some got better and some worse. Measures that are neither good nor bad do not count, hints only by themselves. */
  readonly verdict: 'better' | 'worse' | 'mixed' | 'same';
  /** One line: "1 finding is gone (deadlock). Loop lag p99 412 ms → 3.1 ms." */
  readonly summary: string;
  /** Sentences: why the two may not be comparable. */
  readonly notes: readonly string[];
  /** Changes of less than this share are noise; what spreads (p90, p99, max, CPU time, the GIL) gets twice as much. */
  readonly noise: number;
  /**
   * `total`: both runs did their work and ended, so times are compared as they are. `perSecond`: one of them was ended from
   * outside, so its length is no result, and times are compared per second of run.
   */
  readonly basis: 'total' | 'perSecond';
  /** New ones first, then worse, gone, better and the same ones; worst first in each. */
  readonly findings: readonly FindingChange[];
  /** Of the whole run; what neither run has is left out. */
  readonly measures: readonly Measure[];
  /** Those that changed first. */
  readonly things: readonly ThingChange[];
  readonly distributions: readonly ComparedDistribution[];
}

export interface ComparedRun {
  readonly title: string;
  readonly command: readonly string[];
  readonly startedAt: number;
  readonly durationNs: number;
  readonly exit: Report['exit'];
  /** Of its interpreters: `Python 3.13.0`. */
  readonly versions: readonly string[];
  readonly findings: number;
}

export interface FindingChange {
  readonly change: 'new' | 'worse' | 'gone' | 'better' | 'same';
  readonly before: Finding | null;
  readonly after: Finding | null;
  /** The time lost to it; null where that only says how long somebody waited before ending the program. */
  readonly lost: Measure | null;
}

export type MeasureChange = 'better' | 'worse' | 'changed' | 'same';

export interface Measure {
  /** `lagP99`, `lockWait`: stable. */
  readonly id: string;
  /** `loop lag p99`. */
  readonly title: string;
  /** Durations in ns, shares of one, plain counts; `rate` is ns and `countRate` a count per second of run. */
  readonly unit: 'ns' | 'share' | 'count' | 'rate' | 'countRate';
  /** Null where the run has no such thing. */
  readonly before: number | null;
  readonly after: number | null;
  /** `changed`: beyond the noise, and neither good nor bad in itself. */
  readonly change: MeasureChange;
  /** A difference up to this, in the unit, is noise. */
  readonly noise: number;
}

/** Locks, pools, loops and queues made at one place count as one thing, however many there are. */
export interface ThingChange {
  readonly kind: 'loop' | 'lock' | 'pool' | 'queue';
  readonly name: string;
  readonly type: string;
  /** `both`: in both runs. */
  readonly presence: 'both' | 'gone' | 'new';
  /** Where they are made. */
  readonly before: Location | null;
  readonly after: Location | null;
  readonly measures: readonly Measure[];
}

/** The same durations of both runs as shares of all, in the same buckets, so that runs of any length lie over each other. */
export interface ComparedDistribution {
  readonly kind: 'lag' | 'lockWait' | 'queueWait' | 'run';
  /** `Loop lag of MainThread`. */
  readonly title: string;
  /** ns; one more than there are buckets. */
  readonly edges: readonly number[];
  /** Share of the values in each bucket; the sum is 1, or 0 without values. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** How many values there were. */
  readonly beforeCount: number;
  readonly afterCount: number;
}
