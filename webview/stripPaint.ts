/** Paints a lane's strip pixel by pixel: a row for each kind of line in it, repeated as often as it is tall, then what has a shape. Faster than the canvas by far. */
import { LONG_STEP, STATE } from '../wire/panel.ts';
import { hatchTile, type Theme } from './theme.ts';

/** Vertical place, pixels. */
export interface Box {
  readonly top: number;
  readonly height: number;
}

export interface StripShape {
  /** Bars; the thin box lies inside it. */
  readonly full: Box;
  readonly thin: Box;
  readonly rail: Box;
}

/** CSS pixels: from this width on hatched, hollow; with round corners; between neighbours. */
export const SHAPE_PX = 7;
export const ROUND_PX = 18;
export const GAP_PX = 1;
const RADIUS_PX = 2;
const CORNER_PX = 7;
const CORNER_FROM_PX = 10;

/** What one strip is painted from; one for all, used one after the other. */
export class StripRows {
  solid = new Uint32Array(0);
  thin = new Uint32Array(0);
  rail = new Uint32Array(0);
  /** x, end, state, mark of each slice with a shape. */
  readonly shapes: number[] = [];

  begin(width: number, first: number, last: number): void {
    if (this.solid.length < width) {
      this.solid = new Uint32Array(width);
      this.thin = new Uint32Array(width);
      this.rail = new Uint32Array(width);
    }
    this.solid.fill(0, first, last);
    this.thin.fill(0, first, last);
    this.rail.fill(0, first, last);
    this.shapes.length = 0;
  }

  shape(x: number, end: number, state: number, mark: number): void {
    this.shapes.push(x, end, state, mark);
  }

  /** For a bar. Pixels at its ends are shared with others, whose trouble stays on the rail. */
  clear(from: number, to: number): void {
    if (to <= from) return;
    this.solid.fill(0, from, to);
    this.thin.fill(0, from, to);
    if (to - from > 2) this.rail.fill(0, from + 1, to - 1);
  }
}

interface DeviceShape extends StripShape {
  readonly ratio: number;
}
const shapes = new WeakMap<StripShape, DeviceShape>();

/** In device pixels. */
export function stripShape(shape: StripShape, ratio: number): DeviceShape {
  const known = shapes.get(shape);
  if (known?.ratio === ratio) return known;
  const box = ({ top, height }: Box): Box => {
    const first = Math.round(top * ratio);
    return { top: first, height: Math.round((top + height) * ratio) - first };
  };
  const made = { full: box(shape.full), thin: box(shape.thin), rail: box(shape.rail), ratio };
  shapes.set(shape, made);
  return made;
}

/** Rows of a strip without shapes: bars, thin bars, rail. */
export const FLAT_ROWS = 3;

/** Columns `first` to `last` of a strip without shapes. */
export function paintFlat(
  pixels: Uint32Array,
  width: number,
  first: number,
  last: number,
  rows: StripRows,
): void {
  pixels.set(rows.solid.subarray(first, last), first);
  pixels.set(rows.thin.subarray(first, last), width + first);
  pixels.set(rows.rail.subarray(first, last), 2 * width + first);
}

/** Columns `first` to `last` of a strip of `width` columns; the rest is left as it is. */
export function paintStrip(
  pixels: Uint32Array,
  width: number,
  first: number,
  last: number,
  rows: StripRows,
  shape: DeviceShape,
  theme: Theme,
): void {
  const { full, thin, rail } = shape;
  const solid = rows.solid.subarray(first, last);
  const end = full.top + full.height;
  for (let row = full.top; row < end; row++) pixels.set(solid, row * width + first);
  // Where there is a thin bar there is no other.
  const both = rows.thin;
  for (let column = first; column < last; column++)
    if (both[column] === 0) both[column] = rows.solid[column]!;
  const middle = both.subarray(first, last);
  for (let row = thin.top; row < thin.top + thin.height; row++)
    pixels.set(middle, row * width + first);
  const line = rows.rail.subarray(first, last);
  for (let row = rail.top; row < rail.top + rail.height; row++)
    pixels.set(line, row * width + first);
  const list = rows.shapes;
  const brush = { pixels, width, first, last, theme, ratio: shape.ratio };
  for (let at = 0; at < list.length; at += 4) {
    const x = list[at]!;
    const stop = list[at + 1]!;
    const state = list[at + 2]!;
    switch (state) {
      case STATE.gil:
      case STATE.lock:
      case STATE.deadlocked:
      case STATE.unknown:
        paintHatched(brush, x, stop, full, state);
        break;
      case STATE.waiting:
        // A hollow thin bar: a wait like I/O, but for somebody of this program.
        paintFrame(brush, x, stop, thin, theme.pixels[state]!);
        break;
      case STATE.io:
        roundOff(brush, x, stop, thin);
        break;
      default:
        if (state === STATE.blocksLoop && list[at + 3] === LONG_STEP)
          paintCorner(brush, x, stop, full);
        roundOff(brush, x, stop, full);
    }
  }
}

interface Brush {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly first: number;
  readonly last: number;
  readonly theme: Theme;
  readonly ratio: number;
}

function paintHatched(brush: Brush, x: number, end: number, box: Box, state: number): void {
  const { pixels, width, theme, ratio } = brush;
  const kind = state === STATE.gil ? 'x' : state === STATE.unknown ? '.' : '/';
  const { size, pixels: tile } = hatchTile(kind, theme.states[state]!, ratio, theme.background);
  const left = Math.max(brush.first, x);
  const right = Math.min(brush.last, end);
  // The hatch begins with its slice, so that it moves with it.
  const phase = (((left - x) % size) + size) % size;
  for (let row = 0; row < box.height; row++) {
    const line = (row % size) * size;
    let at = phase;
    const to = (box.top + row) * width + right;
    for (let pixel = (box.top + row) * width + left; pixel < to; pixel++) {
      pixels[pixel] = tile[line + at]!;
      if (++at === size) at = 0;
    }
  }
  if (state !== STATE.unknown) paintFrame(brush, x, end, box, theme.pixels[state]!);
}

function paintFrame(brush: Brush, x: number, end: number, box: Box, color: number): void {
  const { pixels, width, first, last } = brush;
  const thick = Math.max(1, Math.round(brush.ratio));
  const left = Math.max(first, x);
  const right = Math.min(last, end);
  if (right <= left) return;
  const bottom = box.top + box.height;
  for (let line = 0; line < thick; line++) {
    pixels.fill(color, (box.top + line) * width + left, (box.top + line) * width + right);
    pixels.fill(color, (bottom - 1 - line) * width + left, (bottom - 1 - line) * width + right);
  }
  for (let line = 0; line < thick; line++)
    for (const column of [x + line, end - 1 - line]) {
      if (column < left || column >= right) continue;
      for (let row = box.top; row < bottom; row++) pixels[row * width + column] = color;
    }
}

/** The corner that says "longer than the limit". */
function paintCorner(brush: Brush, x: number, end: number, box: Box): void {
  const { pixels, width, first, last, theme, ratio } = brush;
  if (end - x < CORNER_FROM_PX * ratio) return;
  const size = Math.round(CORNER_PX * ratio);
  for (let row = 0; row < Math.min(size, box.height); row++) {
    const left = Math.max(first, end - size + row);
    const right = Math.min(last, end);
    const line = (box.top + row) * width;
    if (right > left) pixels.fill(theme.errorPixel, line + left, line + right);
  }
}

let corner: { readonly radius: number; readonly covered: Float32Array } | undefined;

/** How much of each pixel of the upper left corner is inside the circle. */
function cornerOf(radius: number): Float32Array {
  if (corner?.radius === radius) return corner.covered;
  const covered = new Float32Array(radius * radius);
  const steps = 8;
  for (let y = 0; y < radius; y++)
    for (let x = 0; x < radius; x++) {
      let inside = 0;
      for (let dy = 0.5; dy < steps; dy++)
        for (let dx = 0.5; dx < steps; dx++)
          if (Math.hypot(radius - x - dx / steps, radius - y - dy / steps) <= radius) inside++;
      covered[y * radius + x] = inside / (steps * steps);
    }
  corner = { radius, covered };
  return covered;
}

function roundOff(brush: Brush, x: number, end: number, box: Box): void {
  const { pixels, width, first, last } = brush;
  const radius = Math.round(RADIUS_PX * brush.ratio);
  const covered = cornerOf(radius);
  const bottom = box.top + box.height - 1;
  for (let dx = 0; dx < radius; dx++)
    for (const column of [x + dx, end - 1 - dx]) {
      if (column < first || column >= last) continue;
      for (let dy = 0; dy < radius; dy++) {
        const share = covered[dy * radius + dx]!;
        if (share === 1) continue;
        for (const row of [box.top + dy, bottom - dy]) {
          const pixel = pixels[row * width + column]!;
          pixels[row * width + column] =
            ((pixel & 0xffffff) | (Math.round((pixel >>> 24) * share) << 24)) >>> 0;
        }
      }
    }
}
