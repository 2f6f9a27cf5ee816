/** Cells of the tables: one place that knows how each kind of value looks and how it is copied. */
import { formatCount, formatDuration, formatShare } from '../base/format.ts';
import type { Cell, CellKind, TableColumn, TableRow } from '../wire/panel.ts';
import type { Location } from '../wire/report.ts';
import { el } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';
import { sourceButton, sourceName } from './source.ts';
import { formatMoment } from './timeScale.ts';

/** Kinds that stand at the right and sort from the largest. */
export const NUMBERS: ReadonlySet<CellKind> = new Set(['duration', 'count', 'share', 'time']);

export function makeCell(
  host: Host,
  column: TableColumn,
  row: TableRow,
  at: number,
  most: number,
): HTMLElement {
  const cell = row.cells[at] ?? null;
  switch (column.kind) {
    case 'bar':
      return barCell(Number(cell) || 0, most);
    case 'source':
      return el(
        'td',
        { class: 'source' },
        isLocation(cell)
          ? sourceButton(host, cell)
          : el('span', { class: 'quiet' }, String(cell ?? '')),
      );
    case 'name': {
      const color = row.colors?.[at] ?? 0;
      return el(
        'td',
        { class: 'name' },
        at === 0 ? mark(column, row) : null,
        color > 0 ? el('span', { class: `swatch actor-${color}`, 'aria-hidden': 'true' }) : null,
        el('span', { class: 'code' }, cellText(column, cell)),
      );
    }
    default:
      return el(
        'td',
        { class: NUMBERS.has(column.kind) ? 'number' : 'text' },
        cellText(column, cell),
      );
  }
}

/** Trouble first; locks have their sign, so that names stand below each other. */
function mark(column: TableColumn, row: TableRow): Element | null {
  if (row.trouble) return icon(row.trouble, row.trouble);
  return column.title === 'Lock' ? icon('lock', 'quiet') : null;
}

function barCell(value: number, most: number): HTMLElement {
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${Math.max(value > 0 ? 1 : 0, (value / most) * 58)}%`;
  return el(
    'td',
    { class: 'bar-cell' },
    el('span', { class: 'bar-line' }, bar, el('span', {}, value > 0 ? formatDuration(value) : '–')),
  );
}

export function cellText(column: TableColumn, cell: Cell): string {
  if (cell === null) return '';
  if (isLocation(cell)) return sourceName(cell);
  if (typeof cell === 'string') return cell;
  switch (column.kind) {
    case 'duration':
      return cell === 0 ? '–' : formatDuration(cell);
    case 'bar':
      return formatDuration(cell);
    case 'share':
      return formatShare(cell);
    case 'time':
      return formatMoment(cell, 1e6);
    case 'count':
      return formatCount(cell);
    default:
      return String(cell);
  }
}

function isLocation(cell: Cell): cell is Location {
  return typeof cell === 'object' && cell !== null;
}
