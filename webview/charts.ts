/** Lines over time, by Chart.js: only the parts used, no animation, no parsing, updated in place, fed with window × resolution. */
import {
  Chart,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
} from 'chart.js';
import { formatCount, formatDuration, formatShare } from '../base/format.ts';
import { type Lane, type Series, type SeriesInfo, STATE } from '../wire/panel.ts';
import { axisTop, middleOfWords } from './axisTop.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

interface Point {
  x: number;
  y: number;
}
type Line = ChartDataset<'line', Point[]>;

/** What the small plugin draws besides the lines. */
interface Extras {
  limit: number | undefined;
  unit: SeriesInfo['unit'];
  theme: Theme;
  first: string;
  lag: boolean;
}

export interface LineChart {
  readonly canvas: HTMLCanvasElement;
  /** Takes new data or a new size; `draw` alone moves the window. */
  feed(lane: Lane, series: Series, theme: Theme): void;
  draw(scale: TimeScale, height: number): void;
  dispose(): void;
}

export function lineChart(): LineChart {
  const canvas = document.createElement('canvas');
  canvas.className = 'chart';
  canvas.setAttribute('role', 'img');
  const extras: Extras = {
    limit: undefined,
    unit: 'count',
    theme: undefined as unknown as Theme,
    first: '',
    lag: false,
  };
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: {
      responsive: false,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      normalized: true,
      events: [],
      layout: { padding: 0, autoPadding: false },
      elements: { point: { radius: 0 }, line: { borderWidth: 1.25 } },
      scales: {
        x: { type: 'linear', display: false },
        y: { type: 'linear', display: false, min: 0 },
        y2: { type: 'linear', display: false, min: 0 },
      },
    },
    plugins: [extrasPlugin(extras)],
  });
  let size = '';
  return {
    canvas,
    feed(lane, series, theme) {
      extras.limit = lane.limit;
      extras.unit = lane.series?.[0]?.unit ?? 'count';
      extras.theme = theme;
      extras.lag = lane.kind === 'lag';
      extras.first = lane.kind === 'poolSeries' ? `${lane.limit ?? ''} workers` : '';
      canvas.setAttribute('aria-label', describe(lane, series));
      setLines(chart.data.datasets as Line[], lane, series, theme);
      chart.options.scales!.y!.max = axisTop(lane, series) * (extras.lag ? 1.25 : 1.12);
      chart.options.scales!.y2!.max = Math.max(series.top[1] ?? 0, 4) * 1.12;
    },
    draw(scale, height) {
      const ratio = window.devicePixelRatio || 1;
      const wanted = `${scale.width}x${height}@${ratio}`;
      chart.options.scales!.x!.min = scale.from;
      chart.options.scales!.x!.max = scale.to;
      if (wanted !== size) {
        size = wanted;
        chart.options.devicePixelRatio = ratio;
        chart.resize(scale.width, height);
      }
      chart.update('none');
    },
    dispose: () => chart.destroy(),
  };
}

interface LineStyle {
  readonly state: number;
  readonly stepped: boolean;
  readonly filled: boolean;
}

function styleOf(lane: Lane, index: number): LineStyle {
  switch (lane.kind) {
    case 'lag':
      return { state: index === 0 ? STATE.io : STATE.blocksLoop, stepped: false, filled: true };
    case 'gil':
      return { state: STATE.gil, stepped: false, filled: true };
    case 'probe':
      return { state: STATE.held, stepped: false, filled: true };
    default:
      return {
        state: index === 0 ? STATE.running : STATE.lock,
        stepped: true,
        filled: index === 0,
      };
  }
}

function setLines(lines: Line[], lane: Lane, series: Series, theme: Theme): void {
  const columns =
    lane.kind === 'lag' && lane.limit !== undefined ? splitAtLimit(series, lane.limit) : series.y;
  lines.length = columns.length;
  columns.forEach((column, index) => {
    const style = styleOf(lane, index);
    const color = theme.states[style.state]!;
    const line = lines[index] ?? { data: [] };
    lines[index] = line;
    setPoints(line.data, series.x, column);
    line.borderColor = color;
    line.backgroundColor = withAlpha(color, index === 0 ? 0.25 : 0.4);
    line.fill = style.filled ? 'origin' : false;
    line.stepped = style.stepped ? 'before' : false;
    line.yAxisID = index === 1 && lane.kind === 'poolSeries' ? 'y2' : 'y';
    if (style.stepped) line.stepped = true;
  });
}

/**
 * The lag in two lines: below the limit, and the hills above it, each with its feet so that it stands on the ground.
 * A point is in both where one line hands over to the other.
 */
function splitAtLimit(series: Series, limit: number): readonly Float32Array[] {
  const lag = series.y[0]!;
  const below = Float32Array.from(lag);
  const above = new Float32Array(lag.length).fill(Number.NaN);
  for (let index = 0; index < lag.length; index++) {
    if (!(lag[index]! > limit)) continue;
    below[index] = Number.NaN;
    for (const near of [index - 1, index, index + 1])
      if (near >= 0 && near < lag.length) above[near] = lag[near]!;
  }
  return [below, above];
}

function setPoints(points: Point[], x: Float64Array, y: Float32Array): void {
  points.length = Math.min(points.length, x.length);
  for (let index = 0; index < x.length; index++) {
    const point = points[index];
    if (point) {
      point.x = x[index]!;
      point.y = y[index]!;
    } else points.push({ x: x[index]!, y: y[index]! });
  }
}

function extrasPlugin(extras: Extras): Plugin<'line'> {
  return {
    id: 'extras',
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const y = scales.y;
      const x = scales.x;
      if (!y || !x || !extras.theme) return;
      const { theme } = extras;
      const width = Math.max(1, chartArea.right - chartArea.left);
      ctx.save();
      ctx.font = `11px ${theme.font}`;
      ctx.textBaseline = 'middle';
      if (extras.limit !== undefined && extras.lag) {
        const at = y.getPixelForValue(extras.limit);
        ctx.strokeStyle = theme.warning;
        ctx.lineWidth = 1;
        ctx.setLineDash([4, 3]);
        ctx.beginPath();
        ctx.moveTo(chartArea.left, Math.round(at) + 0.5);
        ctx.lineTo(chartArea.right, Math.round(at) + 0.5);
        ctx.stroke();
        // A low line, under high hills, must not push its words out of the chart.
        const words = formatDuration(extras.limit);
        tag(ctx, words, 6, middleOfWords(at, chartArea.bottom), theme.warning, theme.background);
        for (const peak of peaks(
          chart.data.datasets[1] as Line,
          extras.limit,
          x.min,
          x.max,
          LABEL_PX / width,
        ))
          tag(
            ctx,
            formatDuration(peak.y),
            Math.min(x.getPixelForValue(peak.x) + 4, chartArea.right - 50),
            Math.max(8, y.getPixelForValue(peak.y)),
            theme.states[STATE.blocksLoop]!,
            theme.background,
          );
      } else if (extras.first)
        tag(ctx, extras.first, 6, 9, theme.states[STATE.running]!, theme.background);
      const queue = chart.data.datasets[1] as Line | undefined;
      if (!extras.lag && queue) {
        const top = peaks(queue, 0, x.min, x.max, 1)[0];
        if (top && top.y >= 2)
          tag(
            ctx,
            `${formatCount(top.y)} queued`,
            Math.max(80, Math.min(x.getPixelForValue(top.x) - 60, chartArea.right - 62)),
            Math.max(9, (scales.y2 ?? y).getPixelForValue(top.y)),
            theme.states[STATE.lock]!,
            theme.background,
          );
      }
      ctx.restore();
    },
  };
}

/** A label of a peak, and the air around it. */
const LABEL_PX = 60;

function tag(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  color: string,
  background: string,
): void {
  const width = ctx.measureText(text).width;
  ctx.fillStyle = background;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(x - 2, y - 7, width + 4, 14);
  ctx.globalAlpha = 1;
  ctx.fillStyle = color;
  ctx.fillText(text, x, y + 0.5);
}

/** Highest points over a limit, high ones first, none nearer to a higher one than this share of the window. */
export function peaks(line: Line, limit: number, from: number, to: number, share: number): Point[] {
  const apart = (to - from) * share;
  const { data } = line;
  const over = data.filter(
    (point, index) =>
      point.y > limit &&
      point.x >= from &&
      point.x <= to &&
      point.y >= (data[index - 1]?.y ?? 0) &&
      !(point.y < (data[index + 1]?.y ?? 0)),
  );
  over.sort((one, other) => other.y - one.y);
  const found: Point[] = [];
  for (const point of over) {
    if (found.length >= 8) break;
    if (found.every((other) => Math.abs(other.x - point.x) > apart)) found.push(point);
  }
  return found;
}

export function formatUnit(value: number, unit: SeriesInfo['unit']): string {
  if (unit === 'ns') return formatDuration(value);
  return unit === 'share' ? formatShare(value) : formatCount(value);
}

function describe(lane: Lane, series: Series): string {
  const parts = (lane.series ?? []).map(
    (info, index) => `${info.name} up to ${formatUnit(series.top[index] ?? 0, info.unit)}`,
  );
  return `${lane.name}: ${parts.join(', ')}`;
}

/** The same colour, more transparent; understands the `#rrggbb` of the stylesheet's tokens. */
function withAlpha(color: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return color;
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
