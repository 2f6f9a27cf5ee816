/** The time axis above the lanes: round moments, where a deadlock closed, where now is. Dragging on it marks a range. */
import { watchAll } from './atom.ts';
import { el } from './dom.ts';
import { TICK_PX } from './overlays.ts';
import { findings, following, hovered, marked, run, view } from './state.ts';
import { beginDrawing, nextFrame, surface, watchSize } from './surface.ts';
import { theme } from './theme.ts';
import { formatMoment, type TimeScale, tickStep, timeScale, toPx, toTime } from './timeScale.ts';
import { turnWheel } from './wheel.ts';

export function createRuler(): HTMLElement {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const element = el('div', { class: 'ruler', title: 'Drag to mark a range' }, canvas);
  const on = surface(canvas);
  const job = () => draw(beginDrawing(on, size.width, size.height), scale(), size.height);
  const redraw = () => {
    if (theme.value) nextFrame('draw', job);
  };
  const size = watchSize(element, redraw);
  const scale = (): TimeScale => timeScale(view.value, size.width);
  watchAll([view, findings, marked, run, following, theme, hovered], redraw);

  let from: number | undefined;
  const at = (event: MouseEvent) =>
    toTime(scale(), event.clientX - element.getBoundingClientRect().left);
  element.addEventListener('pointerdown', (event) => {
    from = at(event);
    marked.set(null);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (from === undefined) return;
    const to = at(event);
    if (Math.abs(to - from) > 3 * scale().nsPerPx)
      marked.set({ from: Math.min(from, to), to: Math.max(from, to) });
  });
  const end = () => {
    from = undefined;
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
  element.addEventListener('wheel', (event) => turnWheel(event, at(event), scale().width), {
    passive: false,
  });
  return element;
}

function draw(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  const colors = theme.value;
  const step = tickStep(scale, TICK_PX);
  context.font = `11.5px ${colors.font}`;
  context.textBaseline = 'middle';
  const minor = step / 5;
  context.fillStyle = colors.strongLine;
  for (let at = Math.ceil(scale.from / minor) * minor; at < scale.to; at += minor)
    context.fillRect(Math.round(toPx(scale, at)), height - 5, 1, 5);
  const busy: { from: number; to: number }[] = [];
  const free = (left: number, right: number) =>
    busy.every((one) => right < one.from || left > one.to);
  for (const found of findings.value) {
    const first = found.spans[0];
    if (found.severity !== 'error' || !first || first.from < scale.from || first.from > scale.to)
      continue;
    const text = `${found.rule} ${formatMoment(first.from, 1e6)}`;
    context.font = `600 11px ${colors.font}`;
    const width = context.measureText(text).width + 14;
    const left = Math.min(Math.max(0, toPx(scale, first.from) - width / 2), scale.width - width);
    if (!free(left, left + width)) continue;
    busy.push({ from: left - 6, to: left + width + 6 });
    context.fillStyle = colors.error;
    context.beginPath();
    context.roundRect(left, 3, width, height - 8, 4);
    context.fill();
    context.fillStyle = colors.background;
    context.fillText(text, left + 7, height / 2);
  }
  const now = run.value;
  const end = now ? toPx(scale, now.elapsedNs) : Number.POSITIVE_INFINITY;
  if (now && end > 0 && end <= scale.width + 1) {
    const text = now.state === 'running' ? 'now' : 'end';
    context.font = `600 11.5px ${colors.font}`;
    const width = context.measureText(text).width;
    const left = Math.min(end - width / 2, scale.width - width - 4);
    if (free(left, left + width)) {
      busy.push({ from: left - 6, to: left + width + 6 });
      context.fillStyle = colors.foreground;
      context.fillText(text, left, height / 2);
    }
  }
  context.font = `11.5px ${colors.font}`;
  for (let at = Math.ceil(scale.from / step) * step; at < scale.to; at += step) {
    const x = Math.round(toPx(scale, at));
    context.fillStyle = colors.strongLine;
    context.fillRect(x, 0, 1, height);
    const text = formatMoment(at, step);
    const width = context.measureText(text).width;
    if (x + width + 6 > scale.width || !free(x, x + width + 10)) continue;
    context.fillStyle = colors.quiet;
    context.fillText(text, x + 5, height / 2);
  }
  drawPointer(context, scale, height);
  if (marked.value) {
    context.fillStyle = colors.info;
    const left = toPx(scale, marked.value.from);
    context.fillRect(left, height - 3, Math.max(1, toPx(scale, marked.value.to) - left), 3);
  }
}

/** The moment under the pointer, to a pixel. */
function drawPointer(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  const at = hovered.value?.at;
  if (at === undefined || at < scale.from || at > scale.to) return;
  const colors = theme.value;
  const x = Math.round(toPx(scale, at));
  const text = formatMoment(at, scale.nsPerPx * 10);
  context.font = `11.5px ${colors.font}`;
  const width = context.measureText(text).width + 12;
  const left = Math.min(Math.max(0, x - width / 2), scale.width - width);
  context.fillStyle = colors.heading;
  context.strokeStyle = colors.strongLine;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(left, 3.5, width, height - 9, 3);
  context.fill();
  context.stroke();
  context.fillStyle = colors.foreground;
  context.fillText(text, left + 6, height / 2);
  context.fillRect(x, height - 5, 1, 5);
}
