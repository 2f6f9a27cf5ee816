/** The strips of all visible lanes on one small canvas, from which each lane is drawn by stretching a row of pixels. */
import type { Spans } from '../base/spans.ts';
import type { LaneId } from '../wire/panel.ts';
import { FULL, LaneStrip, RAIL, STRIP_ROWS, THIN } from './laneStrip.ts';
import type { Box } from './sliceRuns.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';

export class SliceStrips {
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d');
  readonly #strips = new Map<LaneId, LaneStrip>();
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  #width = 0;
  #room = 0;

  /** Makes room for `lanes` strips of `width` pixels. */
  begin(width: number, lanes: number): void {
    if (this.#image && width === this.#width && lanes <= this.#room) return;
    this.#width = width;
    this.#room = Math.max(lanes, 32);
    this.#canvas.width = width;
    this.#canvas.height = this.#room * STRIP_ROWS;
    this.#image = new ImageData(width, this.#room * STRIP_ROWS);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
  }

  /** Brings a lane's strip up to date as number `place`; returns the slices that are to be drawn as rectangles. */
  add(
    lane: LaneId,
    spans: Spans,
    scale: TimeScale,
    place: number,
    theme: Theme,
    hidden: Uint8Array,
  ): readonly number[] {
    let strip = this.#strips.get(lane);
    if (!strip) {
      strip = new LaneStrip();
      this.#strips.set(lane, strip);
    }
    strip.update(spans, scale, theme, hidden.join(''), hidden);
    this.#pixels.set(strip.pixels, place * STRIP_ROWS * this.#width);
    return strip.rects;
  }

  /** Lanes without slices have clear strips. */
  skip(place: number): void {
    const from = place * STRIP_ROWS * this.#width;
    this.#pixels.fill(0, from, from + STRIP_ROWS * this.#width);
  }

  /** Puts all strips of this frame where they can be drawn from; forgets those of lanes long gone. */
  finish(lanes: number): void {
    if (this.#image && lanes > 0)
      this.#context?.putImageData(this.#image, 0, 0, 0, 0, this.#width, lanes * STRIP_ROWS);
    if (this.#strips.size > 4 * this.#room) this.#strips.clear();
  }

  /** Draws the strips of one lane into the lane's boxes. */
  draw(context: CanvasRenderingContext2D, place: number, full: Box, thin: Box, rail: Box): void {
    const top = place * STRIP_ROWS;
    const width = this.#width;
    // Pixels stay pixels; smoothing them would also cost most of the frame.
    context.imageSmoothingEnabled = false;
    const put = (row: number, box: Box): void =>
      context.drawImage(this.#canvas, 0, top + row, width, 1, 0, box.top, width, box.height);
    put(THIN, thin);
    put(FULL, full);
    put(RAIL, rail);
  }
}
