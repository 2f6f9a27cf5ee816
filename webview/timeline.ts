/** The lanes: one canvas as tall as what is visible, the rows' names beside it, charts over it; redrawn once a frame. */
import { SLICE_STATES } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { type LineChart, lineChart } from './charts.ts';
import { el } from './dom.ts';
import { seriesOf, slicesOf } from './laneData.ts';
import { laneGrid } from './laneGrid.ts';
import { type Row, rowOf, rows, rowsBetween, totalHeight } from './layout.ts';
import { onReveal } from './navigation.ts';
import { drawOver, drawUnder } from './overlays.ts';
import { listenToPointer } from './pointer.ts';
import { drawLit, SliceLabels } from './sliceLabels.ts';
import { SliceStrips } from './sliceStrips.ts';
import {
  dataVersion,
  details,
  finding,
  hiddenStates,
  hovered,
  labels,
  laneOf,
  laneOrder,
  lanes,
  lit,
  losses,
  marked,
  picked,
  run,
  search,
  showLibrary,
  toggled,
  view,
} from './state.ts';
import type { StripLook } from './stripFill.ts';
import { beginDrawing, nextFrame, surface } from './surface.ts';
import { theme } from './theme.ts';
import { type TimeScale, timeScale } from './timeScale.ts';
import { drawLockLabels } from './tracks/lock.ts';
import { type TrackFrame, trackOf } from './tracks.ts';

export interface Timeline {
  readonly element: HTMLElement;
  /** Lanes on screen, for what is asked from the other side. */
  visibleRows(): readonly Row[];
  /** Width of the time area in CSS pixels. */
  width(): number;
  /** Runs after each drawn frame; for the bench. */
  onDrawn(listener: () => void): void;
}

export function createTimeline(): Timeline {
  const canvas = el('canvas', { class: 'lanes-canvas', 'aria-hidden': 'true' });
  const stage = el('div', { class: 'stage' }, canvas);
  const charts = el('div', { class: 'charts' });
  const grid = laneGrid();
  const space = el('div', { class: 'space' }, stage, charts, grid.element);
  const scroller = el('div', { class: 'scroller', tabindex: -1 }, space);
  const pinned = el('div', { class: 'pinned', 'aria-hidden': 'true' });
  const element = el('div', { class: 'lanes' }, scroller, pinned);
  const on = surface(canvas);
  const strips = new SliceStrips();
  const names = new SliceLabels();
  const lookNow = lookKeeper();
  const live = new Map<number, { readonly chart: LineChart; fed: unknown }>();
  const drawn: (() => void)[] = [];
  let width = 600;
  let height = 400;
  let scrolled = 0;

  const snapped = snapper();
  const scale = (): TimeScale =>
    snapped(timeScale(view.value, Math.max(1, Math.floor(width))), window.devicePixelRatio || 1);
  const visibleRows = () => rowsBetween(scrolled, scrolled + height);

  const draw = (): void => {
    if (!theme.value) return;
    const top = scrolled;
    const now = scale();
    const context = beginDrawing(on, width, height);
    const visible = visibleRows();
    const look = lookNow(on.ratio);
    const device = deviceScale(now, on.ratio);
    const frames = visible.map(
      (row): TrackFrame => ({
        context,
        scale: now,
        deviceScale: device,
        theme: theme.value,
        look,
        lane: row.lane,
        top: row.top - top,
        height: row.height,
        strips,
        labels: names,
      }),
    );
    strips.begin(device.width, on.ratio, frames.length);
    names.begin(context, theme.value);
    for (const frame of frames) trackOf(frame.lane).collect?.(frame);
    for (const frame of frames) if (frame.lane.content === 'none') trackOf(frame.lane).draw(frame);
    drawUnder(context, now, height, frames);
    for (const frame of frames) if (frame.lane.content !== 'none') trackOf(frame.lane).draw(frame);
    names.draw(context, theme.value);
    drawLights(frames);
    drawLockLabels(context, theme.value.onFill, theme.value.font);
    drawOver(context, now, height, frames, (lane) => {
      const row = rowOf(lane);
      return row && { top: row.top - top, height: row.height };
    });
    drawCharts(visible, now);
    grid.draw(top, height);
    pinHeading(pinned, top);
    for (const listener of drawn) listener();
  };

  const drawCharts = (visible: readonly Row[], now: TimeScale): void => {
    const wanted = new Set<number>();
    for (const row of visible) {
      const series = seriesOf(row.lane.id);
      if (row.lane.content !== 'line' || !series) continue;
      wanted.add(row.lane.id);
      let one = live.get(row.lane.id);
      if (!one) {
        one = { chart: lineChart(), fed: undefined };
        live.set(row.lane.id, one);
        charts.append(one.chart.canvas);
      }
      if (one.fed !== series) {
        one.fed = series;
        one.chart.feed(row.lane, series, theme.value);
      }
      one.chart.canvas.style.transform = `translateY(${row.top + 3}px)`;
      one.chart.draw(now, row.height - 6);
    }
    for (const [lane, one] of live) {
      if (wanted.has(lane)) continue;
      one.chart.canvas.remove();
      one.chart.dispose();
      live.delete(lane);
    }
  };

  const redraw = () => nextFrame('draw', draw);
  const relayOut = () => {
    space.style.height = `${Math.max(totalHeight(), height)}px`;
    redraw();
  };
  watchAll(
    [view, dataVersion, hovered, picked, details, lit, marked, losses, hiddenStates, run, finding],
    redraw,
  );
  watchAll([lanes, search, showLibrary, toggled, laneOrder], () => nextFrame('layout', relayOut));
  theme.watch(() => {
    for (const one of live.values()) one.fed = undefined;
    redraw();
  });
  const onScroll = (): void => {
    scrolled = scroller.scrollTop;
    redraw();
  };
  scroller.addEventListener('scroll', onScroll, { passive: true });
  new ResizeObserver(() => {
    height = scroller.clientHeight;
    width = Math.max(50, scroller.clientWidth - grid.element.offsetWidth);
    scrolled = scroller.scrollTop;
    nextFrame('layout', relayOut);
  }).observe(scroller);

  listenToPointer(scroller, canvas, charts, scale);
  onReveal((lane) => {
    const row = rowOf(lane);
    if (!row) return;
    const top = scroller.scrollTop;
    const margin = 28;
    // Arrows and their labels hang below.
    const below = Math.min(48, height / 4);
    if (row.top < top + margin) scroller.scrollTop = Math.max(0, row.top - margin);
    else if (row.top + row.height > top + height - below)
      scroller.scrollTop = row.top + row.height - height + below;
  });
  return {
    element,
    visibleRows,
    width: () => width,
    onDrawn: (listener) => drawn.push(listener),
  };
}

/**
 * While the zoom stays the same the drawing moves by whole device pixels, so that what is drawn already can be moved too.
 * Half a pixel is not seen; the zoom's last digits, which differ after each step of a pan, are kept as they were.
 */
function snapper(): (scale: TimeScale, ratio: number) => TimeScale {
  let nsPerPx = 0;
  return (scale, ratio) => {
    if (Math.abs(scale.nsPerPx - nsPerPx) > nsPerPx * 1e-9) nsPerPx = scale.nsPerPx;
    const step = (nsPerPx * scale.width) / Math.round(scale.width * ratio);
    const from = Math.round(scale.from / step) * step;
    return { from, to: from + nsPerPx * scale.width, width: scale.width, nsPerPx };
  };
}

function deviceScale(scale: TimeScale, ratio: number): TimeScale {
  const width = Math.round(scale.width * ratio);
  return { from: scale.from, to: scale.to, width, nsPerPx: (scale.nsPerPx * scale.width) / width };
}

/** The same look as long as nothing of it changed. */
function lookKeeper(): (ratio: number) => StripLook {
  let states: unknown;
  let look: StripLook | undefined;
  return (ratio) => {
    if (look?.ratio === ratio && look.theme === theme.value && states === hiddenStates.value)
      return look;
    states = hiddenStates.value;
    look = {
      theme: theme.value,
      ratio,
      hidden: Uint8Array.from(SLICE_STATES, (state) => (hiddenStates.value.has(state) ? 1 : 0)),
    };
    return look;
  };
}

/** Waits for the locks that are lit or that the selection concerns light up in every lane. */
function drawLights(frames: readonly TrackFrame[]): void {
  const wanted = litLabels();
  if (!wanted) return;
  for (const { context, lane, scale, theme, top, height } of frames) {
    const spans = slicesOf(lane.id);
    if (lane.content !== 'slices' || !spans) continue;
    drawLit(context, spans, scale, { top: top + 4, height: height - 8 }, wanted, theme.foreground);
  }
}

/** 1 for each label that says "wait" for such a lock. */
function litLabels(): Uint8Array | undefined {
  const names = new Set<string>();
  for (const id of [...lit.value, ...(details.value?.lights ?? [])]) {
    const lane = laneOf(id);
    if (lane?.kind === 'lock' || lane?.kind === 'semaphore') names.add(`wait ${lane.name}`);
  }
  if (names.size === 0) return undefined;
  return Uint8Array.from(labels, (label) => (names.has(label) ? 1 : 0));
}

/** The heading of the group that is being looked at stays on top: parents do not scroll away. */
function pinHeading(pinned: HTMLElement, top: number): void {
  const first = rows().find((row) => row.top + row.height > top);
  let heading = '';
  if (first && first.top < top + 1 && top > 0) {
    for (const row of rows()) {
      if (row.top > top) break;
      if (row.depth === 0) heading = `${row.lane.name}  ${row.lane.note}`;
    }
    if (first.depth === 0 && first.top >= top) heading = '';
  }
  if (pinned.textContent !== heading) pinned.textContent = heading;
  pinned.hidden = heading === '';
}
