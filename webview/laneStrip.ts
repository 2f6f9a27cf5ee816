/**
 * The pixels of one lane: three rows as wide as the time area. What is narrower than a few pixels is summed by the tree into
 * the state that takes most of a pixel, with a rail for the worst state in it. While panning only the new edge is computed.
 */
import type { Spans } from '../base/spans.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';

/** Slices at least this wide are drawn as rectangles of their own. */
const RECT_PX = 7;
export const STRIP_ROWS = 3;
/** Rows: full-height states, thin states, the rail of the worst. */
export const FULL = 0;
export const THIN = 1;
export const RAIL = 2;

const THIN_STATE = new Uint8Array(SLICE_STATES.length);
for (const state of [STATE.io, STATE.waiting, STATE.idle]) THIN_STATE[state] = 1;

/** Worst last; what is 0 never takes the rail. */
const RAIL_RANK = new Uint8Array(SLICE_STATES.length);
[STATE.gil, STATE.lock, STATE.heldContended, STATE.blocksLoop, STATE.deadlocked].forEach(
  (state, rank) => {
    RAIL_RANK[state] = rank + 1;
  },
);

const sums = new Float64Array(SLICE_STATES.length);

export class LaneStrip {
  pixels = new Uint32Array(0);
  /** Slices wide enough for a rectangle, in order. */
  rects: number[] = [];
  #spans: Spans | undefined;
  #version = -1;
  #look = '';
  #theme: Theme | undefined;
  #from = 0;
  #nsPerPx = 0;
  #width = 0;

  /** @param look changes when states are hidden or shown. */
  update(spans: Spans, scale: TimeScale, theme: Theme, look: string, hidden: Uint8Array): void {
    const same =
      spans === this.#spans &&
      spans.version === this.#version &&
      look === this.#look &&
      theme === this.#theme &&
      scale.width === this.#width &&
      scale.nsPerPx === this.#nsPerPx;
    const shift = (scale.from - this.#from) / scale.nsPerPx;
    const whole = Math.round(shift);
    if (same && whole === 0) return;
    const { width } = scale;
    if (this.pixels.length !== width * STRIP_ROWS)
      this.pixels = new Uint32Array(width * STRIP_ROWS);
    if (same && Math.abs(whole) < width / 2 && Math.abs(shift - whole) < 0.01)
      this.#shift(spans, scale, whole, theme, hidden);
    else {
      this.pixels.fill(0);
      this.rects = [];
      this.#fill(spans, scale, 0, width, theme, hidden, this.rects);
    }
    this.#spans = spans;
    this.#version = spans.version;
    this.#look = look;
    this.#theme = theme;
    this.#width = width;
    this.#nsPerPx = scale.nsPerPx;
    this.#from = scale.from;
  }

  /** Moves what is there and computes the edge that came into sight, with a pixel of the old. */
  #shift(spans: Spans, scale: TimeScale, by: number, theme: Theme, hidden: Uint8Array): void {
    const { width } = scale;
    const first = by > 0 ? width - by - 1 : 0;
    const last = by > 0 ? width : -by + 1;
    for (let row = 0; row < STRIP_ROWS; row++) {
      const pixels = this.pixels.subarray(row * width, (row + 1) * width);
      if (by > 0) pixels.copyWithin(0, by);
      else pixels.copyWithin(-by, 0, width + by);
      pixels.fill(0, first, last);
    }
    const fresh: number[] = [];
    this.#fill(spans, scale, first, last, theme, hidden, fresh);
    const visible = this.rects.filter(
      (index) => spans.end[index]! > scale.from && spans.start[index]! < scale.to,
    );
    this.rects = by > 0 ? merged(visible, fresh) : merged(fresh, visible);
  }

  #fill(
    spans: Spans,
    scale: TimeScale,
    first: number,
    last: number,
    theme: Theme,
    hidden: Uint8Array,
    rects: number[],
  ): void {
    const { start, end, state, length } = spans;
    const { from, nsPerPx } = scale;
    const perNs = 1 / nsPerPx;
    const to = from + last * nsPerPx;
    const rectNs = RECT_PX * nsPerPx;
    let index = spans.firstEndingAfter(from + first * nsPerPx);
    while (index < length) {
      const begin = start[index]!;
      if (begin >= to) break;
      const duration = end[index]! - begin;
      if (duration >= nsPerPx) {
        if (hidden[state[index]!] === 0) {
          if (duration >= rectNs) rects.push(index);
          else
            this.#bar((begin - from) * perNs, duration * perNs, first, last, state[index]!, theme);
        }
        index++;
        continue;
      }
      const column = Math.max(first, Math.floor((begin - from) * perNs));
      let next = spans.firstStartingFrom(from + (column + 1) * nsPerPx, index + 1);
      // The last one may reach far over the pixel: it is drawn by itself in the next round.
      if (next - 1 > index && end[next - 1]! - start[next - 1]! >= nsPerPx) next--;
      sums.fill(0);
      spans.addWhole(index, next, sums);
      if (column < last) this.#column(column, nsPerPx, theme, hidden);
      index = next;
    }
  }

  /** A slice of a few pixels, with a gap after it where there is room. */
  #bar(x: number, length: number, first: number, last: number, state: number, theme: Theme): void {
    const begin = Math.round(x);
    let end = Math.max(begin + 1, Math.round(x + length));
    if (end - begin > 2) end--;
    const left = Math.max(first, begin);
    const right = Math.min(last, end);
    if (right <= left) return;
    const color = theme.pixels[state]!;
    const row = (THIN_STATE[state] === 1 ? THIN : FULL) * this.#rowWidth;
    this.pixels.fill(color, row + left, row + right);
    if (RAIL_RANK[state]! > 1)
      this.pixels.fill(color, RAIL * this.#rowWidth + left, RAIL * this.#rowWidth + right);
  }

  /** Many slices in one pixel: the state with most time, fainter the less of the pixel it takes; the worst on the rail. */
  #column(at: number, nsPerPx: number, theme: Theme, hidden: Uint8Array): void {
    let total = 0;
    let most = -1;
    let mostTime = 0;
    let worst = -1;
    let worstRank = 0;
    for (let state = 1; state < sums.length; state++) {
      const time = sums[state]!;
      if (time <= 0 || hidden[state] === 1) continue;
      total += time;
      if (time > mostTime) {
        mostTime = time;
        most = state;
      }
      if (RAIL_RANK[state]! > worstRank) {
        worstRank = RAIL_RANK[state]!;
        worst = state;
      }
    }
    if (most < 0) return;
    const alpha = Math.min(255, 96 + Math.round((159 * total) / nsPerPx));
    const color = ((theme.pixels[most]! & 0xffffff) | (alpha << 24)) >>> 0;
    this.pixels[at + (THIN_STATE[most] === 1 ? THIN : FULL) * this.#rowWidth] = color;
    if (worst >= 0) this.pixels[at + RAIL * this.#rowWidth] = theme.pixels[worst]!;
  }

  get #rowWidth(): number {
    return this.pixels.length / STRIP_ROWS;
  }
}

/** Two ordered lists that may share the elements where they meet. */
function merged(one: readonly number[], other: readonly number[]): number[] {
  const last = one.at(-1) ?? -1;
  return [...one, ...other.filter((index) => index > last)];
}
