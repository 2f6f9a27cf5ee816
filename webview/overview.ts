/** The whole run in one strip: threads by state over time, findings marked, and the visible range as a box to drag. */
import { formatDuration, formatShare } from '../base/format.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { STATE_TITLES } from './describe.ts';
import { el, fill, setText, svg } from './dom.ts';
import { panBy, show, showFinding, zoomBy } from './navigation.ts';
import { findings, following, inRun, losses, overview, run, view, wholeRun } from './state.ts';
import { beginDrawing, nextFrame, surface, watchSize } from './surface.ts';
import { hatch, theme } from './theme.ts';
import { formatMoment, type TimeScale, tickStep, timeScale, toPx, toTime } from './timeScale.ts';
import { turnWheel } from './wheel.ts';

/** From the bottom up. */
const STACK = [
  STATE.running,
  STATE.io,
  STATE.waiting,
  STATE.gil,
  STATE.blocksLoop,
  STATE.lock,
  STATE.deadlocked,
  STATE.unknown,
];
const RULER_PX = 16;
const GRIP_PX = 6;
/** Rows of the table twin. */
const TWIN_ROWS = 12;

export function createOverview(): { readonly label: HTMLElement; readonly element: HTMLElement } {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const flags = el('div', { class: 'flags' });
  const box = el('div', { class: 'view-box', 'aria-hidden': 'true' }, el('i', {}), el('i', {}));
  const before = el('div', { class: 'overview-dim' });
  const after = el('div', { class: 'overview-dim' });
  const slider = el(
    'div',
    {
      class: 'overview',
      role: 'group',
      tabindex: 0,
      'aria-label': 'Whole run. Left and right move the view, plus and minus zoom.',
    },
    canvas,
    before,
    after,
    box,
  );
  const twin = el('table', { class: 'heard' });
  const element = el('div', { class: 'overview-area' }, slider, flags, twin);
  const range = el('span', { class: 'quiet' });
  const note = el('div', { class: 'quiet' });
  const span = el('span', {});
  const label = el(
    'div',
    { class: 'overview-label' },
    el('div', { class: 'spread' }, el('strong', {}, 'Whole run'), range),
    note,
    el(
      'div',
      { class: 'quiet' },
      el('span', { class: 'view-mark', 'aria-hidden': 'true' }),
      span,
      el('span', { class: 'drag-hint' }, ' · drag to move'),
    ),
  );
  const on = surface(canvas);

  const draw = (): void => {
    const now = scale();
    if (!theme.value || now.width < 10) return;
    const context = beginDrawing(on, now.width, size.height);
    drawRuler(context, now);
    drawStack(context, now, size.height);
    drawMissing(context, now, size.height, on.ratio);
    const whole = wholeRun();
    setText(range, `0 – ${formatMoment(whole.to, whole.to / 100)}`);
    const lanes = overview.value?.lanes ?? 0;
    setText(note, `${lanes} ${lanes === 1 ? 'lane' : 'lanes'}, threads by state`);
  };
  // The view moves in every frame, the run's picture does not: elements lie over it.
  const place = (): void => {
    const now = scale();
    const left = Math.max(0, toPx(now, view.value.from));
    const right = Math.min(now.width, toPx(now, view.value.to));
    box.style.transform = `translateX(${left}px)`;
    box.style.width = `${Math.max(6, right - left)}px`;
    before.style.transform = `scaleX(${left})`;
    after.style.transform = `translateX(${right}px) scaleX(${Math.max(0, now.width - right)})`;
    const seen = inRun();
    setText(span, `view ${formatDuration(seen.to - seen.from)}`);
  };
  const replace = () => nextFrame('draw', place);
  const redraw = () => {
    nextFrame('draw', draw);
    replace();
  };
  const flag = () => nextFrame('after', () => drawFlags(flags, scale()));
  const size = watchSize(slider, () => {
    redraw();
    flag();
  });
  const scale = (): TimeScale => timeScale(wholeRun(), size.width);
  view.watch(replace);
  watchAll([overview, losses, run, theme], redraw);
  watchAll([findings, run], flag);
  overview.watch(() => fillTwin(twin));
  listen(slider, scale);
  return { label, element };
}

function drawRuler(context: CanvasRenderingContext2D, scale: TimeScale): void {
  const step = tickStep(scale, 90);
  context.font = `11px ${theme.value.font}`;
  context.textBaseline = 'middle';
  for (let at = 0; at < scale.to; at += step) {
    const x = Math.round(toPx(scale, at));
    context.fillStyle = theme.value.strongLine;
    context.fillRect(x, 0, 1, RULER_PX - 2);
    context.fillStyle = theme.value.quiet;
    if (x < scale.width - 30) context.fillText(formatMoment(at, step), x + 5, RULER_PX / 2);
  }
}

function drawStack(context: CanvasRenderingContext2D, scale: TimeScale, height: number): void {
  const data = overview.value;
  if (!data || data.buckets === 0) return;
  const states = SLICE_STATES.length;
  const bucketNs = (data.to - data.from) / data.buckets;
  let most = 1;
  for (let bucket = 0; bucket < data.buckets; bucket++) {
    let sum = 0;
    for (const state of STACK) sum += data.time[bucket * states + state]!;
    most = Math.max(most, sum);
  }
  const room = height - RULER_PX - 4;
  // Bars of at least 3 px: neighbouring buckets are added up.
  const per = Math.max(1, Math.ceil((3 * scale.nsPerPx) / bucketNs));
  for (let bucket = 0; bucket < data.buckets; bucket += per) {
    const left = toPx(scale, data.from + bucket * bucketNs);
    const width = Math.max(1, (per * bucketNs) / scale.nsPerPx - 1);
    let y = height - 1;
    for (const state of STACK) {
      let time = 0;
      for (let one = bucket; one < Math.min(bucket + per, data.buckets); one++)
        time += data.time[one * states + state]!;
      const tall = (time / per / most) * room;
      if (tall <= 0.2) continue;
      context.fillStyle = theme.value.states[state]!;
      context.fillRect(left, y - tall, width, tall);
      y -= tall;
    }
  }
}

function drawMissing(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  height: number,
  ratio: number,
): void {
  for (const loss of losses.value) {
    const left = toPx(scale, loss.from);
    context.fillStyle = hatch(context, '/', theme.value.states[STATE.unknown]!, ratio);
    context.fillRect(left, RULER_PX, Math.max(3, toPx(scale, loss.to) - left), height - RULER_PX);
  }
}

/** One mark per finding, at its first moment; marks too near to each other give way to the worse one. */
function drawFlags(flags: HTMLElement, scale: TimeScale): void {
  const taken: number[] = [];
  const rank = { error: 0, warning: 1, info: 2 };
  const sorted = [...findings.value].sort(
    (one, other) => rank[one.severity] - rank[other.severity],
  );
  const marks = sorted.flatMap((found) =>
    found.spans.slice(0, 3).flatMap((span) => {
      const x = toPx(scale, span.from);
      if (taken.some((other) => Math.abs(other - x) < 12)) return [];
      taken.push(x);
      const mark = el(
        'button',
        {
          class: `flag ${found.severity}`,
          type: 'button',
          tabindex: -1,
          title: `${found.title} · ${formatMoment(span.from, 1e6)}`,
          'aria-label': `${found.title} at ${formatMoment(span.from, 1e6)}`,
          onclick: () => showFinding(found.id),
        },
        svg(
          'svg',
          { viewBox: '0 0 10 10', 'aria-hidden': 'true' },
          svg('path', { d: found.severity === 'error' ? 'M5 0l5 5-5 5-5-5z' : 'M5 .5L10 9.5H0z' }),
        ),
      );
      mark.style.transform = `translateX(${Math.min(Math.max(x, 6), scale.width - 6) - 7}px)`;
      return [mark];
    }),
  );
  fill(flags, ...marks);
}

/** The strip as a table of a dozen stretches. */
function fillTwin(table: HTMLTableElement): void {
  const data = overview.value;
  if (!data || data.buckets === 0) return;
  const states = SLICE_STATES.length;
  const per = Math.ceil(data.buckets / TWIN_ROWS);
  const bucketNs = (data.to - data.from) / data.buckets;
  const body: Node[] = [];
  for (let bucket = 0; bucket < data.buckets; bucket += per) {
    const cells = STACK.map((state) => {
      let time = 0;
      for (let one = bucket; one < Math.min(bucket + per, data.buckets); one++)
        time += data.time[one * states + state]!;
      return el('td', {}, formatShare(time / (per * bucketNs * Math.max(1, data.lanes))));
    });
    const from = data.from + bucket * bucketNs;
    body.push(
      el('tr', {}, el('th', { scope: 'row' }, `from ${formatMoment(from, bucketNs)}`), ...cells),
    );
  }
  fill(
    table,
    el('caption', {}, 'Whole run: share of the threads’ time by state'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('td', {}),
        ...STACK.map((state) => el('th', { scope: 'col' }, STATE_TITLES[state] ?? '')),
      ),
    ),
    el('tbody', {}, ...body),
  );
}

function listen(slider: HTMLElement, scale: () => TimeScale): void {
  type Drag = { readonly what: 'move' | 'from' | 'to' | 'brush'; readonly grab: number };
  let drag: Drag | undefined;
  const at = (event: MouseEvent) =>
    toTime(scale(), event.clientX - slider.getBoundingClientRect().left);
  const near = (one: number, other: number) => Math.abs(one - other) < GRIP_PX * scale().nsPerPx;
  slider.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const time = at(event);
    const { from, to } = view.value;
    const all = to - from > 0.97 * (wholeRun().to - wholeRun().from);
    if (!all && near(time, from)) drag = { what: 'from', grab: to };
    else if (!all && near(time, to)) drag = { what: 'to', grab: from };
    else if (!all && time > from && time < to) drag = { what: 'move', grab: time - from };
    else drag = { what: 'brush', grab: time };
    slider.setPointerCapture(event.pointerId);
  });
  slider.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const time = at(event);
    const span = view.value.to - view.value.from;
    if (drag.what === 'move') show({ from: time - drag.grab, to: time - drag.grab + span });
    else if (Math.abs(time - drag.grab) > 3 * scale().nsPerPx)
      show({ from: Math.min(time, drag.grab), to: Math.max(time, drag.grab) });
  });
  const end = (event: PointerEvent): void => {
    if (
      drag?.what === 'brush' &&
      event.type === 'pointerup' &&
      Math.abs(at(event) - drag.grab) < 3 * scale().nsPerPx
    ) {
      const span = view.value.to - view.value.from;
      show({ from: at(event) - span / 2, to: at(event) + span / 2 });
    }
    if (run.value?.state === 'running' && view.value.to >= wholeRun().to) following.set(true);
    drag = undefined;
  };
  slider.addEventListener('pointerup', end);
  slider.addEventListener('pointercancel', end);
  slider.addEventListener('wheel', (event) => turnWheel(event, at(event), scale().width), {
    passive: false,
  });
  slider.addEventListener('keydown', (event) => {
    const done = keyed(event.key);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function keyed(key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      panBy(-0.2);
      return true;
    case 'ArrowRight':
      panBy(0.2);
      return true;
    case '+':
      zoomBy(0.7);
      return true;
    case '-':
      zoomBy(1.4);
      return true;
    case 'Home':
      show(wholeRun());
      return true;
    default:
      return false;
  }
}
