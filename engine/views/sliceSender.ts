/** Sends slices in chunks of about a megabyte; above a limit only tiles: what is visible, merged to the screen's resolution. */
import type { Spans } from '../../base/spans.ts';
import type { FromPanel, LaneId, SliceColumns, SlicePart, ToPanel } from '../../wire/panel.ts';
import type { LaneBook } from './laneBook.ts';
import { newColumns } from './laneSlices.ts';
import { tileOf } from './tile.ts';

/** 22 bytes a slice: about a megabyte. */
const CHUNK = 45_000;

interface Pending {
  readonly spans: Spans;
  /** Slices the panel has and keeps. */
  keep: number;
  sent: number;
}

export class SliceSender {
  readonly #post: (message: ToPanel, transfer?: ArrayBuffer[]) => void;
  readonly #most: number;
  readonly #lanes = new Map<LaneId, Pending>();
  #tiles = false;

  constructor(post: (message: ToPanel, transfer?: ArrayBuffer[]) => void, most: number) {
    this.#post = post;
    this.#most = most;
  }

  startOver(): void {
    for (const pending of this.#lanes.values()) {
      pending.keep = 0;
      pending.sent = 0;
    }
  }

  /** Slices of the lane from `keep` on are new. */
  note(lane: LaneId, spans: Spans, keep: number): void {
    const pending = this.#lanes.get(lane);
    if (pending === undefined) this.#lanes.set(lane, { spans, keep: 0, sent: 0 });
    else pending.keep = Math.min(pending.keep, keep);
  }

  send(): void {
    let total = 0;
    for (const { spans } of this.#lanes.values()) total += spans.length;
    this.#tiles = total > this.#most;
    if (this.#tiles) return;
    let parts: SlicePart[] = [];
    let sources: { readonly spans: Spans; readonly from: number; readonly count: number }[] = [];
    let size = 0;
    const flush = (): void => {
      if (parts.length === 0) return;
      const columns = newColumns(size);
      let at = 0;
      for (const { spans, from, count } of sources) {
        copy(spans, from, count, columns, at);
        at += count;
      }
      this.#post({ type: 'slices', mode: 'complete', parts, columns }, buffersOf(columns));
      parts = [];
      sources = [];
      size = 0;
    };
    for (const [lane, pending] of this.#lanes) {
      const { spans } = pending;
      let from = Math.min(pending.keep, pending.sent);
      if (from === spans.length && pending.sent === spans.length) continue;
      do {
        const count = Math.min(spans.length - from, CHUNK - size);
        parts.push({ lane, keep: from, offset: size, count });
        sources.push({ spans, from, count });
        size += count;
        from += count;
        if (size >= CHUNK) flush();
      } while (from < spans.length);
      pending.sent = spans.length;
      pending.keep = spans.length;
    }
    flush();
  }

  /** In tile mode: the lanes on screen, merged where several slices share a pixel. */
  tile(book: LaneBook, view: Extract<FromPanel, { readonly type: 'view' }>): void {
    if (!this.#tiles) return;
    const wanted = view.lanes.flatMap((lane) => {
      const spans = book.spansOf(lane);
      return spans === undefined ? [] : [{ lane, spans }];
    });
    const { parts, columns } = tileOf(wanted, view.from, view.to, view.pixels);
    if (parts.length > 0)
      this.#post({ type: 'slices', mode: 'tile', parts, columns }, buffersOf(columns));
  }
}

function copy(spans: Spans, from: number, count: number, to: SliceColumns, at: number): void {
  const end = from + count;
  to.start.set(spans.start.subarray(from, end), at);
  to.end.set(spans.end.subarray(from, end), at);
  to.state.set(spans.state.subarray(from, end), at);
  to.label.set(spans.label.subarray(from, end), at);
  to.mark.set(spans.mark.subarray(from, end), at);
}

function buffersOf(columns: SliceColumns): ArrayBuffer[] {
  return Object.values(columns).map((column) => (column as Float64Array).buffer as ArrayBuffer);
}
