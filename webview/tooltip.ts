/** Says what is under the pointer, in the words the table uses. Never the only way to know: the selection says it too. */
import { formatCount, formatDuration, formatShare } from '../base/format.ts';
import { type Lane, SLICE_STATES, STATE } from '../wire/panel.ts';
import { formatUnit } from './charts.ts';
import { STATE_TITLES } from './describe.ts';
import { el } from './dom.ts';
import { seriesOf, slicesOf } from './laneData.ts';
import { labels, losses } from './state.ts';
import { formatMoment } from './timeScale.ts';

export const tooltip = el('div', { class: 'tooltip', 'aria-hidden': 'true' });
tooltip.hidden = true;

export function hideTooltip(): void {
  tooltip.hidden = true;
}

/** `nsPerPx`: what shares one pixel is told together. */
export function showTooltip(lane: Lane, at: number, nsPerPx: number, x: number, y: number): void {
  const lines = linesOf(lane, at, nsPerPx);
  if (lines.length === 0) {
    hideTooltip();
    return;
  }
  tooltip.replaceChildren(
    ...lines.map((line, index) => el('div', { class: index === 0 ? 'tooltip-title' : '' }, line)),
  );
  tooltip.hidden = false;
  const { offsetWidth, offsetHeight } = tooltip;
  const left = Math.min(x + 14, window.innerWidth - offsetWidth - 8);
  const below = y + 20 + offsetHeight < window.innerHeight;
  tooltip.style.transform = `translate(${Math.max(4, left)}px, ${below ? y + 18 : y - offsetHeight - 10}px)`;
}

function linesOf(lane: Lane, at: number, nsPerPx: number): string[] {
  const step = nsPerPx * 2;
  const lost = losses.value.find((one) => one.pid === lane.pid && at >= one.from && at <= one.to);
  const more = lost ? [lost.text] : [];
  const series = seriesOf(lane.id);
  if (lane.content !== 'slices' && lane.content !== 'lock') {
    if (!series || series.x.length === 0) return more;
    let index = 0;
    while (index + 1 < series.x.length && series.x[index + 1]! <= at) index++;
    const said = (lane.series ?? []).map(
      (info, column) => `${info.name} ${formatUnit(series.y[column]?.[index] ?? 0, info.unit)}`,
    );
    return [`${lane.name} at ${formatMoment(at, step)}`, ...said, ...more];
  }
  const spans = slicesOf(lane.id);
  if (!spans) return more;
  const first = spans.firstEndingAfter(at - nsPerPx / 2);
  const last = spans.firstStartingFrom(at + nsPerPx / 2, first);
  if (last - first > 1) return [...manySlices(spans, first, last), ...more];
  if (first >= last) return more;
  const label = labels[spans.label[first]!] ?? '';
  const state = spans.state[first]!;
  const duration = formatDuration(spans.end[first]! - spans.start[first]!);
  const title = lane.content === 'lock' ? `Held by ${label}` : label || (STATE_TITLES[state] ?? '');
  const waiters = lane.content === 'lock' ? (spans.mark[first] ?? 0) >> 4 : 0;
  const merged = spans.merged?.[first] ?? 1;
  return [
    title,
    `${STATE_TITLES[state]} · ${duration}${merged > 1 ? ` · ${formatCount(merged)} slices` : ''}`,
    `${formatMoment(spans.start[first]!, step)} – ${formatMoment(spans.end[first]!, step)}`,
    ...(waiters > 0 ? [`${waiters}${waiters === 15 ? ' or more' : ''} waiting`] : []),
    ...more,
  ];
}

function manySlices(
  spans: NonNullable<ReturnType<typeof slicesOf>>,
  first: number,
  last: number,
): string[] {
  const times = new Float64Array(SLICE_STATES.length);
  spans.addWhole(first, last, times);
  const total = times.reduce((sum, time) => sum + time, 0) || 1;
  const parts = [...times]
    .map((time, state) => ({ time, state }))
    .filter(({ time, state }) => time > 0 && state !== STATE.idle)
    .sort((one, other) => other.time - one.time);
  return [
    `${formatCount(last - first)} slices here`,
    ...parts.map(
      ({ time, state }) =>
        `${STATE_TITLES[state]} ${formatShare(time / total)} · ${formatDuration(time)}`,
    ),
  ];
}
