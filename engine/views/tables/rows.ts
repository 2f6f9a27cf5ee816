/** Parts all tables share: columns, rows, histograms. */
import type { Cell, CellKind, TableColumn, TableData, TableRow } from '../../../wire/panel.ts';
import type { Location } from '../../../wire/report.ts';
import { location } from '../../frames.ts';
import type { LaneBook } from '../laneBook.ts';

export function column(id: string, title: string, kind: CellKind): TableColumn {
  return { id, title, kind };
}

export function row(
  lane: number,
  at: number,
  cells: readonly Cell[],
  more: Partial<TableRow> = {},
): TableRow {
  return { lane, at, cells, depth: 0, trouble: '', ...more };
}

export function source(book: LaneBook, stack: number): Location | string | null {
  return location(book.trace, stack, '') ?? null;
}

const BUCKETS = 24;

/** Durations on a logarithmic axis; undefined when there are too few to show a shape. */
export function distribution(title: string, values: readonly number[]): TableData['histogram'] {
  const positive = values.filter((value) => value > 0);
  if (positive.length < 8) return undefined;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of positive) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const low = Math.log10(least);
  const step = Math.max(1e-6, (Math.log10(most * 1.001) - low) / BUCKETS);
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of positive)
    counts[Math.min(BUCKETS - 1, Math.floor((Math.log10(value) - low) / step))]!++;
  const edges = Array.from({ length: BUCKETS + 1 }, (_, index) => 10 ** (low + index * step));
  return { title, edges, counts };
}
