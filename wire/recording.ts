/**
 * The recording: what a probe writes and the record room reads. FORMAT.md says every byte in prose; this file
 * is the same contract for the compiler. `probe/python/interleave_probe/kinds.py` mirrors KIND, WAIT and OWNER
 * and a test keeps them equal.
 */

/** Version of the recording. A reader refuses newer ones and reads older ones. */
export const RECORDING_VERSION = 1;

export const RING_MAGIC = 'ILVRING1';
export const RING_HEADER_BYTES = 4096;
export const RECORD_BYTES = 32;

/** Byte offsets inside the ring's header; all integers little-endian. */
export const RING_HEADER = {
  magic: 0,
  version: 8,
  recordBytes: 12,
  pid: 16,
  startedAt: 24,
  /** Records in one lap once the ring has stopped growing; 0 while it still grows. */
  capacity: 32,
  /** Records claimed so far: a hint, rewritten about ten times a second and at the end. */
  head: 40,
  /** When the process said goodbye; 0 when it never did. */
  closedAt: 48,
  /** The probe's own estimate of what it cost so far, in ns of CPU time. */
  overhead: 56,
  /** Records that could not be written, by reason: disk full, definitions full. */
  dropped: 64,
} as const;

/** Byte offsets inside one 32-byte record. */
export const RECORD = {
  kind: 0,
  lap: 1,
  aux: 2,
  actor: 4,
  at: 8,
  a: 16,
  b: 20,
  c: 24,
  /** Position in the stream plus one, modulo 2^32 - 1, never 0: written last, so a record is whole once it shows. */
  seq: 28,
} as const;

/** An actor is a thread id, or a task id with this bit set. */
export const TASK_BIT = 0x8000_0000;

/** What happened. The comment names actor / a / b / c / aux. */
export const KIND = {
  /** new thread / creating actor / stack of start() / - */
  threadStart: 1,
  /** thread that ended */
  threadEnd: 2,
  /** forking actor / child pid / stack / other threads alive */
  processFork: 3,
  /** starting actor / child pid / stack / - ; aux START */
  processStart: 4,
  /** actor that saw it / child pid / exit code (two's complement) */
  processEnd: 5,
  /** this process ends: actor / exit code if known / - ; aux 1 = normally */
  exit: 6,
  /** thread whose code has raised what nobody caught, also a main thread / string exception / stack where it was raised */
  failed: 7,

  /** waiter / object (0 = none) / stack / timeout in ms (0 = none) ; aux WAIT | WAIT_TIMEOUT */
  waitBegin: 10,
  /** waiter / object / stack where the owner got it / owner (actor, pid or pool object) ; aux OWNER | OWNER_REFRESH */
  waitOwner: 11,
  /** waiter / object / stack of what the owner does now / owner */
  ownerNow: 12,
  /** waiter / object / stack or 0 / actor that ended the wait, 0 unknown ; aux WAIT_RESULT */
  waitEnd: 13,

  /** owner / object / stack or site / - ; aux ACQUIRE flags */
  acquire: 20,
  /** releasing actor / object / site or 0 */
  release: 21,
  /** owner / object / stack of the acquire / hold in µs, ending at `at`. Written instead of acquire+release. */
  hold: 22,
  /** owner / object acquired / stack / chain of locks already held ; aux ACQUIRE flags. First time for (owner, epoch, chain, object). */
  nest: 23,
  /** - / object / acquires so far / contended acquires so far (both modulo 2^32, cumulative) */
  counts: 24,
  /** - / object / total wait µs so far / total hold µs so far (modulo 2^32, cumulative) */
  totals: 25,

  /** loop's thread / loop / lateness of the loop in µs (worst of the period) / callbacks ready */
  loopLag: 30,
  /** task or thread that ran / loop / stack (of the block if one was taken) / µs it ran, ending at `at` */
  loopStep: 31,
  /**
   * loop's thread / loop / stack now / µs the running step has taken so far ; aux 1 = most of that was a native call which let
   * nobody look, and came back just before this stack. Taken while blocked.
   */
  loopStack: 32,
  /** loop's thread / loop / busy µs / idle µs of the period ending at `at` ; aux loop turns, saturated */
  loopBusy: 33,
  /** loop's thread / loop / stack */
  loopStart: 34,
  /** loop's thread / loop / pending tasks / - ; aux 1 = closed (0 = stopped running) */
  loopStop: 35,
  /** loop's thread / loop / timers scheduled / files watched besides its own. The loop has nothing to run. */
  loopIdle: 36,

  /** creating actor / task / stack / string: coroutine's qualified name */
  taskCreate: 40,
  /** task / loop: a step begins (full detail, or steps that matter) */
  taskResume: 41,
  /** task / object or 0 / stack: the step ended in an await */
  taskSuspend: 42,
  /** task / loop / string (exception) or 0 / stack where it was raised ; aux TASK_END */
  taskEnd: 43,
  /** task (or 0 for a bare future) / string exception / stack where raised / stack where created */
  taskExceptionLost: 44,
  /** task still pending when its loop closed / loop / stack where it is suspended / stack where created */
  taskPending: 45,
  /** actor / string qualified name / stack where created */
  coroutineNeverAwaited: 46,
  /** task / string name */
  taskName: 47,

  /** submitting actor / pool / stack / item */
  submit: 50,
  /** worker / pool / string function / item */
  itemStart: 51,
  /** worker / pool / string exception or 0 / item */
  itemEnd: 52,
  /** - / pool / items queued / workers busy ; aux workers */
  poolSample: 53,
  /** - / pool / string exception / item ; nobody asked for the failure */
  itemExceptionLost: 54,

  /** - / queue / depth / unfinished */
  queueDepth: 60,
  /** - / queue / puts so far / gets so far (cumulative) */
  queueCounts: 61,
  /** - / semaphore, barrier, condition, event / value / waiters */
  permits: 62,
  /** actor / queue or connection / bytes / µs */
  message: 63,

  /** - / threads that wanted the GIL, in thousandths, mean over the period / period µs / µs waited by all */
  gil: 70,
  /** thread / - / µs it waited for the GIL, ending at `at` (exact, native core only) */
  gilWait: 71,
  /** thread / µs it was ready in all its life and had no core / µs it ran (Linux); once a second of threads that compute side by side */
  coreWait: 72,

  /** thread / stack / µs of CPU since its last sample / µs since its last sample ; aux SAMPLE */
  sample: 80,

  /** actor / loop / stack / string method */
  unsafeCall: 90,
  /** thread / object held or queue or 0 / stack / queued items ; a daemon thread died with the interpreter */
  daemonKilled: 91,
  /** actor / object / stack / other actor: unlocked access from two threads */
  race: 92,
  /** - / own CPU cost in µs so far / records so far / ms of CPU of the whole process so far, native threads and the probe among it; 0 = not said */
  overhead: 94,
  /** - / count / REASON: records not written */
  dropped: 95,
  /** actor / string text / string detail: a line the program wants on the timeline */
  mark: 96,
} as const;

export type Kind = (typeof KIND)[keyof typeof KIND];

/** What a wait waits for (low byte of aux of waitBegin). */
export const WAIT = {
  acquire: 1,
  condition: 2,
  event: 3,
  barrier: 4,
  get: 5,
  put: 6,
  queueJoin: 7,
  join: 8,
  processJoin: 9,
  result: 10,
  receive: 11,
  send: 12,
  await: 13,
  semaphore: 14,
  sleep: 15,
  io: 16,
  poolShutdown: 17,
} as const;
/** Set in aux of waitBegin when the wait ends by itself. */
export const WAIT_TIMEOUT = 0x100;

/** What `c` of waitOwner is (low byte of aux). */
export const OWNER = {
  /** an actor that holds the lock or a permit */
  holder: 1,
  /** an actor whose end is waited for */
  joined: 2,
  /** the actor that runs the awaited work item */
  running: 3,
  /** the pool object in whose queue the awaited work item still stands */
  queued: 4,
  /** a process id, in this recording or not */
  process: 5,
  /** the event loop object that must run for the wait to end */
  loop: 6,
} as const;
/** Set in aux of waitOwner when it repeats, about ten times a second, what still holds. */
export const OWNER_REFRESH = 0x8000;

export const WAIT_RESULT = { unknown: 0, done: 1, timeout: 2, cancelled: 3, error: 4 } as const;
/** Flags of acquire and nest. A try or timed acquire can give up, so it closes no deadlock for good. */
export const ACQUIRE = { waited: 1, try: 2, timeout: 4, reentry: 8 } as const;
export const TASK_END = { done: 1, cancelled: 2, failed: 3 } as const;
export const SAMPLE = { running: 1, blocked: 2, waiting: 3 } as const;
export const START = { fork: 1, spawn: 2, forkserver: 3, subprocess: 4 } as const;
export const REASON = { diskFull: 1, definitionsFull: 2, internalError: 3 } as const;

/** One line of a stream's `.defs` file. Ids count from 1 per stream and kind of definition; 0 means none. */
export type Definition =
  | ProcessDefinition
  | { readonly def: 'string'; readonly id: number; readonly text: string }
  | {
      readonly def: 'site';
      readonly id: number;
      readonly file: string;
      readonly line: number;
      readonly function: string;
    }
  /** Innermost first; at most 32 sites. */
  | { readonly def: 'stack'; readonly id: number; readonly sites: readonly number[] }
  | ThreadDefinition
  | TaskDefinition
  | ObjectDefinition
  /** Locks held, outermost first: pairs of object id and stack of its acquire. */
  | {
      readonly def: 'chain';
      readonly id: number;
      readonly held: readonly (readonly [number, number])[];
    };

export type Partly = 'items' | 'tasks' | 'messages';

/** First line of a stream; may come again when something of it changes. */
export interface ProcessDefinition {
  readonly def: 'process';
  readonly pid: number;
  readonly ppid: number;
  readonly runtime: 'python' | 'node';
  /** `3.11.7` */
  readonly version: string;
  readonly executable: string;
  readonly argv: readonly string[];
  /** Which probe wrote the stream. */
  readonly core: 'python' | 'native' | 'node';
  readonly detail: 'default' | 'full';
  /** Sentences: what this probe cannot see here. */
  readonly blind: readonly string[];
  /** What there was too much of to tell of each: numbers of these are lower bounds. */
  readonly partly?: readonly Partly[];
  /** False on free-threaded builds that run without it. */
  readonly gil: boolean;
  /** Seconds between forced GIL switches. */
  readonly switchInterval?: number;
  readonly cores: number;
  /** Stream name of the parent when it is in the recording; of what a fork server has made, the process that asked for it. */
  readonly parent?: string;
  readonly how?: keyof typeof START | 'main' | 'exec';
  /** A helper of multiprocessing's own, its resource tracker or fork server: it only serves, nothing of the program runs in it. */
  readonly service?: boolean;
  /** Name the program gave it: multiprocessing's `Process.name`. */
  readonly name?: string;
  /** True once the program has its own signal handlers, which may wake a waiting main thread. */
  readonly signals?: boolean;
  /** Monotonic and wall clock read together, ns. */
  readonly clock: { readonly monotonic: number; readonly wall: number };
}

/** May come again: a thread is renamed, or learns its native id. */
export interface ThreadDefinition {
  readonly def: 'thread';
  readonly id: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly main: boolean;
  /** The operating system's id. */
  readonly native?: number;
  /** Pool object whose worker it is. */
  readonly pool?: number;
  /** Qualified name of what it runs. */
  readonly target?: string;
}

/** Only for tasks that something is said of; others have just their taskCreate record. */
export interface TaskDefinition {
  readonly def: 'task';
  readonly id: number;
  readonly name: string;
  readonly loop: number;
}

export type ObjectType =
  | 'Lock'
  | 'RLock'
  | 'Condition'
  | 'Semaphore'
  | 'BoundedSemaphore'
  | 'Event'
  | 'Barrier'
  | 'Queue'
  | 'LifoQueue'
  | 'PriorityQueue'
  | 'SimpleQueue'
  | 'JoinableQueue'
  | 'Future'
  | 'Connection'
  | 'EventLoop'
  | 'ThreadPoolExecutor'
  | 'ProcessPoolExecutor'
  | 'Pool'
  | 'ThreadPool'
  | 'Limiter'
  | 'Other';

/** A lock, queue, pool, loop, connection: anything waited for. */
export interface ObjectDefinition {
  readonly def: 'object';
  readonly id: number;
  readonly type: ObjectType;
  /** Module that defines it: threading, asyncio, multiprocessing, queue, concurrent.futures, … */
  readonly library: string;
  /** Stack of its creation, 0 when it was made before the probe looked. */
  readonly stack: number;
  /** Address at creation time as a hexadecimal string, only to tell twins apart in `repr`s. */
  readonly address?: string;
  /** Same text in two streams means the same object of the operating system. */
  readonly shared?: string;
  /** The other end of a pipe, as a `shared` text. */
  readonly peer?: string;
  /** maxsize of a queue, initial value of a semaphore, parties of a barrier, workers of a pool. */
  readonly capacity?: number;
  /** Object this one is a part of: a queue's mutex, a condition's lock. */
  readonly partOf?: number;
  /** Name the program gave it, where there is one: thread_name_prefix, loop name. */
  readonly name?: string;
  /** True when created by library code for its own use (logging's lock, an executor's). */
  readonly internal?: boolean;
  /** Which of those made on its line it is, from 1, and how many there were when this was written: tells twins apart. */
  readonly nth?: number;
  readonly among?: number;
}

/** `manifest.json`, written by the launcher before the start and again at the end. */
export interface Manifest {
  readonly format: 'interleave';
  readonly version: number;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Clock anchor of the launcher, ns. */
  readonly startedAt: { readonly monotonic: number; readonly wall: number };
  readonly budgetBytes: number;
  /** Absent while the program runs. */
  readonly exit?: ProgramExit;
  readonly durationNs?: number;
  readonly host: { readonly platform: string; readonly arch: string; readonly cores: number };
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly reason: 'exited' | 'timeout' | 'deadlock' | 'signal' | 'stopped';
}
