/** Wheel and pointer over the lanes: wheel zooms or scrolls, drag moves, shift-drag marks, click picks, double click zooms in. */
import { rowAt } from './layout.ts';
import { fit, panBy, pick } from './navigation.ts';
import { drawer, hovered, lit, marked, view } from './state.ts';
import { type TimeScale, toTime } from './timeScale.ts';
import { hideTooltip, showTooltip } from './tooltip.ts';
import { sideways, turnWheel, zooms } from './wheel.ts';

/** Below this a press is a click, not a drag. */
const CLICK_PX = 4;

export function listenToPointer(
  scroller: HTMLElement,
  canvas: HTMLElement,
  charts: HTMLElement,
  scale: () => TimeScale,
): void {
  const timeAt = (event: MouseEvent): number =>
    toTime(scale(), event.clientX - canvas.getBoundingClientRect().left);
  const rowUnder = (event: MouseEvent) =>
    rowAt(event.clientY - scroller.getBoundingClientRect().top + scroller.scrollTop);
  const overTime = (event: Event): boolean =>
    event.target === canvas || charts.contains(event.target as Node) || event.target === charts;

  scroller.addEventListener(
    'wheel',
    (event) => {
      if (!overTime(event)) return;
      const scrolls = scroller.scrollHeight > scroller.clientHeight + 1;
      if (zooms(event) || sideways(event) || !scrolls)
        turnWheel(event, timeAt(event), scale().width);
    },
    { passive: false },
  );

  let pressed:
    | { x: number; y: number; at: number; scroll: number; moved: boolean; marks: boolean }
    | undefined;
  scroller.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !overTime(event)) return;
    pressed = {
      x: event.clientX,
      y: event.clientY,
      at: timeAt(event),
      scroll: scroller.scrollTop,
      moved: false,
      marks: event.shiftKey,
    };
    scroller.setPointerCapture(event.pointerId);
    // Keys go to the lanes after a click on them.
    scroller.querySelector<HTMLElement>('.lane-grid')?.focus({ preventScroll: true });
    event.preventDefault();
  });
  scroller.addEventListener('pointermove', (event) => {
    if (!pressed) {
      hover(event);
      return;
    }
    const dx = event.clientX - pressed.x;
    const dy = event.clientY - pressed.y;
    if (!pressed.moved && Math.hypot(dx, dy) < CLICK_PX) return;
    pressed.moved = true;
    hideTooltip();
    if (pressed.marks) {
      const at = timeAt(event);
      marked.set({ from: Math.min(pressed.at, at), to: Math.max(pressed.at, at) });
    } else {
      scroller.classList.add('dragging');
      panBy(-(event.movementX || 0) / scale().width);
      scroller.scrollTop = pressed.scroll - dy;
    }
  });
  const release = (event: PointerEvent): void => {
    scroller.classList.remove('dragging');
    const was = pressed;
    pressed = undefined;
    if (!was || was.moved || event.type === 'pointercancel') return;
    const row = rowUnder(event);
    if (!row) return;
    pick(row.lane.id, timeAt(event));
    drawer.set('selection');
  };
  scroller.addEventListener('pointerup', release);
  scroller.addEventListener('pointercancel', release);
  scroller.addEventListener('dblclick', (event) => {
    if (overTime(event)) fit();
  });
  scroller.addEventListener('pointerleave', () => {
    hovered.set(null);
    lit.set(new Set());
    hideTooltip();
  });

  const hover = (event: PointerEvent): void => {
    const row = overTime(event) ? rowUnder(event) : undefined;
    if (!row) {
      hovered.set(null);
      hideTooltip();
      return;
    }
    const at = timeAt(event);
    hovered.set({ lane: row.lane.id, at });
    if (row.lane.kind === 'lock') lit.set(new Set([row.lane.id]));
    showTooltip(
      row.lane,
      at,
      (view.value.to - view.value.from) / scale().width,
      event.clientX,
      event.clientY,
    );
  };
}
