/** The slices of one lane, and the records themselves, as tables. */
import { SLICE_STATES, type TableRow } from '../../../wire/panel.ts';
import { KIND } from '../../../wire/recording.ts';
import { nameActor, nameObject } from '../../names.ts';
import type { LaneBook } from '../laneBook.ts';
import { buildLanes } from '../lanes.ts';
import type { Window } from '../measure.ts';
import { seriesOf } from '../series.ts';
import type { RawTable } from '../tables.ts';
import { column, row, source } from './rows.ts';

const MOST_SLICES = 5000;

const STATE_WORDS: Record<(typeof SLICE_STATES)[number], string> = {
  idle: 'idle',
  io: 'in I/O',
  waiting: 'waits for others',
  running: 'running',
  gil: 'waits for GIL',
  lock: 'waits for lock',
  blocksLoop: 'blocks loop',
  deadlocked: 'waits for ever',
  unknown: 'unknown',
  held: 'held',
  heldContended: 'held, others wait',
};

/** Rows of a series: about as many as the chart has pixels to show them. */
const MOST_POINTS = 300;
const UNIT_KIND = { ns: 'duration', count: 'count', share: 'share' } as const;

/** What a chart or a count draws, point by point. */
function pointsTable(book: LaneBook, window: Window, lane: number): RawTable | undefined {
  const wish = { ...window, pixels: MOST_POINTS };
  const series = seriesOf(book, lane, wish, book.trace.durationNs);
  const infos = series && buildLanes(book).find((one) => one.id === lane)?.series;
  if (!infos) return undefined;
  const rows: TableRow[] = [];
  series.x.forEach((at, index) => {
    if (at < window.from || at > window.to) return;
    const values = series.y.map((column) => (Number.isNaN(column[index]) ? null : column[index]!));
    rows.push(row(lane, at, [at, ...values]));
  });
  return {
    columns: [
      column('at', 'At', 'time'),
      ...infos.map(({ name, unit }, index) => column(`value${index}`, name, UNIT_KIND[unit])),
    ],
    rows,
    sort: { column: 'at', descending: false },
    note: rows.length === 0 ? 'Nothing was measured in this range.' : '',
  };
}

export function slicesTable(book: LaneBook, window: Window, lane: number): RawTable {
  const spans = book.spansOf(lane);
  const points = spans === undefined ? pointsTable(book, window, lane) : undefined;
  if (points !== undefined) return points;
  const rows: TableRow[] = [];
  let total = 0;
  if (spans !== undefined) {
    const first = spans.firstEndingAfter(window.from);
    const last = spans.firstStartingFrom(window.to, first);
    total = last - first;
    for (let index = first; index < Math.min(last, first + MOST_SLICES); index++) {
      const state = STATE_WORDS[SLICE_STATES[spans.state[index]!]!];
      const { start, end } = { start: spans.start[index]!, end: spans.end[index]! };
      rows.push(
        row(lane, (start + end) / 2, [
          start,
          state,
          book.labels.texts[spans.label[index]!] ?? '',
          end - start,
        ]),
      );
    }
  }
  return {
    columns: [
      column('start', 'From', 'time'),
      column('state', 'State', 'text'),
      column('what', 'What', 'text'),
      column('length', 'Length', 'bar'),
    ],
    rows,
    total,
    sort: { column: 'start', descending: false },
    note:
      spans === undefined
        ? 'Choose a lane to list its slices.'
        : rows.length === 0
          ? 'Idle in the whole visible range.'
          : '',
  };
}

const KIND_NAMES = new Map<number, string>(
  Object.entries(KIND).map(([name, kind]) => [
    kind,
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
  ]),
);
/** Kinds whose `a` is an object and whose `b` is a stack. */
const WITH_OBJECT: ReadonlySet<number> = new Set([
  KIND.waitBegin,
  KIND.waitOwner,
  KIND.waitEnd,
  KIND.acquire,
  KIND.release,
  KIND.hold,
  KIND.nest,
  KIND.loopStep,
  KIND.loopStack,
  KIND.taskSuspend,
  KIND.submit,
]);

export function eventsTable(book: LaneBook, window: Window, most: number): RawTable {
  const { columns } = book.trace;
  const rows: TableRow[] = [];
  let total = 0;
  for (let index = 0; index < columns.length; index++) {
    const at = columns.at(index);
    if (at < window.from || at > window.to) continue;
    total++;
    if (rows.length >= most) continue;
    const kind = columns.kind(index);
    const actor = book.trace.actor(columns.actor(index));
    const about = WITH_OBJECT.has(kind);
    const object = about ? book.trace.object(columns.a(index)) : undefined;
    rows.push(
      row(actor === undefined ? 0 : book.laneOfActor(actor), at, [
        at,
        KIND_NAMES.get(kind) ?? `kind ${kind}`,
        actor === undefined ? '' : nameActor(book.trace, actor),
        object === undefined ? '' : nameObject(book.trace, object, book.trace.sourceLine),
        kind === KIND.sample
          ? source(book, columns.a(index))
          : about
            ? source(book, columns.b(index))
            : null,
      ]),
    );
  }
  return {
    columns: [
      column('at', 'At', 'time'),
      column('kind', 'What', 'text'),
      column('actor', 'Who', 'name'),
      column('object', 'Of', 'name'),
      column('line', 'Line', 'source'),
    ],
    rows,
    total,
    sort: { column: 'at', descending: false },
    note: rows.length > 0 ? '' : 'No record in this range.',
  };
}
