/**
 * The pixels of one lane, as wide as the time area: bars, hatches and thin lines of all slices, whatever their width. What is
 * narrower than a pixel is summed into the state that takes most of it, with a rail for the worst state in it. While panning
 * only the edge that comes into sight is computed.
 */
import type { Spans } from '../base/spans.ts';
import type { SpanLevels } from './spanLevels.ts';
import {
  fillBars,
  fillColumns,
  fillOf,
  type StripLook,
  type StripStyle,
  scan,
} from './stripFill.ts';
import { FLAT_ROWS, paintFlat, paintStrip, StripRows, stripShape } from './stripPaint.ts';
import type { TimeScale } from './timeScale.ts';

const rows = new StripRows();

export class LaneStrip {
  /** Slices wide enough to be listed, in order. */
  listed: number[] = [];
  /** Nothing in it has a shape: its three rows are stretched when it is drawn. */
  flat = true;
  #spans: Spans | undefined;
  #version = -1;
  #look: StripLook | undefined;
  #style: StripStyle | undefined;
  #from = 0;
  #nsPerPx = 0;
  #width = 0;
  #levels: SpanLevels | undefined;

  /** What is in the pixels is no longer this lane's. */
  forget(): void {
    this.#spans = undefined;
  }

  /**
   * Brings the pixels up to date.
   * @param pixels as many rows of `scale.width` as the strip is tall
   * @param scale in device pixels
   * @param look the same object as long as nothing of it changed
   * @param levels where the lane has them, of the same version
   * @returns whether any pixel may have changed
   */
  update(
    pixels: Uint32Array,
    spans: Spans,
    scale: TimeScale,
    look: StripLook,
    style: StripStyle,
    levels?: SpanLevels,
  ): boolean {
    const { width, nsPerPx } = scale;
    const same =
      spans === this.#spans &&
      spans.version === this.#version &&
      look === this.#look &&
      style === this.#style &&
      width === this.#width &&
      nsPerPx === this.#nsPerPx;
    const shift = (scale.from - this.#from) / nsPerPx;
    const whole = Math.round(shift);
    if (same && whole === 0) return false;
    this.#look = look;
    this.#style = style;
    this.#levels = levels;
    if (same && Math.abs(whole) < width / 2 && Math.abs(shift - whole) < 0.01)
      this.#shift(pixels, spans, scale, whole);
    else this.listed = this.#fill(pixels, spans, scale, 0, width);
    this.#spans = spans;
    this.#version = spans.version;
    this.#width = width;
    this.#nsPerPx = nsPerPx;
    this.#from = scale.from;
    return true;
  }

  /** Moves what is there and computes the edge that came into sight, with a pixel of the old. */
  #shift(pixels: Uint32Array, spans: Spans, scale: TimeScale, by: number): void {
    const { width } = scale;
    const used = this.flat ? FLAT_ROWS * width : pixels.length;
    for (let row = 0; row < used; row += width) {
      if (by > 0) pixels.copyWithin(row, row + by, row + width);
      else pixels.copyWithin(row - by, row, row + width + by);
    }
    const fresh =
      by > 0
        ? this.#fill(pixels, spans, scale, width - by - 1, width)
        : this.#fill(pixels, spans, scale, 0, -by + 1);
    const visible = this.listed.filter(
      (index) => spans.end[index]! > scale.from && spans.start[index]! < scale.to,
    );
    this.listed = by > 0 ? merged(visible, fresh) : merged(fresh, visible);
  }

  /** Computes the columns from `first` to `last`; returns the slices to be listed. */
  #fill(
    pixels: Uint32Array,
    spans: Spans,
    scale: TimeScale,
    first: number,
    last: number,
  ): number[] {
    const { from, nsPerPx } = scale;
    rows.begin(scale.width, first, last);
    const job = fillOf({
      rows,
      spans,
      scale,
      first,
      last,
      look: this.#look!,
      style: this.#style!,
    });
    const level = this.#levels?.levelFor(nsPerPx);
    let listed: number[];
    if (level) {
      fillColumns(job, this.#levels!, level);
      listed = fillBars(
        job,
        this.#levels!.longOnes(nsPerPx, from + first * nsPerPx, from + last * nsPerPx),
      );
    } else listed = scan(job);
    if (first === 0 && last === scale.width) {
      const flat = rows.shapes.length === 0;
      // Its rows lie where a strip with shapes has nothing.
      if (this.flat && !flat) pixels.fill(0, 0, FLAT_ROWS * scale.width);
      this.flat = flat;
    } else if (this.flat && rows.shapes.length > 0)
      return this.#fill(pixels, spans, scale, 0, scale.width);
    if (this.flat) paintFlat(pixels, scale.width, first, last, rows);
    else
      paintStrip(
        pixels,
        scale.width,
        first,
        last,
        rows,
        stripShape(this.#style!, this.#look!.ratio),
        this.#look!.theme,
      );
    return listed;
  }
}

/** Two ordered lists that may share the elements where they meet. */
function merged(one: readonly number[], other: readonly number[]): number[] {
  const last = one.at(-1) ?? -1;
  return [...one, ...other.filter((index) => index > last)];
}
