/** Feeds one panel from one trace: what it shows, what is new since the last tick, and answers to what it asks. Pure: no clock, no files. */
import type { FromPanel, PanelCommand, RunState, ToPanel } from '../wire/panel.ts';
import type { Trace } from './trace.ts';

export interface PanelSessionOptions {
  /** `orders_service.py` */
  readonly title: string;
  /** Above this many slices the panel gets tiles of what it shows instead of everything. */
  readonly mostSlices?: number;
}

export interface RunChange {
  readonly state: RunState;
  /** How it ended, or what went wrong and what to do: whole sentences. */
  readonly message?: string;
  /** What the reader can do now. */
  readonly can?: readonly PanelCommand[];
}

export type Post = (message: ToPanel, transfer?: ArrayBuffer[]) => void;

/**
 * The owner adds batches to the trace, calls `tick` about every 50 ms while the program runs, and `finish` once when the
 * recording has ended. Before the panel has said `ready` nothing is posted.
 */
export class PanelSession {
  constructor(trace: Trace, post: Post, options: PanelSessionOptions) {
    void trace;
    void post;
    void options;
  }

  /** False when the message is not the engine's business: openSource, openRule, copy and command are the owner's. */
  receive(message: FromPanel): boolean {
    return message.type !== 'command';
  }

  /** `nowNs`: trace time now, for what has begun and not ended. */
  tick(nowNs: number): void {
    void nowNs;
  }

  /** Loading, running, failed, or other things to do: shown in the header at once. */
  change(run: RunChange): void {
    void run;
  }

  /** No more batches will come: what is still open ends here. */
  finish(run: RunChange): void {
    void run;
  }

  /** Shows a finding in the panel, now or as soon as it is ready. */
  reveal(finding: string): void {
    void finding;
  }
}
