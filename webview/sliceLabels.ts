/** Names on slices that are wide enough for them, and frames around those that are lit; all of one frame together, by colour. */
import { formatCount, formatDuration } from '../base/format.ts';
import type { Spans } from '../base/spans.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';
import { labels } from './state.ts';
import type { Box } from './stripPaint.ts';
import type { Theme } from './theme.ts';
import { type TimeScale, toPx } from './timeScale.ts';

/** Narrower slices have no label, CSS pixels. */
export const LABEL_PX = 40;
/** Between two labels there is at least this. */
const PADDING_PX = 6;
const STATES = SLICE_STATES.length;

/** On their own colour names are dark or light; on hatches and lines they get a ground. */
const FILLED = new Uint8Array(STATES);
for (const state of [STATE.running, STATE.blocksLoop, STATE.held, STATE.heldContended])
  FILLED[state] = 1;

interface Batch {
  count: number;
  readonly text: string[];
  readonly x: number[];
  readonly y: number[];
  readonly width: number[];
}

export class SliceLabels {
  readonly #byState: readonly Batch[] = SLICE_STATES.map(() => ({
    count: 0,
    text: [],
    x: [],
    y: [],
    width: [],
  }));

  begin(context: CanvasRenderingContext2D, theme: Theme): void {
    for (const batch of this.#byState) batch.count = 0;
    useFont(context, `11px ${theme.font}`);
  }

  /** Takes the listed slices of a lane. */
  add(
    context: CanvasRenderingContext2D,
    spans: Spans,
    listed: readonly number[],
    scale: TimeScale,
    full: Box,
  ): void {
    const { start, end, state, label, merged } = spans;
    const { from, nsPerPx, width: most } = scale;
    for (const index of listed) {
      let text = labels[label[index]!] ?? '';
      const many = merged?.[index] ?? 1;
      if (many > 1) text = `${text} ×${formatCount(many)}`.trim();
      if (text === '') continue;
      const left = Math.max(0, Math.round((start[index]! - from) / nsPerPx));
      const right = Math.min(most, Math.round((end[index]! - from) / nsPerPx)) - 1;
      const kind = state[index]!;
      const filled = FILLED[kind] === 1;
      const room = right - left - 2 * PADDING_PX - (filled ? 0 : 10);
      if (room < 16) continue;
      let shown = fitted(context, text, room);
      if (shown === '') continue;
      if (kind === STATE.blocksLoop && shown === text) {
        const longer = `${text}  ${formatDuration(end[index]! - start[index]!)}`;
        if (widthOf(context, longer) <= room - 8) shown = longer;
      }
      const batch = this.#byState[kind]!;
      const at = batch.count++;
      batch.text[at] = shown;
      batch.x[at] = left + PADDING_PX;
      batch.y[at] = full.top + full.height / 2;
      batch.width[at] = filled ? 0 : widthOf(context, shown);
    }
  }

  draw(context: CanvasRenderingContext2D, theme: Theme): void {
    useFont(context, `11px ${theme.font}`);
    context.textBaseline = 'middle';
    context.fillStyle = theme.background;
    for (let state = 0; state < STATES; state++) {
      if (FILLED[state] === 1) continue;
      const { count, x, y, width } = this.#byState[state]!;
      for (let at = 0; at < count; at++)
        context.fillRect(x[at]! + 1, Math.round(y[at]!) - 7, width[at]! + 10, 14);
    }
    for (let state = 0; state < STATES; state++) {
      const { count, text, x, y } = this.#byState[state]!;
      if (count === 0) continue;
      const filled = FILLED[state] === 1;
      context.fillStyle = filled ? theme.onFill : theme.states[state]!;
      const right = filled ? 0 : PADDING_PX;
      for (let at = 0; at < count; at++) context.fillText(text[at]!, x[at]! + right, y[at]! + 0.5);
    }
  }
}

/** Slices narrower than this are not framed one by one, CSS pixels. */
const LIT_PX = 3;

/** Frames the slices with one of these labels: every wait for the lock that is looked at. */
export function drawLit(
  context: CanvasRenderingContext2D,
  spans: Spans,
  scale: TimeScale,
  full: Box,
  wanted: Uint8Array,
  color: string,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  const { start, end, label } = spans;
  const last = spans.firstStartingFrom(scale.to, spans.firstEndingAfter(scale.from));
  const least = LIT_PX * scale.nsPerPx;
  for (let index = spans.firstEndingAfter(scale.from); index < last; index++) {
    if (wanted[label[index]!] !== 1 || end[index]! - start[index]! < least) continue;
    const left = Math.max(-4, Math.round(toPx(scale, start[index]!)));
    const right = Math.min(scale.width + 4, Math.round(toPx(scale, end[index]!)));
    context.strokeRect(left - 0.5, full.top - 1, right - left, full.height + 2);
  }
}

let font = '';
let widths = new Map<string, number>();
let cuts = new Map<string, string[]>();

/** Sets the font; what was measured in another one is forgotten. */
export function useFont(context: CanvasRenderingContext2D, wanted: string): void {
  context.font = wanted;
  if (font === wanted) return;
  font = wanted;
  widths = new Map();
  cuts = new Map();
}

/** Width in the font of `useFont`, CSS pixels. */
export function widthOf(context: CanvasRenderingContext2D, text: string): number {
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = context.measureText(text).width;
    widths.set(text, width);
  }
  return width;
}

/** The text, or its beginning with an ellipsis, or nothing when not even three letters have room. */
export function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const width = widthOf(context, text);
  if (width <= room) return text;
  const letters = Math.floor((text.length * room) / width) - 1;
  if (letters < 3) return '';
  let known = cuts.get(text);
  if (known === undefined) {
    if (cuts.size > 2000) cuts.clear();
    known = [];
    cuts.set(text, known);
  }
  known[letters] ??= `${text.slice(0, letters)}…`;
  return known[letters]!;
}
