/** The tables below the lanes: one function per tab, each for exactly the window asked for. */
import { assertNever } from '../../base/assert.ts';
import type { Cell, Sort, TableColumn, TableData, TableId, TableRow } from '../../wire/panel.ts';
import type { LaneBook } from './laneBook.ts';
import { isOfLibrary } from './lockLanes.ts';
import type { Window } from './measure.ts';
import { awaitsTable, tasksTable, threadsTable } from './tables/actors.ts';
import { eventsTable, slicesTable } from './tables/events.ts';
import { graphTable, locksTable } from './tables/locks.ts';
import { gilTable, loopsTable, poolsTable, queuesTable } from './tables/objects.ts';

/** Rows that are sent; more are only counted. */
const MOST_ROWS = 300;

/** A table before sorting, filtering and cutting. */
export interface RawTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly sort: Sort;
  readonly note: string;
  readonly histogram?: TableData['histogram'];
  /** Rows stay in this order, whatever is asked. */
  readonly fixed?: boolean;
  readonly total?: number;
}

export interface TableWish {
  readonly tab: TableId;
  readonly window: Window;
  readonly sort: Sort | null;
  readonly search: string;
  readonly library: boolean;
  readonly lane: number;
}

export function makeTable(book: LaneBook, wish: TableWish): TableData {
  const raw = rawTable(book, wish);
  const known = raw.columns.some((column) => column.id === wish.sort?.column);
  const sort = known && wish.sort !== null ? wish.sort : raw.sort;
  const wanted = wish.search.trim().toLowerCase();
  const found =
    wanted === ''
      ? [...raw.rows]
      : raw.rows.filter((row) => row.cells.some((cell) => textOf(cell).includes(wanted)));
  if (!raw.fixed || known) sortRows(found, raw.columns, sort);
  return {
    tab: wish.tab,
    columns: raw.columns,
    rows: found.slice(0, MOST_ROWS),
    total: Math.max(found.length, wanted === '' ? (raw.total ?? 0) : 0),
    sort,
    note:
      found.length === 0 && raw.rows.length > 0
        ? `Nothing here matches “${wish.search}”.`
        : raw.note,
    counts: {
      locks: countOf(book, wish.library),
      tasks: count(book, 'task'),
      threads: count(book, 'thread'),
      pools: book.pools.size,
      queues: book.queues.size,
      loops: book.loops.size,
    },
    ...(raw.histogram ? { histogram: raw.histogram } : {}),
  };
}

function rawTable(book: LaneBook, wish: TableWish): RawTable {
  const { tab, window } = wish;
  switch (tab) {
    case 'locks':
      return locksTable(book, window, wish.library);
    case 'tasks':
      return tasksTable(book, window);
    case 'threads':
      return threadsTable(book, window);
    case 'pools':
      return poolsTable(book, window);
    case 'queues':
      return queuesTable(book, window);
    case 'loops':
      return loopsTable(book, window);
    case 'gil':
      return gilTable(book, window);
    case 'graph':
      return graphTable(book, window);
    case 'awaits':
      return awaitsTable(book, window);
    case 'slices':
      return slicesTable(book, window, wish.lane);
    case 'events':
      return eventsTable(book, window, MOST_ROWS);
    default:
      return assertNever(tab);
  }
}

function sortRows(rows: TableRow[], columns: readonly TableColumn[], sort: Sort): void {
  const at = columns.findIndex((column) => column.id === sort.column);
  if (at < 0) return;
  const sign = sort.descending ? -1 : 1;
  rows.sort((one, other) => sign * compare(one.cells[at] ?? null, other.cells[at] ?? null));
}

/** Nothing sorts below everything. */
function compare(one: Cell, other: Cell): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return textOf(one).localeCompare(textOf(other), 'en', { numeric: true });
}

function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'object') return `${cell.file}:${cell.line}`.toLowerCase();
  return String(cell).toLowerCase();
}

function count(book: LaneBook, kind: 'task' | 'thread'): number {
  let sum = 0;
  for (const actor of book.actors.keys()) if (actor.kind === kind) sum++;
  return sum;
}

function countOf(book: LaneBook, library: boolean): number {
  let sum = 0;
  for (const objects of [book.locks, book.permits])
    for (const object of objects.keys()) if (library || !isOfLibrary(book, object)) sum++;
  return sum;
}
