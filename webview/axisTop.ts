/** How high a chart's axis goes, and where words stand in it. */
import type { Lane, Series, SeriesInfo } from '../wire/panel.ts';

/**
 * The least that fills a chart, so that what is next to nothing looks like it: one thread, task or item; a tenth of a core.
 * Times have no such measure, their lanes carry a limit.
 */
const LEAST: Readonly<Record<SeriesInfo['unit'], number>> = { ns: 1e-9, count: 1, share: 0.1 };

/** The value at the top edge of what is drawn of a lane's first series, without the air above it. */
export function axisTop(lane: Lane, series: Series): number {
  const unit = lane.series?.[0]?.unit ?? 'count';
  return Math.max(series.top[0] ?? 0, lane.limit ?? 0, LEAST[unit]);
}

/** Half a line of a label, and the air around it. */
const HALF_LINE_PX = 8;

/** The middle of words that stand at this height of a chart: no part of them may be outside of it. */
export function middleOfWords(at: number, bottom: number): number {
  return Math.max(HALF_LINE_PX, Math.min(at, bottom - HALF_LINE_PX));
}
