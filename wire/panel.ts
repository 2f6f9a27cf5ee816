/**
 * What the panel and the side that feeds it say to each other. Messages are string-tagged unions, long data are columns of
 * typed arrays (transferred, never copied). All times are nanoseconds since trace start as JS numbers unless said otherwise.
 *
 * Order: the panel says `ready`; it gets `run`, `lanes`, `overview`, then `slices` in chunks of about 1 MB, `findings`,
 * `losses`. While the program runs the same messages come again with what is new. Everything that depends on the
 * visible range is asked for (`view`, `table`, `select`) and answered with the request's id.
 */
import type { Finding, Location, Percentiles } from './report.ts';

export const PANEL_VERSION = 1;

/**
 * What a lane does during a slice; the index in this list is the code in the columns. From `deadlocked` upwards the
 * order is free, below it a higher code is the worse state: it wins the rail when many slices share a pixel.
 */
export const SLICE_STATES = [
  /** Nothing to do: a worker without work, a thread that ended. Drawn as a line. */
  'idle',
  /** In I/O, in a system call or asleep, by its own will. */
  'io',
  /** Waits for others to give it something: a queue, an event, a result, the end of a thread. */
  'waiting',
  'running',
  /** Wants to run Python and has not got the GIL. */
  'gil',
  /** Waits for a lock, semaphore, condition or barrier. */
  'lock',
  /** Runs on an event loop for longer than its limit. */
  'blocksLoop',
  /** A wait that nobody can end any more. */
  'deadlocked',
  /** Not known: records were lost or the stream ended without a word. */
  'unknown',
  /** Lock lanes: somebody holds it. */
  'held',
  /** Lock lanes: held while others wait. */
  'heldContended',
] as const;
export type SliceState = (typeof SLICE_STATES)[number];

/** Codes of SLICE_STATES by name. */
export const STATE = Object.fromEntries(SLICE_STATES.map((name, code) => [name, code])) as {
  readonly [name in SliceState]: number;
};

/** Number of a lane, unique and stable within one trace, from 1; 0 is "none". */
export type LaneId = number;

export type LaneKind =
  | 'process'
  | 'loop'
  | 'lag'
  | 'task'
  | 'pendingTasks'
  | 'threads'
  | 'thread'
  | 'pool'
  | 'poolSeries'
  | 'worker'
  | 'locks'
  | 'lock'
  | 'waiter'
  | 'semaphore'
  | 'queue'
  | 'gil'
  | 'probe';

/** How a lane is drawn: `none` is a heading; `slices` and `lock` have slice columns, the others series. */
export type LaneContent = 'none' | 'slices' | 'lock' | 'line' | 'steps' | 'heat';

/** One row of the timeline. Lanes come in tree order: a parent before its children, siblings worst first. */
export interface Lane {
  readonly id: LaneId;
  readonly parent: LaneId;
  readonly kind: LaneKind;
  readonly content: LaneContent;
  readonly name: string;
  /** Said after the name, quieter: `event loop`, `pid 48213`, `4 workers`, `RLock`. */
  readonly note: string;
  readonly pid: number;
  /** The actor's own colour, 1 to 8, used where it owns a lock; 0 has none. */
  readonly color: number;
  /** Made by library code for its own use. */
  readonly library: boolean;
  /** Collapsed until the reader opens it. */
  readonly collapsed: boolean;
  /** Said at the right end, with its severity: `3 waiting`. */
  readonly badge?: { readonly text: string; readonly severity: 'error' | 'warning' | 'info' };
  /** Where it was made. */
  readonly location?: Location;
  /** Series lanes: what each line is; `limit` is drawn on the same axis. */
  readonly series?: readonly SeriesInfo[];
  readonly limit?: number;
  /** The lane is there from here to there; `to` is null while it lives. */
  readonly from: number;
  readonly to: number | null;
}

export interface SeriesInfo {
  readonly name: string;
  readonly unit: 'ns' | 'count' | 'share';
}

/** `ending`: all processes have said goodbye, and how the program ended is still to be heard. */
export type RunState =
  | 'empty'
  | 'loading'
  | 'running'
  | 'ending'
  | 'finished'
  | 'stopped'
  | 'failed';

export interface RunInfo {
  readonly state: RunState;
  /** `orders_service.py` */
  readonly title: string;
  readonly command: readonly string[];
  readonly pid: number;
  readonly processes: number;
  /** Trace time now; the end of the trace when it is over. */
  readonly elapsedNs: number;
  /** Wall clock at trace start, ms since 1970. */
  readonly startedAt: number;
  readonly records: number;
  readonly dropped: number;
  /** The probe's own CPU time, over all processes. */
  readonly overheadNs: number;
  /** The same as a share of the elapsed time. */
  readonly overheadShare: number;
  /** How the program ended, or what went wrong and what to do: whole sentences. */
  readonly message: string;
  /** The program ended by itself and said, by its status or a signal, that something went wrong. */
  readonly endedBadly: boolean;
  /** What can be done now with the run. */
  readonly can: readonly PanelCommand[];
  readonly cores: number;
  /** What its processes run on, as far as they are known. */
  readonly runtimes: readonly ('python' | 'node')[];
  /** Sentences: what the probes cannot see here. */
  readonly blind: readonly string[];
}

export type PanelCommand =
  | 'stop'
  | 'runAgain'
  | 'compare'
  | 'save'
  | 'openRecording'
  | 'profileSample'
  | 'profileFile'
  | 'showLog';

/**
 * Slices of some lanes, one lane after the other in the same columns. Slices of one lane are sorted and do not overlap;
 * gaps mean idle. The last slice of a living lane grows: it comes again with every message (see `keep`).
 */
export interface SliceColumns {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Code of SLICE_STATES. */
  readonly state: Uint8Array;
  /** Index into `labels` messages; 0 is none. On lock lanes the owner's name. */
  readonly label: Uint32Array;
  /** Lock lanes: colour of the owner, 1 to 8; elsewhere LONG_STEP where a step went over its limit. */
  readonly mark: Uint8Array;
  /** Tiles only: how many slices were merged into this one. */
  readonly merged?: Uint32Array;
}

export interface SlicePart {
  readonly lane: LaneId;
  /** Keep this many slices of what the panel has of the lane; what follows them is replaced by this part. */
  readonly keep: number;
  /** Where the part begins in the columns, and how long it is. */
  readonly offset: number;
  readonly count: number;
}

/** `mark` of slices that went over their lane's limit. */
export const LONG_STEP = 255;

/** Time of all threads by state, in equal buckets over the whole run. */
export interface Overview {
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
  /** `buckets * SLICE_STATES.length` sums in ns: bucket after bucket. */
  readonly time: Float32Array;
  /** Lanes that were summed. */
  readonly lanes: number;
}

/** A finding with what the timeline needs to show it. */
export interface PanelFinding extends Finding {
  /** Lanes that carry its evidence. */
  readonly lanes: readonly LaneId[];
  /** What those wait for who are stuck behind its cycle, by name. */
  readonly behind: readonly string[];
}

/** A stretch of which something is missing, and why, as a sentence. */
export interface Loss {
  readonly pid: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly reason: 'overwritten' | 'torn' | 'dropped' | 'corrupt' | 'truncated';
  readonly text: string;
}

export type TableId =
  | 'locks'
  | 'tasks'
  | 'threads'
  | 'pools'
  | 'queues'
  | 'loops'
  | 'gil'
  | 'graph'
  | 'awaits'
  | 'slices'
  | 'events';

export type CellKind = 'text' | 'name' | 'source' | 'duration' | 'bar' | 'count' | 'share' | 'time';

export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly kind: CellKind;
}

/** A cell is a text, a number in the column's unit (ns, count, share of one), a source line, or nothing. */
export type Cell = string | number | Location | null;

export interface TableRow {
  /** Lane to select when the row is chosen, 0 when there is none, and the time to select at. */
  readonly lane: LaneId;
  readonly at: number;
  readonly cells: readonly Cell[];
  /** Depth in the await tree; 0 elsewhere. */
  readonly depth: number;
  readonly trouble: 'error' | 'warning' | '';
  /** Actor colours of `name` cells, by column, 0 for none. */
  readonly colors?: readonly number[];
}

export interface TableData {
  readonly tab: TableId;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** Rows there would be without the limit. */
  readonly total: number;
  readonly sort: Sort;
  /** Said instead of rows when there are none, or above them: why, and what would show some. */
  readonly note: string;
  /** How many rows each tab has, for the tabs' labels. */
  readonly counts: { readonly [tab in TableId]?: number };
  /** Distribution for the tab, where it has one: counts per bucket, edges in ns. */
  readonly histogram?: {
    readonly title: string;
    readonly edges: readonly number[];
    readonly counts: readonly number[];
  };
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** One fact of the selection: `Held by` · `ledger_2 for 1.44 s` · where. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: 'error' | 'warning';
  readonly location?: Location;
  /** Where a click leads on the timeline. */
  readonly go?: { readonly lane: LaneId; readonly at: number };
}

export interface Arrow {
  readonly kind: 'blockedBy' | 'wokenBy' | 'holds';
  readonly fromLane: LaneId;
  readonly fromNs: number;
  readonly toLane: LaneId;
  readonly toNs: number;
  readonly label: string;
}

export interface Selection {
  readonly lane: LaneId;
  readonly start: number;
  readonly end: number;
  readonly state: number;
  /** One sentence, also announced: "Thread ledger_1, waiting for ledger_lock, 1.28 s, held by ledger_2". */
  readonly sentence: string;
  readonly facts: readonly Fact[];
  /** Innermost first. */
  readonly stack: readonly Location[];
  /** Whether each frame of the stack is library code. */
  readonly library: readonly boolean[];
  readonly arrows: readonly Arrow[];
  /** Locks concerned: lit up in every lane. */
  readonly lights: readonly LaneId[];
  /** The finding that explains it, if any. */
  readonly finding: string;
}

/** The four numbers on top, for the visible range; null where the run has nothing to say. */
export interface Headline {
  readonly cores: { readonly used: number; readonly of: number } | null;
  readonly lockWaitShare: number | null;
  readonly lag: Percentiles | null;
  readonly pool: { readonly busy: number; readonly of: number; readonly queued: number } | null;
}

export interface Series {
  readonly lane: LaneId;
  readonly x: Float64Array;
  /** One column per series of the lane, in its unit; NaN where nothing is known. */
  readonly y: readonly Float32Array[];
  /** Highest value of each over the whole run, so that the axis stays still. */
  readonly top: readonly number[];
}

export type ToPanel =
  | { readonly type: 'run'; readonly run: RunInfo }
  /** All lanes there are; comes again whenever a lane is new, ends or changes its badge. */
  | { readonly type: 'lanes'; readonly lanes: readonly Lane[] }
  /** Texts of `label` columns from `first` on; one comes again when its object has got a twin. */
  | { readonly type: 'labels'; readonly first: number; readonly labels: readonly string[] }
  | { readonly type: 'overview'; readonly overview: Overview }
  /** `complete`: every slice of these lanes up to now; otherwise tiles of the window that was asked for. */
  | {
      readonly type: 'slices';
      readonly mode: 'complete' | 'tile';
      readonly parts: readonly SlicePart[];
      readonly columns: SliceColumns;
    }
  /** Everything that was there when the panel became ready has been sent. */
  | { readonly type: 'caughtUp' }
  | { readonly type: 'findings'; readonly findings: readonly PanelFinding[] }
  | { readonly type: 'losses'; readonly losses: readonly Loss[] }
  | {
      readonly type: 'series';
      readonly request: number;
      readonly from: number;
      readonly to: number;
      readonly series: readonly Series[];
      readonly headline: Headline;
      /** ns in the visible range, all threads together, by code of SLICE_STATES. */
      readonly totals: Float64Array;
    }
  | { readonly type: 'table'; readonly request: number; readonly table: TableData }
  | { readonly type: 'selection'; readonly request: number; readonly selection: Selection | null }
  /** Show this place: the editor came from a notification, a lens or the Problems list. */
  | { readonly type: 'reveal'; readonly finding: string };

export type FromPanel =
  /** First message, and again after the panel was hidden: send everything. */
  | { readonly type: 'ready'; readonly version: number }
  /** The visible range, a page of margin included, its width in CSS pixels and the lanes on screen. */
  | {
      readonly type: 'view';
      readonly request: number;
      readonly from: number;
      readonly to: number;
      readonly pixels: number;
      readonly lanes: readonly LaneId[];
      /** The visible range itself: headline numbers are for it. */
      readonly visibleFrom: number;
      readonly visibleTo: number;
    }
  | {
      readonly type: 'table';
      readonly request: number;
      readonly tab: TableId;
      readonly from: number;
      readonly to: number;
      readonly sort: Sort | null;
      readonly search: string;
      readonly library: boolean;
      /** Lane of the `slices` tab. */
      readonly lane: LaneId;
    }
  | {
      readonly type: 'select';
      readonly request: number;
      readonly lane: LaneId;
      readonly at: number;
    }
  | { readonly type: 'openSource'; readonly file: string; readonly line: number }
  | { readonly type: 'openRule'; readonly rule: string }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'command'; readonly command: PanelCommand };
