/** A distribution beside a table: how often which duration, on a logarithmic axis; its twin is a list for screen readers. */
import { formatCount, formatDuration } from '../base/format.ts';
import type { TableData } from '../wire/panel.ts';
import { el, svg } from './dom.ts';

const WIDTH = 240;
const HEIGHT = 84;
const FOOT = 14;

export function histogram(data: NonNullable<TableData['histogram']>): HTMLElement {
  const most = Math.max(1, ...data.counts);
  const step = WIDTH / Math.max(1, data.counts.length);
  const bars = data.counts.map((count, index) => {
    const height = count > 0 ? Math.max(1.5, (count / most) * (HEIGHT - FOOT - 4)) : 0;
    return svg(
      'rect',
      { x: index * step + 0.5, y: HEIGHT - FOOT - height, width: Math.max(1, step - 1), height },
      svg(
        'title',
        {},
        `${formatDuration(data.edges[index] ?? 0)} – ${formatDuration(data.edges[index + 1] ?? 0)}: ${formatCount(count)}`,
      ),
    );
  });
  const marks = [0, Math.floor(data.counts.length / 2), data.counts.length].map((index) =>
    svg(
      'text',
      {
        x: Math.min(WIDTH, index * step),
        y: HEIGHT - 2,
        'text-anchor': index === 0 ? 'start' : index === data.counts.length ? 'end' : 'middle',
      },
      formatDuration(data.edges[index] ?? 0),
    ),
  );
  const said = data.counts
    .map((count, index) =>
      count > 0 ? `${formatCount(count)} from ${formatDuration(data.edges[index] ?? 0)}` : '',
    )
    .filter(Boolean);
  return el(
    'figure',
    { class: 'histogram' },
    el('figcaption', {}, data.title),
    svg(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-label': `${data.title}: ${said.join(', ')}`,
      },
      ...bars,
      ...marks,
    ),
  );
}
