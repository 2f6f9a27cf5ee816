/** A lock: who holds it, in the owner's colour, and below it one line per waiter. */
import type { Spans } from '../../base/spans.ts';
import { STATE } from '../../wire/panel.ts';
import { levelsOf, slicesOf } from '../laneData.ts';
import { fitted, useFont } from '../sliceLabels.ts';
import { labels } from '../state.ts';
import type { StripStyle } from '../stripFill.ts';
import { toPx } from '../timeScale.ts';
import type { Track, TrackFrame } from '../tracks.ts';
import { drawLife } from './slices.ts';

const BAR_PX = 14;
const MOST_LINES = 3;
/** Low bits of `mark` are the owner's colour, the others the number of waiters. */
const COLOR_BITS = 4;

/** Rectangles of this frame, by lane: drawn here because locks have their own shapes. */
const wide = new Map<number, readonly number[]>();

const bar = { top: 5, height: BAR_PX };
const STYLE: StripStyle = {
  full: bar,
  thin: bar,
  rail: { top: 5 + BAR_PX + 2, height: 2 },
  listFrom: 7,
  paintsListed: false,
};

export const lockTrack: Track = {
  height: () => 32,

  collect({ lane, deviceScale, look, strips }) {
    const spans = slicesOf(lane.id);
    if (spans)
      wide.set(lane.id, strips.update(lane.id, spans, deviceScale, look, STYLE, levelsOf(lane.id)));
  },

  draw(frame) {
    const { context, lane, strips, top, look } = frame;
    drawLife({ ...frame, height: BAR_PX + 10 });
    strips.draw(context, lane.id, top, look.ratio, STYLE);
    const spans = slicesOf(lane.id);
    if (spans) for (const index of wide.get(lane.id) ?? []) drawHold(frame, spans, index);
  },
};

function drawHold({ context, scale, theme, top }: TrackFrame, spans: Spans, index: number): void {
  const left = Math.max(-4, toPx(scale, spans.start[index]!));
  const right = Math.min(scale.width + 4, toPx(scale, spans.end[index]!));
  const mark = spans.mark[index]!;
  // The same hold goes on when only the number of waiters changed.
  const goesOn =
    spans.start[index + 1] === spans.end[index] && spans.label[index + 1] === spans.label[index];
  const width = Math.max(1, right - left - (goesOn ? 0 : 1));
  context.fillStyle = theme.actors[mark & ((1 << COLOR_BITS) - 1)] ?? theme.states[STATE.held]!;
  context.beginPath();
  context.roundRect(left, top + 5, width, BAR_PX, goesOn ? 0 : 2);
  context.fill();
  const waiters = Math.min(MOST_LINES, mark >> COLOR_BITS);
  context.fillStyle = theme.states[STATE.lock]!;
  for (let line = 0; line < waiters; line++)
    context.fillRect(left, top + 5 + BAR_PX + 2 + line * 3, width, 2);
  const label = labels[spans.label[index]!];
  const begins =
    spans.label[index - 1] !== spans.label[index] || spans.end[index - 1] !== spans.start[index];
  if (!label || (!begins && left > 0)) return;
  let room = width;
  for (
    let next = index + 1;
    next < spans.length && spans.label[next] === spans.label[index];
    next++
  )
    if (spans.start[next] === spans.end[next - 1])
      room = Math.min(scale.width, toPx(scale, spans.end[next]!)) - left;
    else break;
  useFont(context, `11px ${theme.font}`);
  const at = Math.max(left, 0) + 6;
  const text =
    fitted(context, `held by ${label}`, left + room - at - 4) ||
    fitted(context, label, left + room - at - 4);
  context.fillStyle = theme.onFill;
  if (text) pendingLabels.push({ text, x: at, y: top + 5 + BAR_PX / 2 + 0.5 });
}

/** Labels go on top of the pieces of one hold: drawn when the lane is done. */
const pendingLabels: { text: string; x: number; y: number }[] = [];

export function drawLockLabels(
  context: CanvasRenderingContext2D,
  color: string,
  font: string,
): void {
  context.font = `11px ${font}`;
  context.textBaseline = 'middle';
  context.fillStyle = color;
  for (const { text, x, y } of pendingLabels) context.fillText(text, x, y);
  pendingLabels.length = 0;
}
