/** What a turn of the wheel does over a stretch of time, the same everywhere: up and down zooms at the pointer, sideways pans. */
import { panBy, zoomBy } from './navigation.ts';

/** Browsers that count in lines say so; a line is taken for as many pixels as they scroll for it. */
const LINE_PX = 16;

/** Whether a turn asks to zoom even where the wheel would scroll. */
export function zooms(event: WheelEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Whether a turn goes sideways: by itself, or with Shift held. */
export function sideways(event: WheelEvent): boolean {
  return event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
}

/** Zooms at the time `at` (ns), or pans by the share of `width` (px) that was turned. */
export function turnWheel(event: WheelEvent, at: number, width: number): void {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
  if (sideways(event) && !zooms(event)) panBy(((event.deltaX || event.deltaY) * unit) / width);
  else zoomBy(1.0018 ** (event.deltaY * unit), at);
}
