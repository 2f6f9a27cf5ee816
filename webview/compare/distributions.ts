/** Distributions of both runs over each other, as shares, by Chart.js; each has its table twin. */
import {
  Chart,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
} from 'chart.js';
import { formatCount, formatDuration, formatShare } from '../../base/format.ts';
import type { ComparedDistribution } from '../../wire/comparison.ts';
import { STATE } from '../../wire/panel.ts';
import { el } from '../dom.ts';
import { type Theme, theme } from '../theme.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

const MARKS = 5;

type Line = ChartDataset<'line', { x: number; y: number }[]>;

let charts: Chart<'line', { x: number; y: number }[]>[] = [];
theme.watch((now) => {
  for (const chart of charts) {
    colour(chart.data.datasets as Line[], now);
    chart.update('none');
  }
});

export function distributionsSection(all: readonly ComparedDistribution[]): HTMLElement | null {
  for (const chart of charts) chart.destroy();
  charts = [];
  if (all.length === 0) return null;
  return el(
    'section',
    { class: 'compare-section', 'aria-labelledby': 'compare-distributions' },
    el('h2', { id: 'compare-distributions' }, 'Distributions'),
    el(
      'p',
      { class: 'compare-legend' },
      el('span', { class: 'key before', 'aria-hidden': 'true' }),
      'before',
      el('span', { class: 'key after', 'aria-hidden': 'true' }),
      'after',
      el('span', { class: 'quiet' }, 'Shares of all values, so that runs of any length compare.'),
    ),
    el('div', { class: 'compare-distributions' }, ...all.map(figure)),
  );
}

function figure(one: ComparedDistribution): HTMLElement {
  const canvas = el('canvas', { role: 'img', 'aria-label': spoken(one) });
  const frame = el('div', { class: 'compare-chart' }, canvas);
  const result = el(
    'figure',
    { class: 'compare-distribution' },
    el(
      'figcaption',
      {},
      el('strong', {}, one.title),
      el(
        'span',
        { class: 'quiet' },
        `${formatCount(one.beforeCount)} before, ${formatCount(one.afterCount)} after`,
      ),
    ),
    frame,
    axis(one.edges),
    twin(one),
  );
  // The canvas has a size only once it is on the page.
  requestAnimationFrame(() => draw(canvas, one));
  return result;
}

function draw(canvas: HTMLCanvasElement, one: ComparedDistribution): void {
  const lines: Line[] = [one.before, one.after].map((shares) => ({
    data: steps(shares),
    stepped: 'before',
    fill: 'origin',
    borderWidth: 1.5,
    pointRadius: 0,
  }));
  lines[0]!.borderDash = [4, 3];
  colour(lines, theme.value);
  charts.push(
    new Chart<'line', { x: number; y: number }[]>(canvas, {
      type: 'line',
      data: { datasets: lines },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        parsing: false,
        normalized: true,
        events: [],
        layout: { padding: { top: 2, bottom: 0, left: 0, right: 0 }, autoPadding: false },
        scales: {
          x: { type: 'linear', display: false, min: 0, max: one.before.length },
          y: { type: 'linear', display: false, min: 0 },
        },
      },
    }),
  );
}

/** A bucket is as wide as it is: each begins where it begins and the last ends where it ends. */
function steps(shares: readonly number[]): { x: number; y: number }[] {
  return [
    { x: 0, y: shares[0] ?? 0 },
    ...shares.map((share, index) => ({ x: index + 1, y: share })),
  ];
}

function colour(lines: Line[], now: Theme): void {
  const colours = [now.states[STATE.lock], now.states[STATE.running]];
  for (const [index, line] of lines.entries()) {
    const one = colours[index] ?? '#808080';
    line.borderColor = one;
    line.backgroundColor = /^#[0-9a-f]{6}$/i.test(one) ? `${one}33` : one;
  }
}

/** Durations below the drawing, evenly spaced: the axis is logarithmic, as the buckets are. */
function axis(edges: readonly number[]): HTMLElement {
  const marks = Math.min(MARKS, edges.length);
  const at = Array.from({ length: marks }, (_, index) =>
    Math.round((index * (edges.length - 1)) / Math.max(1, marks - 1)),
  );
  return el(
    'div',
    { class: 'compare-axis quiet', 'aria-hidden': 'true' },
    ...at.map((index) => el('span', {}, formatDuration(edges[index] ?? 0))),
  );
}

function twin(one: ComparedDistribution): HTMLElement {
  const rows = one.before.flatMap((share, index) => {
    const other = one.after[index] ?? 0;
    if (share === 0 && other === 0) return [];
    return [
      el(
        'tr',
        {},
        el(
          'th',
          { scope: 'row' },
          `${formatDuration(one.edges[index] ?? 0)} – ${formatDuration(one.edges[index + 1] ?? 0)}`,
        ),
        el('td', { class: 'number' }, formatShare(share)),
        el('td', { class: 'number' }, formatShare(other)),
      ),
    ];
  });
  return el(
    'details',
    {},
    el('summary', {}, 'As a table'),
    el(
      'table',
      { class: 'compare-measures', 'aria-label': one.title },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, 'duration'),
          el('th', { scope: 'col', class: 'number' }, 'before'),
          el('th', { scope: 'col', class: 'number' }, 'after'),
        ),
      ),
      el('tbody', {}, ...rows),
    ),
  );
}

function spoken(one: ComparedDistribution): string {
  const most = (shares: readonly number[]): string => {
    const at = shares.indexOf(Math.max(...shares));
    return `mostly ${formatDuration(one.edges[at] ?? 0)} to ${formatDuration(one.edges[at + 1] ?? 0)}`;
  };
  const before = one.beforeCount > 0 ? most(one.before) : 'nothing';
  const after = one.afterCount > 0 ? most(one.after) : 'nothing';
  return `${one.title}: before ${before}, after ${after}`;
}
