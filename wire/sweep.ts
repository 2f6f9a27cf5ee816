/** What `interleave sweep` says: one program at several levels of one knob. Plain data; `--format json` prints it. */
import type { Location } from './report.ts';

export const SWEEP_VERSION = 1;

/** Five numbers of repeated runs. */
export interface Summary {
  readonly mean: number;
  readonly median: number;
  /** Of a sample; 0 with one value. */
  readonly stdev: number;
  readonly min: number;
  readonly max: number;
}

export interface SweepLevel {
  /** As it was given. */
  readonly level: string;
  readonly runs: number;
  /** Runs that ended otherwise than with status 0. */
  readonly failedRuns: number;
  readonly durationNs: Summary;
  /** Pieces of work a second. */
  readonly throughput: Summary;
  /** Of one piece of work, from its beginning to its end, over all runs, ns; null where work is the whole run. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Pieces of work, and of them those that failed, over all runs. */
  readonly work: number;
  readonly failedWork: number;
  /** In use on average while there was work. */
  readonly cores: number;
  /** Processes that did a good part of the computing, two at least where there is no GIL: with one alone its threads share one. */
  readonly computing: number;
  /** CPU time as a share of the time of all pieces of work: near one where they compute. */
  readonly computeShare: number;
  /** Waiting for the GIL, as a share of the same. */
  readonly gilWaitShare: number;
  /** The lock, semaphore or condition that was waited for longest. */
  readonly lock: SweepLock | null;
}

export interface SweepLock {
  readonly name: string;
  readonly type: string;
  /** Of the same; may be above one where others wait for it, too. */
  readonly waitShare: number;
  readonly created: Location | null;
}

export type KneeCause = 'cores' | 'gil' | 'lock' | 'errors' | 'unknown';

export interface Knee {
  readonly level: string;
  /** Whether a higher level was tried and brought no more. */
  readonly reached: boolean;
  readonly cause: KneeCause;
  /** What the numbers say, and what to do: sentences. */
  readonly text: string;
}

export interface Sweep {
  readonly version: typeof SWEEP_VERSION;
  readonly command: readonly string[];
  readonly parameter: string;
  /** What a piece of work is: an item of a pool, a task of one function, or the whole run. */
  readonly basis: { readonly kind: 'items' | 'tasks' | 'runs'; readonly name: string };
  /** Of the machine. */
  readonly cores: number;
  readonly levels: readonly SweepLevel[];
  readonly knee: Knee | null;
}
