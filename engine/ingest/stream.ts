/** One process's stream: its header, its own ids and what was lost of it. */
import type { ProcessDefinition } from '../../wire/recording.ts';
import type { Actor } from './actor.ts';
import { IdMap } from './idMap.ts';

/** A process's end as another process saw it. */
export interface ProcessEnd {
  readonly atNs: number;
  readonly code: number;
}

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
  /** Nothing more will come of it. */
  ended = false;
  /** Another stream saw this process end, and how. */
  endSeen: ProcessEnd | undefined;
  overheadNs = 0;
  /** CPU time of its threads by their samples. */
  cpuNs = 0;
  records = 0;
  readonly losses = new Map<string, number>();
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

  lose(reason: string, count: number): void {
    this.losses.set(reason, (this.losses.get(reason) ?? 0) + count);
  }
}
