/** Threads and tasks: their time by state in the window, and the tree of who awaits whom. */
import { SLICE_STATES, STATE, type TableRow } from '../../../wire/panel.ts';
import type { Actor } from '../../ingest/actor.ts';
import { nameActor } from '../../names.ts';
import { isNodeRun } from '../../runtime.ts';
import type { LaneBook } from '../laneBook.ts';
import { overlap, type Window } from '../measure.ts';
import type { RawTable } from '../tables.ts';
import { isStuck } from './locks.ts';
import { column, row, source } from './rows.ts';

const times = new Float64Array(SLICE_STATES.length);

function timesOf(book: LaneBook, actor: Actor, window: Window): Float64Array {
  times.fill(0);
  book.actors.get(actor)?.slices.spans.addTime(window.from, window.to, times);
  return times;
}

export function threadsTable(book: LaneBook, window: Window): RawTable {
  const rows: TableRow[] = [];
  const node = isNodeRun(book.trace);
  for (const actor of book.actors.keys()) {
    if (actor.kind !== 'thread') continue;
    const life = overlap(actor.startNs, actor.endNs ?? book.trace.durationNs, window);
    if (life <= 0) continue;
    const spent = timesOf(book, actor, window);
    rows.push(
      row(
        book.laneOfActor(actor),
        Math.max(window.from, actor.startNs),
        [
          actor.name || nameActor(book.trace, actor),
          actor.stream.pid,
          stateOf(book, actor),
          spent[STATE.lock]! + spent[STATE.deadlocked]!,
          spent[STATE.running]! + spent[STATE.blocksLoop]!,
          ...(node ? [] : [spent[STATE.gil]!]),
          spent[STATE.io]!,
          spent[STATE.waiting]!,
          life,
          source(book, actor.createStack),
        ],
        { trouble: isStuck(book, actor.index) ? 'error' : '', colors: [book.color(actor)] },
      ),
    );
  }
  return {
    columns: [
      column('name', 'Thread', 'name'),
      column('pid', 'Process', 'text'),
      column('state', 'Now', 'text'),
      column('lock', 'Waits for locks', 'bar'),
      column('running', 'Running', 'duration'),
      ...(node ? [] : [column('gil', 'Waits for GIL', 'duration')]),
      column('io', 'In I/O', 'duration'),
      column('waiting', 'Waits for others', 'duration'),
      column('life', 'In view', 'duration'),
      column('made', 'Started at', 'source'),
    ],
    rows,
    sort: { column: 'lock', descending: true },
    note: rows.length > 0 ? '' : 'No thread lived in this range.',
  };
}

export function tasksTable(book: LaneBook, window: Window): RawTable {
  const rows: TableRow[] = [];
  const longest = longestSteps(book, window);
  for (const actor of book.actors.keys()) {
    if (actor.kind !== 'task') continue;
    const life = overlap(actor.startNs, actor.endNs ?? book.trace.durationNs, window);
    if (life <= 0) continue;
    const spent = timesOf(book, actor, window);
    const step = longest.get(actor.index) ?? 0;
    rows.push(
      row(
        book.laneOfActor(actor),
        Math.max(window.from, actor.startNs),
        [
          actor.name || nameActor(book.trace, actor),
          book.trace.strings.get(actor.target),
          stateOf(book, actor),
          step || null,
          spent[STATE.lock]! + spent[STATE.deadlocked]!,
          spent[STATE.running]! + spent[STATE.blocksLoop]!,
          life,
          source(book, actor.createStack),
        ],
        { trouble: isStuck(book, actor.index) ? 'error' : step >= 100e6 ? 'warning' : '' },
      ),
    );
  }
  return {
    columns: [
      column('name', 'Task', 'name'),
      column('target', 'Coroutine', 'text'),
      column('state', 'Now', 'text'),
      column('step', 'Longest step', 'bar'),
      column('lock', 'Waits for locks', 'duration'),
      column('running', 'Running', 'duration'),
      column('life', 'In view', 'duration'),
      column('made', 'Created at', 'source'),
    ],
    rows,
    sort: { column: 'step', descending: true },
    note: rows.length > 0 ? '' : 'No task lived in this range.',
  };
}

/** Tasks under the tasks that created them, with what each awaits. */
export function awaitsTable(book: LaneBook, window: Window): RawTable {
  const children = new Map<Actor | undefined, Actor[]>();
  for (const actor of book.actors.keys()) {
    if (
      actor.kind !== 'task' ||
      overlap(actor.startNs, actor.endNs ?? book.trace.durationNs, window) <= 0
    )
      continue;
    const parent = actor.creator?.kind === 'task' ? actor.creator : undefined;
    const siblings = children.get(parent);
    if (siblings) siblings.push(actor);
    else children.set(parent, [actor]);
  }
  const rows: TableRow[] = [];
  const open: { readonly task: Actor; readonly depth: number }[] = (children.get(undefined) ?? [])
    .map((task) => ({ task, depth: 0 }))
    .reverse();
  for (let next = open.pop(); next !== undefined && rows.length < 2000; next = open.pop()) {
    const { task, depth } = next;
    const wait = book.openWaits.get(task);
    rows.push(
      row(
        book.laneOfActor(task),
        Math.max(window.from, task.startNs),
        [
          nameActor(book.trace, task),
          stateOf(book, task),
          wait === undefined ? null : (book.labels.texts[book.labelOf(wait)] ?? null),
          wait === undefined ? null : book.trace.durationNs - wait.from,
          source(book, wait?.stack || task.suspendedStack || task.createStack),
        ],
        { depth, trouble: isStuck(book, task.index) ? 'error' : '' },
      ),
    );
    for (const child of [...(children.get(task) ?? [])].reverse())
      open.push({ task: child, depth: depth + 1 });
  }
  return {
    columns: [
      column('name', 'Task', 'name'),
      column('state', 'Now', 'text'),
      column('awaits', 'Awaits', 'text'),
      column('since', 'Since', 'duration'),
      column('line', 'At', 'source'),
    ],
    rows,
    sort: { column: '', descending: false },
    fixed: true,
    note: rows.length > 0 ? '' : 'No task lived in this range.',
  };
}

function stateOf(book: LaneBook, actor: Actor): string {
  if (actor.endNs !== undefined) return 'ended';
  const wait = book.openWaits.get(actor);
  if (wait !== undefined) return book.labels.texts[book.labelOf(wait)] ?? 'waits';
  if (actor.stream.alive) return 'alive';
  // With its goodbye a process says that its main thread has come to its end.
  return actor.main && actor.stream.closedNs !== undefined ? 'ended' : 'not ended';
}

function longestSteps(book: LaneBook, window: Window): ReadonlyMap<number, number> {
  const { steps } = book.history;
  const found = new Map<number, number>();
  for (let index = 0; index < steps.from.length; index++) {
    const ns = overlap(steps.from.get(index), steps.to.get(index), window);
    const actor = steps.actor.get(index);
    if (ns > (found.get(actor) ?? 0)) found.set(actor, ns);
  }
  return found;
}
