/** What the record room yields and the engine takes in: a recording, piece by piece, in the order it can be read. */
import type { Manifest } from './recording.ts';

export type Batch =
  | { readonly type: 'manifest'; readonly manifest: Manifest }
  /** Whole lines, without the torn last one. Always before the records that refer to them. */
  | { readonly type: 'definitions'; readonly stream: string; readonly text: string }
  /** Whole 32-byte records in order of their position; checked for seq and lap, nothing else. */
  | { readonly type: 'records'; readonly stream: string; readonly bytes: Uint8Array }
  /** Records that are not there, between those before and those after this batch. */
  | {
      readonly type: 'loss';
      readonly stream: string;
      readonly count: number;
      readonly reason: 'overwritten' | 'torn' | 'dropped' | 'corrupt';
    }
  /** The ring header as read last. Times in monotonic ns, not yet relative to the trace. */
  | {
      readonly type: 'header';
      readonly stream: string;
      readonly pid: number;
      readonly startedAt: number;
      readonly closedAt: number;
      readonly overheadNs: number;
      readonly dropped: number;
    }
  /** Nothing more will come of this stream. `closed` says whether the process said goodbye. */
  | { readonly type: 'end'; readonly stream: string; readonly closed: boolean };
