/**
 * Draws the slices of all visible lanes of one frame. What is narrower than a few pixels goes into one strip of pixels per lane
 * (by the tree: the state that takes most of the pixel, and a rail for the worst state in it); the rest become
 * rectangles with hatching and labels. A million slices cost what the pixels cost.
 */
import type { Spans } from '../base/spans.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';
import type { Box } from './sliceRuns.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';

/** Slices at least this wide are drawn as rectangles of their own. */
const RECT_PX = 7;
/** Strip rows of a lane: full-height states, thin states, and the rail of the worst. */
export const STRIP_ROWS = 3;
const FULL = 0;
const THIN = 1;
const RAIL = 2;

export const THIN_STATES: ReadonlySet<number> = new Set([STATE.io, STATE.waiting, STATE.idle]);

/** Worst first; what is not here never takes the rail. */
const RAIL_RANK = new Uint8Array(SLICE_STATES.length);
[STATE.gil, STATE.lock, STATE.heldContended, STATE.blocksLoop, STATE.deadlocked].forEach(
  (state, rank) => {
    RAIL_RANK[state] = rank + 1;
  },
);

export class SliceStrips {
  #canvas = document.createElement('canvas');
  #context = this.#canvas.getContext('2d', { willReadFrequently: false });
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  #width = 0;
  #lanes = 0;
  readonly #sums = new Float64Array(SLICE_STATES.length);

  /** Makes room for `lanes` strips of `width` pixels, all clear. */
  begin(width: number, lanes: number): void {
    if (width !== this.#width || lanes > this.#lanes || !this.#image) {
      this.#width = width;
      this.#lanes = Math.max(lanes, 16);
      this.#canvas.width = width;
      this.#canvas.height = this.#lanes * STRIP_ROWS;
      this.#image = new ImageData(width, this.#lanes * STRIP_ROWS);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    } else this.#pixels.fill(0, 0, lanes * STRIP_ROWS * width);
  }

  /**
   * Fills the strip number `lane` and calls `rect` for each slice wide enough to be drawn by itself.
   * `hidden` has 1 for states that the legend has switched off.
   */
  add(
    spans: Spans,
    scale: TimeScale,
    lane: number,
    theme: Theme,
    hidden: Uint8Array,
    rect: (index: number) => void,
  ): void {
    const { start, end, state, length } = spans;
    const from = scale.from;
    const { nsPerPx } = scale;
    const perNs = 1 / nsPerPx;
    const width = this.#width;
    const to = from + width * nsPerPx;
    const rectNs = RECT_PX * nsPerPx;
    const full = (lane * STRIP_ROWS + FULL) * width;
    let index = spans.firstEndingAfter(from);
    while (index < length) {
      const begin = start[index]!;
      if (begin >= to) break;
      const duration = end[index]! - begin;
      if (duration >= nsPerPx) {
        if (hidden[state[index]!] === 0) {
          if (duration >= rectNs) rect(index);
          else this.#bar(full, (begin - from) * perNs, duration * perNs, state[index]!, theme);
        }
        index++;
        continue;
      }
      const column = Math.max(0, Math.floor((begin - from) * perNs));
      let next = spans.firstStartingFrom(from + (column + 1) * nsPerPx, index + 1);
      // The last one may reach far over the pixel: it is drawn by itself in the next round.
      if (next - 1 > index && end[next - 1]! - start[next - 1]! >= nsPerPx) next--;
      this.#sums.fill(0);
      spans.addWhole(index, next, this.#sums);
      if (column < width) this.#column(full + column, nsPerPx, theme, hidden);
      index = next;
    }
  }

  /** Puts all strips of this frame where they can be drawn from. */
  finish(lanes: number): void {
    if (this.#image && lanes > 0)
      this.#context?.putImageData(this.#image, 0, 0, 0, 0, this.#width, lanes * STRIP_ROWS);
  }

  /** Draws the strips of one lane into the lane's boxes. */
  draw(context: CanvasRenderingContext2D, lane: number, full: Box, thin: Box, rail: Box): void {
    const top = lane * STRIP_ROWS;
    const width = this.#width;
    context.drawImage(this.#canvas, 0, top + THIN, width, 1, 0, thin.top, width, thin.height);
    context.drawImage(this.#canvas, 0, top + FULL, width, 1, 0, full.top, width, full.height);
    context.drawImage(this.#canvas, 0, top + RAIL, width, 1, 0, rail.top, width, rail.height);
  }

  /** A slice of a few pixels, with a gap after it where there is room. */
  #bar(full: number, x: number, length: number, state: number, theme: Theme): void {
    const width = this.#width;
    const begin = Math.max(0, Math.round(x));
    let end = Math.min(width, Math.max(begin + 1, Math.round(x + length)));
    if (end - begin > 2) end--;
    const row = full + (THIN_STATES.has(state) ? THIN : FULL) * width;
    this.#pixels.fill(theme.pixels[state]!, row + begin, row + end);
    const rank = RAIL_RANK[state]!;
    if (rank > 1)
      this.#pixels.fill(
        theme.pixels[state]!,
        full + RAIL * width + begin,
        full + RAIL * width + end,
      );
  }

  /** Many slices in one pixel: the state with most time, fainter the less of the pixel it takes; the worst on the rail. */
  #column(at: number, nsPerPx: number, theme: Theme, hidden: Uint8Array): void {
    const sums = this.#sums;
    let total = 0;
    let most = -1;
    let mostTime = 0;
    let worst = -1;
    let worstRank = 0;
    for (let state = 0; state < sums.length; state++) {
      const time = sums[state]!;
      if (time <= 0 || state === STATE.idle || hidden[state] === 1) continue;
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
    this.#pixels[at + (THIN_STATES.has(most) ? THIN : FULL) * this.#width] = color;
    if (worst >= 0) this.#pixels[at + RAIL * this.#width] = theme.pixels[worst]!;
  }
}
