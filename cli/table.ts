/** A table of text that fits the terminal: the widest texts give way, empty columns are left out. */
import { formatCount, printable } from '../base/format.ts';
import { cut, cutInside, type Look } from './terminal.ts';

export interface Column<T> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: T) => string;
  /** It is cut before the others are: a place is known by its end. */
  readonly yields?: boolean;
}

const MOST_ROWS = 12;
const WIDEST_CELL = 34;
const NARROWEST_CELL = 12;
/** Some of its name, and the line. */
const NARROWEST_PLACE = 18;

/** A table as texts: what is shown of it, and how many rows are not. */
export interface TextTable {
  readonly title: string;
  readonly columns: readonly {
    readonly title: string;
    readonly align: 'left' | 'right';
    readonly yields?: boolean;
  }[];
  readonly rows: readonly (readonly string[])[];
  readonly more: number;
}

/** Undefined when nothing is left but names. */
export function textTable<T>(
  title: string,
  rows: readonly T[],
  columns: readonly Column<T>[],
  mostRows = MOST_ROWS,
): TextTable | undefined {
  const shown = rows.slice(0, mostRows);
  const cells = shown.map((row) => columns.map((column) => printable(column.cell(row))));
  const used = columns.map((_, index) => cells.some((row) => row[index] !== ''));
  // Names alone tell nothing.
  if (used.filter(Boolean).length < 2) return undefined;
  return {
    title,
    columns: columns.filter((_, index) => used[index]),
    rows: cells.map((row) => row.filter((_, index) => used[index])),
    more: rows.length - shown.length,
  };
}

export function drawn(table: TextTable, look: Look): string {
  const { title, columns, rows, more } = table;
  const cells = rows.map((row) => row.map((text) => cut(text, WIDEST_CELL)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  // Where there is no room even for short names there is none for places.
  if (!shrink(columns, widths, look.columns) && columns.some((column) => column.yields))
    return drawn(withoutPlaces(table), look);
  const line = (texts: readonly string[]): string => {
    const parts = texts.map((text, index) => {
      const width = widths[index] ?? 0;
      const fit = cutInside(text, width);
      return columns[index]?.align === 'right' ? fit.padStart(width) : fit.padEnd(width);
    });
    return cut(`  ${parts.join('  ')}`.trimEnd(), look.columns);
  };
  return [
    look.paint('strong', title),
    look.paint('dim', line(columns.map((column) => column.title))),
    ...cells.map(line),
    ...(more > 0 ? [`  … and ${formatCount(more)} more`] : []),
  ].join('\n');
}

export function left<T>(title: string, cell: (row: T) => string): Column<T> {
  return { title, align: 'left', cell };
}

/** `orders.py:41`, which gives way to names. */
export function placed<T>(title: string, cell: (row: T) => string): Column<T> {
  return { title, align: 'left', cell, yields: true };
}

export function right<T>(title: string, cell: (row: T) => string): Column<T> {
  return { title, align: 'right', cell };
}

function withoutPlaces({ title, columns, rows, more }: TextTable): TextTable {
  const stays = columns.map((column) => column.yields !== true);
  return {
    title,
    columns: columns.filter((_, index) => stays[index]),
    rows: rows.map((row) => row.filter((_, index) => stays[index])),
    more,
  };
}

/**
 * Takes from places, then from the widest texts, what the line has too much: numbers stay whole.
 * @returns false where that is not enough
 */
function shrink(columns: TextTable['columns'], widths: number[], most: number): boolean {
  const over = () => widths.reduce((sum, width) => sum + width + 2, 0) - most;
  const widest = (yields: boolean, narrowest: number): number => {
    let found = -1;
    columns.forEach((column, index) => {
      if (column.align !== 'left' || (yields && !column.yields)) return;
      const floor = Math.max(narrowest, column.title.length);
      if (widths[index]! > floor && widths[index]! > (widths[found] ?? 0)) found = index;
    });
    return found;
  };
  while (over() > 0) {
    const place = widest(true, NARROWEST_PLACE);
    const index = place >= 0 ? place : widest(false, NARROWEST_CELL);
    if (index < 0) return false;
    widths[index]!--;
  }
  return true;
}
