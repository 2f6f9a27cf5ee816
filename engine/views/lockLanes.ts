/** The lanes of locks, semaphores and queues of one process, those that were waited for most first. */
import type { Lane, LaneId } from '../../wire/panel.ts';
import { isLibrary, userSite } from '../frames.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject } from '../names.ts';
import type { LaneBook } from './laneBook.ts';
import { lane, place } from './laneDraft.ts';
import type { WaiterLane } from './waiterLane.ts';

const MOST_LOCKS = 1000;
/** Lanes of waiters: of so many locks, those waited for most, so many each. */
const LOCKS_WITH_WAITERS = 40;
const MOST_WAITERS = 16;

export function lockLanes(book: LaneBook, stream: Stream, processes: number): Lane[] {
  const id = book.laneBeside('locks', stream);
  const of = <V>(map: ReadonlyMap<TracedObject, V>): TracedObject[] =>
    [...map.keys()].filter((object) => object.stream === stream);
  const locks = of(book.locks).sort(
    (one, other) => waitOf(other) - waitOf(one) || one.index - other.index,
  );
  const semaphores = of(book.permits);
  const queues = of(book.queues);
  if (locks.length + semaphores.length + queues.length === 0) return [];
  return [
    lane({
      id,
      parent: 0,
      kind: 'locks',
      content: 'none',
      name: queues.length > 0 && locks.length + semaphores.length === 0 ? 'Queues' : 'Locks',
      note: processes > 1 ? `worst wait first · pid ${stream.pid}` : 'worst wait first',
      pid: stream.pid,
      library: [...locks, ...semaphores, ...queues].every((object) => isOfLibrary(book, object)),
    }),
    ...locks
      .slice(0, MOST_LOCKS)
      .flatMap((object, index) => [
        lockLane(book, object, id),
        ...(index < LOCKS_WITH_WAITERS ? waiterLanes(book, object) : []),
      ]),
    ...semaphores.map((object) => stepLane(book, object, id, 'semaphore')),
    ...queues.map((object) => stepLane(book, object, id, 'queue')),
  ];
}

function waitOf(object: TracedObject): number {
  const open = object.waiting?.size ?? 0;
  return (object.lock?.waitNs ?? 0) + open * 1e9;
}

function lockLane(book: LaneBook, object: TracedObject, parent: LaneId): Lane {
  const waiting = book.locks.get(object)?.waiters ?? 0;
  return lane({
    id: book.laneOfObject(object),
    parent,
    kind: 'lock',
    content: 'lock',
    name: nameObject(book.trace, object, book.trace.sourceLine),
    collapsed: true,
    note:
      object.type === 'Lock' && object.library === 'threading'
        ? ''
        : `${object.type}${object.library === 'threading' ? '' : ` · ${object.library}`}`,
    pid: object.stream.pid,
    from: object.stream.startNs,
    library: isOfLibrary(book, object),
    ...place(book, object.stack, 'made here'),
    ...(waiting > 0 ? { badge: { text: `${waiting} waiting`, severity: 'error' as const } } : {}),
  });
}

/** Who waited for it, who waited most first. */
function waiterLanes(book: LaneBook, object: TracedObject): Lane[] {
  const now = book.trace.endNs;
  const weight = ({ since, waitNs }: WaiterLane): number =>
    waitNs + (since < 0 ? 0 : Math.max(0, now - since));
  return [...(book.waiters.get(object)?.values() ?? [])]
    .sort((one, other) => weight(other) - weight(one) || one.actor.index - other.actor.index)
    .slice(0, MOST_WAITERS)
    .map((waiter) =>
      lane({
        id: book.laneOfWaiter(object, waiter),
        parent: book.laneOfObject(object),
        kind: 'waiter',
        content: 'slices',
        name: nameActor(book.trace, waiter.actor),
        note: waiter.since < 0 ? '' : 'waits now',
        pid: object.stream.pid,
        color: book.color(waiter.actor),
        library: isOfLibrary(book, object),
        from: Math.max(waiter.actor.startNs, waiter.actor.stream.startNs),
        to: waiter.actor.endNs ?? null,
      }),
    );
}

function stepLane(
  book: LaneBook,
  object: TracedObject,
  parent: LaneId,
  kind: 'semaphore' | 'queue',
): Lane {
  const points = kind === 'queue' ? book.queues.get(object) : book.permits.get(object);
  const most = object.capacity ?? 0;
  const now = points?.last(0) ?? 0;
  return lane({
    id: book.laneOfObject(object),
    parent,
    kind,
    content: 'steps',
    name: nameObject(book.trace, object, book.trace.sourceLine),
    note: noteOf(book, object, kind, now),
    pid: object.stream.pid,
    from: object.stream.startNs,
    library: isOfLibrary(book, object),
    series: [{ name: kind === 'queue' ? 'Items' : 'Permits taken', unit: 'count' }],
    ...(most > 0 ? { limit: most } : {}),
    ...place(book, object.stack, 'made here'),
  });
}

function noteOf(book: LaneBook, object: TracedObject, kind: string, now: number): string {
  const most = object.capacity ?? 0;
  if (kind === 'semaphore' && !book.permitsTold.has(object) && now === 0)
    return most > 0 ? `${object.type} of ${most}` : object.type;
  return most > 0 ? `${object.type}, ${now} of ${most}` : `${object.type}, ${now}`;
}

export function isOfLibrary(book: LaneBook, object: TracedObject): boolean {
  if (object.internal || object.partOf !== undefined) return true;
  const site = userSite(book.trace, object.stack);
  return site !== undefined && isLibrary(site.file);
}
