/** Draws slices that are wide enough for a shape of their own: bar, hatch, thin line, corner of a long step, label. */

import { formatCount, formatDuration } from '../base/format.ts';
import type { Spans } from '../base/spans.ts';
import { LONG_STEP, SLICE_STATES, STATE } from '../wire/panel.ts';
import { labels } from './state.ts';
import { hatch, type Theme } from './theme.ts';
import { type TimeScale, toPx } from './timeScale.ts';

/** Vertical place, CSS pixels. */
export interface Box {
  readonly top: number;
  readonly height: number;
}

interface Run {
  readonly spans: Spans;
  readonly index: number;
  readonly x: number;
  readonly width: number;
  readonly full: Box;
  readonly thin: Box;
}

const LABEL_PX = 34;
/** Corners cost a path; on narrower bars nobody sees them. */
const ROUND_PX = 18;

/** Slices of one frame, by state, so that each state's brush is set once. */
export class SliceRuns {
  readonly #byState: Run[][] = SLICE_STATES.map(() => []);

  clear(): void {
    for (const runs of this.#byState) runs.length = 0;
  }

  add(spans: Spans, index: number, scale: TimeScale, full: Box, thin: Box): void {
    // On whole pixels: edges between them would have to be blended, which costs most of the time.
    const left = Math.round(Math.max(-8, toPx(scale, spans.start[index]!)));
    const right = Math.round(Math.min(scale.width + 8, toPx(scale, spans.end[index]!)));
    // A gap of one pixel keeps neighbours apart.
    const width = Math.max(1, right - left - 1);
    this.#byState[spans.state[index]!]?.push({ spans, index, x: left, width, full, thin });
  }

  /** Frames the slices with one of these labels: every wait for the lock that is looked at. */
  light(context: CanvasRenderingContext2D, wanted: ReadonlySet<number>, color: string): void {
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    for (const runs of this.#byState)
      for (const { spans, index, x, width, full } of runs)
        if (wanted.has(spans.label[index]!))
          context.strokeRect(x - 0.5, full.top - 1, width + 1, full.height + 2);
  }

  draw(context: CanvasRenderingContext2D, theme: Theme, ratio: number): void {
    for (let state = 0; state < this.#byState.length; state++) {
      const runs = this.#byState[state]!;
      if (runs.length > 0) drawState(context, state, runs, theme, ratio);
    }
    context.font = `11px ${theme.font}`;
    context.textBaseline = 'middle';
    for (let state = 0; state < this.#byState.length; state++)
      for (const run of this.#byState[state]!)
        if (run.width >= LABEL_PX) drawLabel(context, run, state, theme);
  }
}

function drawState(
  context: CanvasRenderingContext2D,
  state: number,
  runs: readonly Run[],
  theme: Theme,
  ratio: number,
): void {
  const color = theme.states[state]!;
  switch (state) {
    case STATE.io:
      context.fillStyle = color;
      for (const { x, width, thin } of runs) bar(context, x, thin.top, width, thin.height, 2);
      return;
    case STATE.waiting:
      // A hollow thin bar: a wait like I/O, but for somebody of this program.
      context.fillStyle = color;
      for (const { x, width, thin } of runs) {
        context.fillRect(x, thin.top, width, 1);
        context.fillRect(x, thin.top + thin.height - 1, width, 1);
        context.fillRect(x, thin.top, 1.5, thin.height);
        context.fillRect(x + width - 1.5, thin.top, 1.5, thin.height);
      }
      return;
    case STATE.idle:
      return;
    case STATE.gil:
    case STATE.lock:
    case STATE.deadlocked:
    case STATE.unknown:
      drawHatched(context, state, runs, color, ratio);
      return;
    default:
      context.fillStyle = color;
      for (const { x, width, full } of runs) bar(context, x, full.top, width, full.height, 2);
      if (state === STATE.blocksLoop) drawCorners(context, runs, theme);
  }
}

function drawHatched(
  context: CanvasRenderingContext2D,
  state: number,
  runs: readonly Run[],
  color: string,
  ratio: number,
): void {
  context.fillStyle = color;
  context.globalAlpha = state === STATE.unknown ? 0.06 : 0.2;
  for (const { x, width, full } of runs) context.fillRect(x, full.top, width, full.height);
  context.globalAlpha = 1;
  context.fillStyle = hatch(
    context,
    state === STATE.gil ? 'x' : state === STATE.unknown ? '.' : '/',
    color,
    ratio,
  );
  for (const { x, width, full } of runs) context.fillRect(x, full.top, width, full.height);
  if (state === STATE.unknown) return;
  context.fillStyle = color;
  for (const { x, width, full } of runs) {
    context.fillRect(x, full.top, width, 1);
    context.fillRect(x, full.top + full.height - 1, width, 1);
    context.fillRect(x, full.top, 1, full.height);
    context.fillRect(x + width - 1, full.top, 1, full.height);
  }
}

/** The corner that says "longer than the limit". */
function drawCorners(context: CanvasRenderingContext2D, runs: readonly Run[], theme: Theme): void {
  context.fillStyle = theme.error;
  context.beginPath();
  for (const { spans, index, x, width, full } of runs) {
    if (spans.mark[index] !== LONG_STEP || width < 10) continue;
    context.moveTo(x + width - 7, full.top);
    context.lineTo(x + width, full.top);
    context.lineTo(x + width, full.top + 7);
  }
  context.fill();
}

function bar(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  if (width < ROUND_PX) {
    context.fillRect(x, y, width, height);
    return;
  }
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}

function drawLabel(context: CanvasRenderingContext2D, run: Run, state: number, theme: Theme): void {
  const { spans, index, full } = run;
  const left = Math.max(run.x, 0);
  const right = Math.min(run.x + run.width, context.canvas.clientWidth || run.x + run.width);
  const room = right - left - 12;
  if (room < 16) return;
  const merged = spans.merged?.[index] ?? 1;
  let text = labels[spans.label[index]!] ?? '';
  if (merged > 1) text = `${text} ×${formatCount(merged)}`.trim();
  if (text === '') return;
  const middle = full.top + full.height / 2 + 0.5;
  const filled = isFilled(state);
  let shown = fitted(context, text, filled ? room : room - 10);
  if (shown === '') return;
  if (shown === text && state === STATE.blocksLoop) {
    const longer = `${text}  ${formatDuration(spans.end[index]! - spans.start[index]!)}`;
    if (widthOf(context, longer) <= room - 8) shown = longer;
  }
  if (filled) {
    context.fillStyle = theme.onFill;
    context.fillText(shown, left + 6, middle);
    return;
  }
  const color = theme.states[state]!;
  context.fillStyle = theme.background;
  context.fillRect(left + 7, full.top + 1.5, widthOf(context, shown) + 10, full.height - 3);
  context.fillStyle = color;
  context.fillText(shown, left + 12, middle);
}

function isFilled(state: number): boolean {
  return (
    state === STATE.running ||
    state === STATE.blocksLoop ||
    state === STATE.held ||
    state === STATE.heldContended
  );
}

const widths = new Map<string, number>();

export function widthOf(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** The text, or its beginning with an ellipsis, or nothing when not even three letters have room. */
export function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const width = widthOf(context, text);
  if (width <= room) return text;
  const letters = Math.floor((text.length * room) / width) - 1;
  return letters < 3 ? '' : `${text.slice(0, letters)}…`;
}
