/** What lies under and over the lanes: grid lines, losses, the selection and its arrow, marks, the moment a deadlock closed. */
import { type Arrow, type LaneId, STATE } from '../wire/panel.ts';
import { sliceAt, slicesOf } from './laneData.ts';
import { details, finding, findings, hovered, lit, losses, marked, picked, run } from './state.ts';
import type { Box } from './stripPaint.ts';
import { hatch, theme } from './theme.ts';
import { type TimeScale, tickStep, toPx } from './timeScale.ts';
import type { TrackFrame } from './tracks.ts';

type Place = (lane: LaneId) => Box | undefined;

/** Least distance of the grid's lines. */
export const TICK_PX = 110;

export function drawUnder(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  height: number,
  frames: readonly TrackFrame[],
): void {
  const colors = theme.value;
  for (const frame of frames) {
    const isPicked = frame.lane.id === picked.value?.lane;
    if (!isPicked && !lit.value.has(frame.lane.id)) continue;
    context.fillStyle = colors.selected;
    context.globalAlpha = isPicked ? 1 : 0.55;
    context.fillRect(0, frame.top, scale.width, frame.height);
    context.globalAlpha = 1;
  }
  context.fillStyle = colors.line;
  const step = tickStep(scale, TICK_PX);
  for (let at = Math.ceil(scale.from / step) * step; at < scale.to; at += step)
    context.fillRect(Math.round(toPx(scale, at)), 0, 1, height);
  drawLosses(context, scale, frames);
}

/** Missing records are hatched over every lane of their process, never left blank. */
function drawLosses(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  frames: readonly TrackFrame[],
): void {
  if (losses.value.length === 0) return;
  const colors = theme.value;
  for (const loss of losses.value) {
    const left = Math.max(0, toPx(scale, loss.from));
    const right = Math.min(scale.width, Math.max(left + 3, toPx(scale, loss.to)));
    if (right <= 0 || left >= scale.width) continue;
    for (const frame of frames) {
      if (frame.lane.pid !== loss.pid || frame.lane.content === 'none') continue;
      context.fillStyle = hatch(context, '/', colors.states[STATE.unknown]!, frame.look.ratio);
      context.globalAlpha = 0.5;
      context.fillRect(left, frame.top, right - left, frame.height);
      context.globalAlpha = 1;
    }
  }
}

export function drawOver(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  height: number,
  frames: readonly TrackFrame[],
  place: Place,
): void {
  drawEnd(context, scale, height);
  drawDeadlocks(context, scale, height);
  drawMark(context, scale, height);
  drawEvidence(context, scale, place);
  drawPointer(context, scale, height);
  for (const frame of frames) {
    if (frame.lane.id === hovered.value?.lane && hovered.value.lane !== picked.value?.lane)
      outline(context, frame, hovered.value.at, theme.value.quiet, 1);
    if (frame.lane.id === picked.value?.lane)
      outline(context, frame, picked.value.at, theme.value.foreground, 1.75);
  }
  for (const arrow of details.value?.arrows ?? []) drawArrow(context, scale, arrow, place);
}

/** Where the pointer is in time, through all lanes: what else happened then. */
function drawPointer(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  if (!hovered.value) return;
  context.fillStyle = theme.value.foreground;
  context.globalAlpha = 0.35;
  context.fillRect(Math.round(toPx(scale, hovered.value.at)), 0, 1, height);
  context.globalAlpha = 1;
}

function outline(
  context: CanvasRenderingContext2D,
  { lane, scale, top, height }: TrackFrame,
  at: number,
  color: string,
  width: number,
): void {
  const spans = slicesOf(lane.id);
  const index = sliceAt(lane.id, at);
  if (!spans || index < 0) return;
  const left = Math.max(-4, toPx(scale, spans.start[index]!));
  const right = Math.min(scale.width + 4, toPx(scale, spans.end[index]!));
  const tall = lane.content === 'lock' ? 18 : height - 4;
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.roundRect(
    left - 1,
    top + (lane.content === 'lock' ? 3 : 2),
    Math.max(4, right - left + 1),
    tall,
    3,
  );
  context.stroke();
}

/** After the end of the run there is nothing: said with a line and a hatch. */
function drawEnd(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  const now = run.value;
  if (!now) return;
  const at = toPx(scale, now.elapsedNs);
  if (at > scale.width) return;
  const colors = theme.value;
  context.globalAlpha = 0.35;
  context.fillStyle = hatch(context, '/', colors.states[STATE.idle]!, window.devicePixelRatio || 1);
  context.fillRect(Math.max(0, at), 0, scale.width - at, height);
  context.globalAlpha = 1;
  context.fillStyle = colors.foreground;
  context.fillRect(Math.round(at), 0, 1, height);
}

function drawDeadlocks(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  context.strokeStyle = theme.value.error;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  for (const found of findings.value) {
    if (found.severity !== 'error') continue;
    const at = found.spans[0] && Math.round(toPx(scale, found.spans[0].from)) + 0.5;
    if (at === undefined || at < 0 || at > scale.width) continue;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawMark(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  if (!marked.value) return;
  const left = toPx(scale, marked.value.from);
  const right = toPx(scale, marked.value.to);
  context.fillStyle = theme.value.info;
  context.globalAlpha = 0.14;
  context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 1;
  context.fillRect(Math.round(left), 0, 1, height);
  context.fillRect(Math.round(right), 0, 1, height);
}

/** The chosen finding's spans on its lanes: a thin frame in the colour of its severity. */
function drawEvidence(context: CanvasRenderingContext2D, scale: TimeScale, place: Place): void {
  const found = findings.value.find((one) => one.id === finding.value);
  if (!found) return;
  context.strokeStyle = theme.value[found.severity];
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  for (const lane of found.lanes) {
    const box = place(lane);
    if (!box) continue;
    for (const span of found.spans.slice(0, 400)) {
      const left = toPx(scale, span.from);
      // Told when it began: what cannot end goes on until now.
      const goesOn = found.severity === 'error' && run.value?.state === 'running';
      const right = toPx(scale, goesOn ? run.value!.elapsedNs : span.to);
      if (right < 0 || left > scale.width || right - left < 2) continue;
      context.strokeRect(
        Math.max(-2, left) - 0.5,
        box.top + 1.5,
        Math.min(right, scale.width + 2) - Math.max(-2, left),
        box.height - 3,
      );
    }
  }
  context.setLineDash([]);
}

function drawArrow(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  arrow: Arrow,
  place: Place,
): void {
  const from = place(arrow.fromLane);
  const to = place(arrow.toLane);
  if (!from || !to) return;
  const colors = theme.value;
  const clampX = (x: number) => Math.min(Math.max(x, 4), scale.width - 4);
  const x1 = clampX(toPx(scale, arrow.fromNs));
  const x2 = clampX(toPx(scale, arrow.toNs));
  const y1 = from.top + from.height / 2;
  const y2 = to.top + to.height / 2;
  const down = y2 > y1 ? 1 : -1;
  const start = y1 + (down * from.height) / 2 - down * 4;
  const end = y2 - (down * to.height) / 2 + down * 4;
  const color =
    arrow.kind === 'wokenBy'
      ? colors.states[STATE.running]!
      : arrow.kind === 'holds'
        ? colors.states[STATE.heldContended]!
        : colors.error;
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 1.75;
  const bend = Math.min(40, Math.abs(end - start) / 2 + 8);
  context.beginPath();
  context.moveTo(x1, start);
  context.bezierCurveTo(x1, start + down * bend, x2, end - down * bend, x2, end - down * 3);
  context.stroke();
  context.beginPath();
  context.moveTo(x2, end);
  context.lineTo(x2 - 4.5, end - down * 8);
  context.lineTo(x2 + 4.5, end - down * 8);
  context.fill();
  if (!arrow.label) return;
  context.font = `600 11px ${colors.font}`;
  context.textBaseline = 'middle';
  const width = context.measureText(arrow.label).width + 14;
  const left = Math.min(Math.max((x1 + x2) / 2 + 10, 2), scale.width - width - 2);
  const middle = (start + end) / 2;
  context.beginPath();
  context.roundRect(left, middle - 9, width, 18, 4);
  context.fill();
  context.fillStyle = colors.background;
  context.fillText(arrow.label, left + 7, middle + 0.5);
}
