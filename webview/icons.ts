/** Line icons, drawn on a 16 × 16 grid in the text's colour. */

import type { LaneKind } from '../wire/panel.ts';
import { svg } from './dom.ts';

const PATHS = {
  chevronDown: 'M4 6l4 4 4-4',
  chevronRight: 'M6 4l4 4-4 4',
  chart: 'M2 2v12h12M4 10l3-4 3 2 4-5',
  loop: 'M13 6A5.5 5.5 0 0 0 3 5.5M3 2.5v3h3M3 10a5.5 5.5 0 0 0 10 .5M13 13.5v-3h-3',
  bolt: 'M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  key: 'M10.5 2.5a3 3 0 1 1-2.6 4.5L3 12v2h2v-1.5h1.5V11H8l1.5-1.6',
  chip: 'M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14',
  queue: 'M2.5 5h3v6h-3zM6.5 5h3v6h-3zM10.5 5h3v6h-3z',
  thread: 'M5 2c6 3-3 5 3 7s0 4 1 5',
  error: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  warning: 'M8 2L14.5 13.5h-13zM8 6.3v3.4M8 11.4v.6',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.2v3.8M8 4.8v.5',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3l8 5-8 5z',
  stop: 'M3.5 3.5h9v9h-9z',
  follow: 'M2 3.5v9M4 8h9M10 5l3 3-3 3',
  again: 'M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3',
  compare:
    'M4.5 4.5v5a2 2 0 0 0 2 2h2M7 9.5l2 2-2 2M11.5 11.5v-5a2 2 0 0 0-2-2h-2M9 2.5l-2 2 2 2M4.5 2v2.5M11.5 11.5V14',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.7 3.7',
  file: 'M9 2H4v12h8.5V5.5zM9 2v3.5h3.5M2 6h4M4.5 4L6.5 6l-2 2',
  bulb: 'M6 11.5h4M6.5 13.5h3M8 2a4 4 0 0 0-2.3 7.2c.3.3.5.8.5 1.3h3.6c0-.5.2-1 .5-1.3A4 4 0 0 0 8 2z',
  left: 'M13 8H3M7 4L3 8l4 4',
  right: 'M3 8h10M9 4l4 4-4 4',
  fit: 'M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  filter: 'M2 3h12l-4.5 5.5V13l-3-1.5v-3z',
  close: 'M4 4l8 8M12 4l-8 8',
  save: 'M3 2.5h8l2 2v9H3zM5.5 2.5v3h4v-3M5.5 13.5v-4h5v4',
} as const;
export type IconName = keyof typeof PATHS;

export function icon(name: IconName, extra = ''): SVGElement {
  return svg(
    'svg',
    {
      class: `icon ${extra}`.trim(),
      viewBox: '0 0 16 16',
      'aria-hidden': 'true',
      focusable: 'false',
    },
    svg('path', { d: PATHS[name] }),
  );
}

const LANE_ICONS: Partial<Record<LaneKind, IconName>> = {
  loop: 'loop',
  lag: 'chart',
  poolSeries: 'chart',
  gil: 'chart',
  probe: 'chart',
  task: 'bolt',
  pendingTasks: 'bolt',
  lock: 'lock',
  semaphore: 'key',
  queue: 'queue',
  process: 'chip',
  worker: 'chip',
  thread: 'thread',
};

export function laneIcon(kind: LaneKind): SVGElement {
  return icon(LANE_ICONS[kind] ?? 'thread', 'lane-icon');
}
