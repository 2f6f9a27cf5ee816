/** The strips of the lanes on screen, below each other in one image: only those that changed are put on the canvas they are drawn from. */
import type { Spans } from '../base/spans.ts';
import type { LaneId } from '../wire/panel.ts';
import { LaneStrip } from './laneStrip.ts';
import type { SpanLevels } from './spanLevels.ts';
import type { StripLook, StripStyle } from './stripFill.ts';
import { FLAT_ROWS, stripShape } from './stripPaint.ts';
import type { TimeScale } from './timeScale.ts';

/** No strip is taller, CSS pixels. */
const STRIP_PX = 24;

interface Slot {
  readonly place: number;
  readonly strip: LaneStrip;
  /** Rows of the image. */
  readonly pixels: Uint32Array;
  frame: number;
}

export class SliceStrips {
  readonly #canvas = document.createElement('canvas');
  // It is written by pixels in every frame: it must not live on the graphics card.
  readonly #context = this.#canvas.getContext('2d', { willReadFrequently: true });
  readonly #slots = new Map<LaneId, Slot>();
  readonly #free: Slot[] = [];
  #image: ImageData | undefined;
  #width = 0;
  #rows = 0;
  #room = 0;
  #frame = 0;

  /** Makes room for so many strips, `width` device pixels wide. */
  begin(width: number, ratio: number, lanes: number): void {
    this.#frame++;
    const rows = Math.ceil(STRIP_PX * ratio);
    if (this.#image && width === this.#width && rows === this.#rows && lanes <= this.#room) return;
    this.#width = width;
    this.#rows = rows;
    this.#room = Math.ceil(lanes * 1.25) + 4;
    this.#canvas.width = width;
    this.#canvas.height = this.#room * rows;
    this.#image = new ImageData(width, this.#room * rows);
    const all = new Uint32Array(this.#image.data.buffer);
    const size = rows * width;
    this.#slots.clear();
    this.#free.length = 0;
    for (let place = this.#room - 1; place >= 0; place--)
      this.#free.push({
        place,
        strip: new LaneStrip(),
        pixels: all.subarray(place * size, (place + 1) * size),
        frame: 0,
      });
  }

  /** Brings a lane's strip up to date; returns its slices that are wide enough to be listed. */
  update(
    lane: LaneId,
    spans: Spans,
    scale: TimeScale,
    look: StripLook,
    style: StripStyle,
    levels: SpanLevels | undefined,
  ): readonly number[] {
    const slot = this.#slotOf(lane);
    slot.frame = this.#frame;
    if (slot.strip.update(slot.pixels, spans, scale, look, style, levels)) this.#put(slot);
    return slot.strip.listed;
  }

  /** Puts a strip where it can be drawn from. */
  #put({ place, strip }: Slot): void {
    const rows = strip.flat ? FLAT_ROWS : this.#rows;
    this.#context?.putImageData(this.#image!, 0, 0, 0, place * this.#rows, this.#width, rows);
  }

  /** Draws a lane's strip `top` CSS pixels from the upper edge. */
  draw(
    context: CanvasRenderingContext2D,
    lane: LaneId,
    top: number,
    ratio: number,
    style: StripStyle,
  ): void {
    const slot = this.#slots.get(lane);
    if (slot?.frame !== this.#frame) return;
    // Pixels stay pixels; smoothing them would also cost most of the frame.
    context.imageSmoothingEnabled = false;
    const first = slot.place * this.#rows;
    const put = (row: number, count: number, y: number, height: number): void =>
      context.drawImage(
        this.#canvas,
        0,
        first + row,
        this.#width,
        count,
        0,
        y / ratio,
        this.#width / ratio,
        height / ratio,
      );
    const y = Math.round(top * ratio);
    if (!slot.strip.flat) {
      put(0, this.#rows, y, this.#rows);
      return;
    }
    const { full, thin, rail } = stripShape(style, ratio);
    put(1, 1, y + thin.top, thin.height);
    put(0, 1, y + full.top, full.height);
    put(2, 1, y + rail.top, rail.height);
  }

  #slotOf(lane: LaneId): Slot {
    let slot = this.#slots.get(lane);
    if (slot) return slot;
    slot = this.#free.pop() ?? this.#longUnseen();
    slot.strip.forget();
    slot.pixels.fill(0);
    this.#slots.set(lane, slot);
    return slot;
  }

  /** There are more places than lanes on screen: one was not drawn in the last frame. */
  #longUnseen(): Slot {
    let oldest: readonly [LaneId, Slot] | undefined;
    for (const entry of this.#slots)
      if (oldest === undefined || entry[1].frame < oldest[1].frame) oldest = entry;
    this.#slots.delete(oldest![0]);
    return oldest![1];
  }
}
