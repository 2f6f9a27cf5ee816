/** One process's stream: its header, its own ids and what was lost of it. */
import type { ProcessDefinition } from '../../wire/recording.ts';
import type { Actor } from './actor.ts';
import { IdMap } from './idMap.ts';

/** A process's end as another process saw it. */
export interface ProcessEnd {
  readonly atNs: number;
  readonly code: number;
}

/** A stretch of which records are missing. */
export interface Gap {
  readonly reason: string;
  count: number;
  readonly from: number;
  /** Time of the next record that is there; undefined while none has come. */
  to: number | undefined;
  /** The trace's first row after it. */
  readonly row: number;
}

/** A file that is torn all over has more of them than anybody looks at. */
const MOST_GAPS = 1000;

/** Every thread that lives is sampled at least this often. */
const SAMPLED_NS = 600e6;

export class Stream {
  readonly index: number;
  /** `PID-START`. */
  readonly name: string;
  pid: number;
  process: ProcessDefinition | undefined;
  /** ns since trace start. */
  startNs = 0;
  /** Of the latest record. */
  lastNs = 0;
  /** When the process said goodbye; undefined while it did not. */
  closedNs: number | undefined;
  /** As it said then itself. */
  exitCode: number | undefined;
  /** Nothing more will come of it. */
  ended = false;
  /** Another stream saw this process end, and how. */
  endSeen: ProcessEnd | undefined;
  overheadNs = 0;
  /** CPU time of its threads by their samples. */
  cpuNs = 0;
  /** Of the whole process, also of threads that Python does not know, and of the probe; 0 when it was not said. */
  processCpuNs = 0;
  records = 0;
  readonly losses = new Map<string, number>();
  /** The same by time, in order. */
  readonly gaps: Gap[] = [];
  mainThread: Actor | undefined;
  readonly threads: Actor[] = [];

  readonly threadIds = new IdMap();
  readonly taskIds = new IdMap();
  readonly objectIds = new IdMap();
  readonly stringIds = new IdMap();
  readonly siteIds = new IdMap();
  readonly stackIds = new IdMap();
  readonly chainIds = new IdMap();

  constructor(index: number, name: string) {
    this.index = index;
    this.name = name;
    const pid = Number(name.split('-')[0]);
    this.pid = Number.isSafeInteger(pid) ? pid : 0;
  }

  /** False once the process said goodbye, was seen to end, or its stream is complete. */
  get alive(): boolean {
    return !this.ended && this.closedNs === undefined && this.endSeen === undefined;
  }

  sawEnd(end: ProcessEnd | undefined): void {
    // An id may come round again: only a process that began before can have ended then.
    if (end !== undefined && this.startNs <= end.atNs) this.endSeen ??= end;
  }

  /** @param row first row of the trace after what was lost. */
  lose(reason: string, count: number, row: number): void {
    this.losses.set(reason, (this.losses.get(reason) ?? 0) + count);
    const last = this.gaps.at(-1);
    if (last?.to === undefined && last?.reason === reason) last.count += count;
    else if (this.gaps.length < MOST_GAPS)
      this.gaps.push({ reason, count, from: this.lastNs || this.startNs, to: undefined, row });
  }

  /** A record after a loss: what was lost was before it. */
  sawRecord(at: number): void {
    for (let index = this.gaps.length - 1; index >= 0; index--) {
      const gap = this.gaps[index]!;
      if (gap.to !== undefined) return;
      gap.to = Math.max(gap.from, at);
    }
  }

  /** With one thread since then there was nobody to wait for the GIL: what comes late then waits for a core. */
  isAlone(sinceNs: number): boolean {
    let count = 0;
    for (let index = this.threads.length - 1; index >= 0 && count < 2; index--) {
      if (this.threads[index]!.lastNs > Math.max(0, sinceNs - SAMPLED_NS)) count++;
    }
    return count < 2;
  }
}
