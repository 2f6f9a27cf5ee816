/** The report: what the engine says of a recording, as `interleave report --format json` prints it. All times ns. */
import type { ProgramExit } from './recording.ts';
import type { RuleId, Severity } from './rules.ts';

/** Version of the report's JSON. */
export const REPORT_VERSION = 1;

export interface Location {
  /** Absolute path as the program saw it. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is there: "ledger_1 waits for accounts_lock here". */
  readonly label: string;
  readonly function?: string;
}

/** One arrow of a cycle or chain of waits: who waits, for what, who could give it. */
export interface WaitEdge {
  readonly waiter: string;
  readonly waiterActor: ActorRef;
  /** `accounts_lock`, `queue jobs`, `end of thread worker_1`. */
  readonly resource: string;
  readonly resourceObject?: ObjectRef;
  readonly owner: string;
  readonly ownerActor?: ActorRef;
  readonly waiterLocation?: Location;
  /** It waits within a library, and that is where its thread was started. */
  readonly waiterStarted?: true;
  /** Where the owner took it. */
  readonly ownerLocation?: Location;
  /** The owner has ended and never gave it back. */
  readonly ownerEnded?: true;
  /** Since when the owner has it, where that was seen. */
  readonly heldSinceNs?: number;
  /** Since when the waiter waits. */
  readonly sinceNs: number;
}

/** Stable within one trace: stream name and id inside the stream. `task` ids have no TASK_BIT. */
export interface ActorRef {
  readonly stream: string;
  readonly kind: 'thread' | 'task' | 'process' | 'pool' | 'loop';
  readonly id: number;
}
export interface ObjectRef {
  readonly stream: string;
  readonly id: number;
}

export interface Finding {
  /** Same text for the same fault in the same recording, also while it grows. */
  readonly id: string;
  readonly rule: RuleId;
  readonly severity: Severity;
  /** One line: "Deadlock: ledger_1 and ledger_2 wait for each other". */
  readonly title: string;
  /** Sentences: what happened, the number that proves it, what to do. */
  readonly detail: string;
  /** Most important first: the line to go to. */
  readonly locations: readonly Location[];
  readonly evidence: Evidence;
  /** When it was seen, ns since trace start; spans may be many. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  /** Time lost to it, for ordering, in ns of actors' time. */
  readonly lostNs: number;
}

export interface Evidence {
  /** A cycle in order: each owner is the next waiter, the last one the first. Of a hang no order: see `chainsOf`. */
  readonly edges?: readonly WaitEdge[];
  readonly cyclic?: boolean;
  /** Stuck behind the cycle, not of it. */
  readonly victims?: readonly string[];
  readonly stack?: readonly Location[];
  readonly [measure: string]: unknown;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly command: readonly string[];
  readonly exit: ProgramExit;
  readonly durationNs: number;
  readonly processes: readonly ProcessRow[];
  readonly threads: readonly ThreadRow[];
  readonly loops: readonly LoopRow[];
  readonly pools: readonly PoolRow[];
  readonly locks: readonly LockRow[];
  readonly queues: readonly QueueRow[];
  readonly tasks: TaskSummary;
  readonly gil: GilSummary;
  readonly findings: readonly Finding[];
  readonly advice: Advice;
  readonly probe: ProbeSummary;
}

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number | null;
  readonly how: string;
  readonly runtime: 'python' | 'node';
  /** Of the interpreter; empty of a process that no probe was loaded in. */
  readonly version: string;
  readonly startNs: number;
  /** Null while running or when it never said goodbye. */
  readonly endNs: number | null;
  /** killed: without a goodbye, by a signal, a crash or `os._exit`, or a daemon that goes on. exec: another program took its place. */
  readonly end: 'running' | 'closed' | 'killed' | 'exec';
  /** What the program calls it: `SpawnPoolWorker-1`; of multiprocessing's own helpers what they are. */
  readonly name: string | null;
  /** Exit status as its parent saw it, minus the signal's number; null when nobody looked. */
  readonly code: number | null;
  readonly cpuNs: number;
}
export interface ThreadRow {
  readonly name: string;
  readonly pid: number;
  readonly daemon: boolean;
  readonly startNs: number;
  readonly endNs: number | null;
  readonly cpuNs: number;
  readonly lockWaitNs: number;
  readonly otherWaitNs: number;
  /** What it waited for at the end of the recording, if it did. */
  readonly waitsFor: string | null;
  readonly location: Location | null;
}
export interface LoopRow {
  readonly name: string;
  readonly pid: number;
  readonly thread: string;
  /** How late it came to what was due: of the worst in each tenth of a second, ns. */
  readonly lag: Percentiles;
  /** Share of the time between 0 and 1. */
  readonly utilization: number;
  readonly longSteps: number;
  readonly longestStepNs: number;
  readonly longestStep: Location | null;
  readonly turns: number;
}
export interface PoolRow {
  readonly name: string;
  readonly type: string;
  readonly pid: number;
  readonly workers: number;
  readonly submitted: number;
  readonly finished: number;
  /** There was more than is counted here. */
  readonly partly: boolean;
  readonly failed: number;
  readonly utilization: number;
  readonly queueWait: Percentiles;
  readonly run: Percentiles;
  readonly maxQueued: number;
  readonly created: Location | null;
  readonly perWorker: readonly {
    readonly name: string;
    readonly busyNs: number;
    readonly items: number;
  }[];
}
export interface LockRow {
  readonly name: string;
  readonly type: string;
  readonly library: string;
  readonly pid: number;
  /** Null where it was used and nobody counts: a semaphore of threads. Of asyncio's those that were seen, at least so many. */
  readonly acquired: number | null;
  /** Acquires that had to wait, those that still do among them. */
  readonly contended: number;
  readonly waitNs: number;
  /** With what is still held, as far as it is known since when. */
  readonly holdNs: number;
  readonly longestWaitNs: number;
  readonly p95WaitNs: number;
  readonly longestHoldNs: number;
  readonly owner: string | null;
  readonly waiters: readonly string[];
  readonly mostHeldBy: string | null;
  readonly mostWaits: string | null;
  readonly created: Location | null;
  readonly internal: boolean;
}
export interface QueueRow {
  readonly name: string;
  readonly type: string;
  readonly pid: number;
  readonly capacity: number;
  /** Null where they are not counted. */
  readonly puts: number | null;
  readonly gets: number | null;
  readonly maxDepth: number;
  readonly lastDepth: number;
  readonly unfinished: number;
  readonly created: Location | null;
}
export interface TaskSummary {
  readonly created: number;
  readonly done: number;
  /** There were more than are counted here. */
  readonly partly: boolean;
  readonly failed: number;
  readonly cancelled: number;
  readonly pendingAtExit: number;
  readonly exceptionsLost: number;
  readonly maxConcurrent: number;
  /** False where that is only what is certain: of tasks that nobody saw end, or of some of many. */
  readonly concurrentExact: boolean;
}
export interface GilSummary {
  /** exact: the interpreter's own waits; estimate: from a thread that times its own return; none: no GIL here. */
  readonly method: 'exact' | 'estimate' | 'none';
  /** Time threads wanted the GIL and did not have it, summed over threads. */
  readonly waitedNs: number;
  /** Of the time of threads that wanted to run. */
  readonly share: number;
  readonly note: string;
}
export interface Advice {
  readonly model: 'threads' | 'processes' | 'asyncio' | 'event-loop' | 'mixed' | 'unclear';
  readonly text: string;
  readonly poolSize: number | null;
  readonly speedUp: number | null;
  readonly evidence: Readonly<Record<string, number>>;
}
export interface ProbeSummary {
  readonly core: readonly string[];
  readonly overheadNs: number;
  readonly records: number;
  /** Records lost for any reason. */
  readonly dropped: number;
  readonly losses: readonly {
    readonly pid: number;
    readonly reason: string;
    readonly count: number;
  }[];
  readonly blind: readonly string[];
}
