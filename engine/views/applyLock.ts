/** Acquires, releases, holds and permits: what locks and semaphores show. */
import { KIND } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import { isMutex, type TracedObject } from '../ingest/object.ts';
import type { LaneBook } from './laneBook.ts';

export function applyLock(
  book: LaneBook,
  kind: number,
  actor: Actor | undefined,
  object: TracedObject | undefined,
  at: number,
  stack: number,
  holdUs: number,
): void {
  if (actor === undefined || object === undefined) return;
  if (!isMutex(object)) {
    if (kind === KIND.hold) noteHold(book, actor, object, at - holdUs * 1e3, at, stack);
    else countPermit(book, kind, object, at);
    return;
  }
  const lane = book.lock(object);
  switch (kind) {
    case KIND.acquire: {
      const holds = holdsOf(book, object);
      // Said late of one that is over, or a second time.
      if (holds.get(actor)?.from === at || at < lane.freedBy(book.labels.actor(actor))) return;
      leave(book, object, actor, at);
      book.leftHolds.get(object)?.delete(actor);
      holds.set(actor, { from: at, stack });
      lane.acquire(at, book.labels.actor(actor), book.color(actor));
      return;
    }
    case KIND.release: {
      const holds = holdsOf(book, object);
      const held = holds.get(actor);
      holds.delete(actor);
      // Where threads run at once it may be told after the next one's acquire.
      if (book.leftHolds.get(object)?.delete(actor)) return;
      lane.release(at);
      if (held !== undefined) noteHold(book, actor, object, held.from, at, held.stack);
      return;
    }
    default: {
      const from = at - holdUs * 1e3;
      holdsOf(book, object).delete(actor);
      lane.hold(from, at, book.labels.actor(actor), book.color(actor));
      noteHold(book, actor, object, from, at, stack);
    }
  }
}

/** Whoever else had a lock before somebody got it has given it back, unseen. */
export function leave(book: LaneBook, object: TracedObject, actor: Actor, at: number): void {
  const holds = book.openHolds.get(object);
  if (holds === undefined) return;
  const left = book.leftHolds.get(object) ?? new Set();
  book.leftHolds.set(object, left);
  for (const [other, held] of holds)
    if (other !== actor && held.from < at) {
      holds.delete(other);
      left.add(other);
      noteHold(book, other, object, held.from, at, held.stack);
    }
}

function holdsOf(
  book: LaneBook,
  object: TracedObject,
): Map<Actor, { readonly from: number; readonly stack: number }> {
  let holds = book.openHolds.get(object);
  if (holds === undefined) {
    holds = new Map();
    book.openHolds.set(object, holds);
  }
  return holds;
}

function noteHold(
  book: LaneBook,
  actor: Actor,
  object: TracedObject,
  from: number,
  to: number,
  stack: number,
): void {
  const { holds } = book.history;
  holds.actor.push(actor.index);
  holds.object.push(object.index);
  holds.from.push(from);
  holds.to.push(to);
  holds.stack.push(stack);
}

/** Permits in use, counted up and down as they are taken and given back. */
function countPermit(book: LaneBook, kind: number, object: TracedObject, at: number): void {
  if (!object.type.endsWith('Semaphore') && object.type !== 'Limiter') return;
  const points = book.permit(object);
  book.permitsTold.add(object);
  if (kind === KIND.acquire) points.push(at, points.last(0) + 1);
  else if (kind === KIND.release) points.push(at, Math.max(0, points.last(0) - 1));
}

/** `value` is what is left of the permits. */
export function applyPermits(
  book: LaneBook,
  object: TracedObject | undefined,
  at: number,
  value: number,
): void {
  if (object === undefined || !object.type.endsWith('Semaphore')) return;
  book.permitsTold.add(object);
  book.permit(object).push(at, Math.max(0, (object.capacity ?? value) - value));
}

/** Of a semaphore whose permits are not told one by one so much is sure: as long as somebody waits for it, all are taken. */
export function permitWait(book: LaneBook, object: TracedObject, at: number, change: 1 | -1): void {
  const most = object.capacity ?? 0;
  if (!object.type.endsWith('Semaphore') || most === 0 || book.permitsTold.has(object)) return;
  const waiting = Math.max(0, (book.permitWaits.get(object) ?? 0) + change);
  book.permitWaits.set(object, waiting);
  if (waiting === 0 || change === 1) book.permit(object).push(at, waiting > 0 ? most : 0);
}
