/** The only place where pixels and time meet. Pixels are CSS pixels from the left edge of the time area. */

export interface TimeWindow {
  /** ns since trace start. */
  readonly from: number;
  readonly to: number;
}

export interface TimeScale extends TimeWindow {
  /** CSS pixels. */
  readonly width: number;
  readonly nsPerPx: number;
}

/** Nothing shorter is ever shown: below it a double's digits would start to show in a day-long trace. */
export const SHORTEST_VIEW_NS = 200;

export function timeScale(view: TimeWindow, width: number): TimeScale {
  return {
    from: view.from,
    to: view.to,
    width,
    nsPerPx: (view.to - view.from) / Math.max(1, width),
  };
}

export function toPx(scale: TimeScale, at: number): number {
  return (at - scale.from) / scale.nsPerPx;
}

export function toTime(scale: TimeScale, px: number): number {
  return scale.from + px * scale.nsPerPx;
}

/** Zooms by `factor` (below 1 is closer) so that the time under `at` stays where it is. */
export function zoom(view: TimeWindow, factor: number, at: number, whole: TimeWindow): TimeWindow {
  const span = view.to - view.from;
  const wanted = Math.min(Math.max(span * factor, SHORTEST_VIEW_NS), longest(whole));
  const ratio = (at - view.from) / span;
  return clamp({ from: at - wanted * ratio, to: at + wanted * (1 - ratio) }, whole);
}

export function pan(view: TimeWindow, by: number, whole: TimeWindow): TimeWindow {
  return clamp({ from: view.from + by, to: view.to + by }, whole);
}

/** A window around `span` with some air, never narrower than `least` ns. */
export function around(span: TimeWindow, whole: TimeWindow, least = 1e6): TimeWindow {
  const length = Math.max(span.to - span.from, least);
  const middle = (span.from + span.to) / 2;
  return clamp({ from: middle - length * 0.6, to: middle + length * 0.6 }, whole);
}

/** Keeps the view over the run, a little air at its end included. */
export function clamp(view: TimeWindow, whole: TimeWindow): TimeWindow {
  const span = Math.min(view.to - view.from, longest(whole));
  const air = Math.min(span, longest(whole)) * 0.02;
  const from = Math.min(
    Math.max(view.from, whole.from),
    Math.max(whole.from, whole.to + air - span),
  );
  return { from, to: from + span };
}

function longest(whole: TimeWindow): number {
  return Math.max((whole.to - whole.from) * 1.02, SHORTEST_VIEW_NS);
}

/** Round steps of 1, 2 or 5 that stand at least `leastPx` apart. */
export function tickStep(scale: TimeScale, leastPx: number): number {
  const least = scale.nsPerPx * leastPx;
  const power = 10 ** Math.floor(Math.log10(least));
  for (const step of [1, 2, 5]) if (power * step >= least) return power * step;
  return power * 10;
}

/** A moment, with as many digits as steps of `step` ns need: `14.620 s`. */
export function formatMoment(at: number, step: number): string {
  const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / 1e9) - 1e-9)));
  const seconds = at / 1e9;
  if (seconds >= 3600 || (seconds >= 600 && digits === 0)) {
    const minutes = Math.floor(seconds / 60);
    const rest = (seconds - minutes * 60).toFixed(digits).padStart(digits ? digits + 3 : 2, '0');
    return `${minutes}:${rest}`;
  }
  return `${seconds.toFixed(digits)} s`;
}
