/** Locks by what they cost in the window, and who waits for whom at its end. */
import type { TableRow } from '../../../wire/panel.ts';
import { WAIT_RESULT } from '../../../wire/recording.ts';
import { nameActor, nameObject } from '../../names.ts';
import type { LaneBook, LockCounts } from '../laneBook.ts';
import { isOfLibrary } from '../lockLanes.ts';
import { isLockWait, overlap, quantile, type Window, waitsIn } from '../measure.ts';
import type { RawTable } from '../tables.ts';
import { column, distribution, row, source } from './rows.ts';

interface Sum {
  waits: number[];
  wait: number;
  holds: number;
  hold: number;
  readonly heldBy: Map<number, number>;
  readonly waitsBy: Map<number, number>;
  longestAt: number;
  longest: number;
  open: number;
  /** Waits that ended with the lock. */
  got: number;
}

export function locksTable(book: LaneBook, window: Window, library: boolean): RawTable {
  const sums = new Map<number, Sum>();
  const of = (object: number): Sum => {
    let sum = sums.get(object);
    if (sum === undefined) {
      sum = {
        waits: [],
        wait: 0,
        holds: 0,
        hold: 0,
        heldBy: new Map(),
        waitsBy: new Map(),
        longestAt: 0,
        longest: 0,
        open: 0,
        got: 0,
      };
      sums.set(object, sum);
    }
    return sum;
  };
  for (const wait of waitsIn(book, window)) {
    if (!isLockWait(wait) || wait.object === 0) continue;
    const sum = of(wait.object);
    const ns = overlap(wait.from, wait.to, window);
    sum.waits.push(ns);
    sum.wait += ns;
    if (wait.open) sum.open++;
    if (wait.result === WAIT_RESULT.done && wait.to <= window.to) sum.got++;
    if (ns > sum.longest) {
      sum.longest = ns;
      sum.longestAt = Math.max(wait.from, window.from) + ns / 2;
    }
    bump(sum.waitsBy, wait.actor, ns);
  }
  const { holds } = book.history;
  for (let index = 0; index < holds.actor.length; index++) {
    const ns = overlap(holds.from.get(index), holds.to.get(index), window);
    if (ns <= 0) continue;
    const sum = of(holds.object.get(index));
    sum.holds++;
    sum.hold += ns;
    bump(sum.heldBy, holds.actor.get(index), ns);
  }
  for (const [object, owners] of book.openHolds)
    for (const [actor, held] of owners) {
      const ns = overlap(held.from, book.trace.durationNs, window);
      if (ns <= 0) continue;
      const sum = of(object.index);
      sum.holds++;
      sum.hold += ns;
      bump(sum.heldBy, actor.index, ns);
    }
  for (const object of book.lockCounts.keys()) of(object.index);
  const rows: TableRow[] = [];
  const all: number[] = [];
  for (const [index, sum] of sums) {
    const object = book.trace.object(index);
    if (object === undefined || (!library && isOfLibrary(book, object))) continue;
    const counted = countedIn(book.lockCounts.get(object), window);
    const known = Math.max(counted.acquires, sum.holds);
    const acquired = known > 0 ? Math.max(known, sum.got) : 0;
    if (acquired === 0 && sum.waits.length === 0) continue;
    const contended = Math.max(counted.contended, sum.waits.length);
    const owner = most(sum.heldBy);
    const waiter = most(sum.waitsBy);
    all.push(...sum.waits);
    rows.push(
      row(
        book.laneOfObject(object),
        sum.longestAt || window.from,
        [
          nameObject(book.trace, object, book.trace.sourceLine),
          source(book, object.stack) ?? 'not seen',
          acquired || null,
          acquired > 0 ? Math.min(1, contended / Math.max(acquired, contended)) : null,
          sum.wait,
          sum.longest || null,
          sum.waits.length > 0 ? quantile(sum.waits, 0.95) : null,
          sum.hold || null,
          nameOf(book, owner),
          nameOf(book, waiter),
        ],
        {
          trouble: isDeadlocked(book, index) ? 'error' : '',
          colors: [0, 0, 0, 0, 0, 0, 0, 0, colorOf(book, owner), colorOf(book, waiter)],
        },
      ),
    );
  }
  const histogram = distribution('Waits for locks in view', all);
  return {
    columns: [
      column('name', 'Lock', 'name'),
      column('made', 'Created at', 'source'),
      column('acquired', 'Acquired', 'count'),
      column('contended', 'Contended', 'share'),
      column('wait', 'Total wait', 'bar'),
      column('longest', 'Longest wait', 'duration'),
      column('p95', 'p95 wait', 'duration'),
      column('hold', 'Held', 'duration'),
      column('owner', 'Held most by', 'name'),
      column('waiter', 'Waits most', 'name'),
    ],
    rows,
    sort: { column: 'wait', descending: true },
    note: rows.length > 0 ? '' : 'No lock of the program was taken or waited for in this range.',
    ...(histogram ? { histogram } : {}),
  };
}

export function graphTable(book: LaneBook, window: Window): RawTable {
  const rows: TableRow[] = [];
  for (const wait of waitsIn(book, window)) {
    if (wait.to < window.to && !wait.open) continue;
    const actor = book.trace.actor(wait.actor);
    if (actor === undefined || actor.ended) continue;
    const object = book.trace.object(wait.object);
    const owner = book.trace.actor(wait.owner);
    rows.push(
      row(
        book.laneOfActor(actor),
        Math.min(wait.to, window.to) - 1,
        [
          nameActor(book.trace, actor),
          object === undefined || object.type === 'Future'
            ? (book.labels.texts[book.labelOf(wait)] ?? '')
            : nameObject(book.trace, object, book.trace.sourceLine),
          nameOf(book, wait.owner) || null,
          Math.min(wait.to, window.to) - wait.from,
          source(book, wait.stack),
          owner === undefined ? null : source(book, wait.ownerStack),
        ],
        {
          trouble: isStuck(book, wait.actor) ? 'error' : '',
          colors: [book.color(actor), 0, colorOf(book, wait.owner)],
        },
      ),
    );
  }
  return {
    columns: [
      column('waiter', 'Waits', 'name'),
      column('object', 'For', 'name'),
      column('owner', 'Held by', 'name'),
      column('since', 'Since', 'duration'),
      column('line', 'Waits at', 'source'),
      column('taken', 'Taken at', 'source'),
    ],
    rows,
    sort: { column: 'since', descending: true },
    note:
      rows.length > 0
        ? 'Who waits for whom at the end of the visible range.'
        : 'Nobody waits at the end of the visible range.',
  };
}

function countedIn(
  counts: LockCounts | undefined,
  window: Window,
): { acquires: number; contended: number } {
  if (counts === undefined) return { acquires: 0, contended: 0 };
  let before = -1;
  let last = -1;
  for (let index = 0; index < counts.at.length && counts.at.get(index) <= window.to; index++) {
    if (counts.at.get(index) < window.from) before = index;
    last = index;
  }
  if (last < 0 || last === before) return { acquires: 0, contended: 0 };
  const from = (values: LockCounts['acquires']): number =>
    (values.get(last) - (before < 0 ? 0 : values.get(before))) >>> 0;
  return { acquires: from(counts.acquires), contended: from(counts.contended) };
}

function bump(sums: Map<number, number>, key: number, ns: number): void {
  sums.set(key, (sums.get(key) ?? 0) + ns);
}

function most(sums: ReadonlyMap<number, number>): number {
  let best = 0;
  let bestNs = -1;
  for (const [key, ns] of sums) {
    if (ns <= bestNs) continue;
    best = key;
    bestNs = ns;
  }
  return best;
}

function nameOf(book: LaneBook, index: number): string {
  const actor = book.trace.actor(index);
  return actor === undefined ? '' : nameActor(book.trace, actor);
}

function colorOf(book: LaneBook, index: number): number {
  const actor = book.trace.actor(index);
  return actor === undefined ? 0 : book.color(actor);
}

function isDeadlocked(book: LaneBook, object: number): boolean {
  for (const wait of book.trace.object(object)?.waiting ?? [])
    if (isStuck(book, wait.actor.index)) return true;
  return false;
}

/** Of a circle that was found and still stands. */
export function isStuck(book: LaneBook, index: number): boolean {
  const actor = book.trace.actor(index);
  if (actor === undefined || !book.openWaits.has(actor)) return false;
  for (const found of book.trace.watch.found.values())
    if (
      found.evidence.edges?.some(
        (edge) =>
          edge.waiterActor.id === actor.id &&
          edge.waiterActor.stream === actor.stream.name &&
          edge.waiterActor.kind === actor.kind,
      )
    )
      return true;
  return false;
}
