/** Hands one record of the trace to the lanes it shows on. */
import { STATE } from '../../wire/panel.ts';
import { KIND, OWNER, WAIT_RESULT, WAIT_TIMEOUT } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import { isMutex } from '../ingest/object.ts';
import { waitState } from './actorLane.ts';
import { applyLock, applyPermits, leave, permitWait } from './applyLock.ts';
import type { LaneBook } from './laneBook.ts';

export function applyRow(book: LaneBook, row: number): void {
  const { trace } = book;
  const { columns } = trace;
  const kind = columns.kind(row);
  const actor = trace.actor(columns.actor(row));
  const at = columns.at(row);
  const a = columns.a(row);
  const b = columns.b(row);
  const c = columns.c(row);
  const aux = columns.aux(row);
  switch (kind) {
    case KIND.sample:
      if (actor === undefined) return;
      book.actor(actor).sample(trace, book.labels, at, a, b, c, aux);
      book.history.noteSample(actor.index, at, a);
      return;
    case KIND.threadStart:
      if (actor !== undefined) book.actor(actor);
      return;
    case KIND.threadEnd:
      if (actor === undefined) return;
      book.actor(actor).end(at);
      book.shape++;
      return;
    case KIND.waitBegin:
      if (actor !== undefined) beginWait(book, actor, at, aux, a, b, c);
      return;
    case KIND.waitOwner:
      if (actor !== undefined) ownerOf(book, actor, at, aux, a, b, c);
      return;
    case KIND.ownerNow: {
      const wait = actor && book.openWaits.get(actor);
      if (wait) wait.nowStack = b;
      return;
    }
    case KIND.waitEnd:
      if (actor !== undefined) endWait(book, actor, at, aux & 0xff, c);
      return;
    case KIND.gilWait:
      if (actor !== undefined) book.actor(actor).gilWait(at, b * 1e3);
      return;
    case KIND.acquire:
    case KIND.release:
    case KIND.hold:
      applyLock(book, kind, actor, trace.object(a), at, b, c);
      return;
    case KIND.counts: {
      const object = trace.object(a);
      if (object === undefined) return;
      const counts = book.counts(object);
      counts.at.push(at);
      counts.acquires.push(b);
      counts.contended.push(c);
      return;
    }
    case KIND.permits:
      applyPermits(book, trace.object(a), at, b);
      return;
    case KIND.queueDepth: {
      const object = trace.object(a);
      if (object !== undefined) book.queue(object).push(at, b);
      return;
    }
    case KIND.gil: {
      const stream = trace.streams[columns.stream(row)]!;
      const waited = b > 0 && !stream.isAlone(at - b * 1e3) ? c / b : 0;
      book.gilOf(stream).push(at, waited);
      return;
    }
    case KIND.overhead:
      book.costOf(trace.streams[columns.stream(row)]!).push(at, a * 1e3);
      return;
    default:
      if (kind >= KIND.loopLag && kind < KIND.taskCreate) applyLoop(book, kind, actor, at, a, b, c);
      else if (kind >= KIND.taskCreate && kind < KIND.submit)
        applyTask(book, kind, actor, at, a, b);
      else if (kind >= KIND.submit && kind < KIND.queueDepth)
        applyPool(book, kind, actor, at, a, b, c, aux);
  }
}

function beginWait(
  book: LaneBook,
  actor: Actor,
  at: number,
  aux: number,
  object: number,
  stack: number,
  timeoutMs: number,
): void {
  if (book.openWaits.has(actor)) endWait(book, actor, at, WAIT_RESULT.unknown, 0);
  const kind = aux & 0xff;
  const target = book.trace.object(object);
  book.openWaits.set(actor, {
    from: at,
    object,
    kind,
    stack,
    timed: (aux & WAIT_TIMEOUT) !== 0 || timeoutMs > 0,
    owner: 0,
    ownerStack: 0,
    nowStack: 0,
  });
  book.actor(actor).waitBegin(at, kind, book.labels.wait(kind, target, stack));
  if (waitState(kind) !== STATE.lock) return;
  if (target !== undefined && isMutex(target)) {
    book.lock(target).wait(at, 1);
    book.waiter(target, actor)?.begin(at);
  } else if (target !== undefined) permitWait(book, target, at, 1);
  countStuck(book, actor, at, 1);
}

function ownerOf(
  book: LaneBook,
  actor: Actor,
  at: number,
  aux: number,
  object: number,
  stack: number,
  owner: number,
): void {
  const wait = book.openWaits.get(actor);
  const kind = aux & 0xff;
  if (wait === undefined || owner === 0) return;
  if (kind !== OWNER.holder && kind !== OWNER.joined && kind !== OWNER.running) return;
  wait.owner = owner;
  wait.ownerStack = stack;
  const target = book.trace.object(object);
  const holder = book.trace.actor(owner);
  if (kind === OWNER.joined) book.actor(actor).waitsFor(book.labelOf(wait));
  if (kind !== OWNER.holder || target === undefined || holder === undefined || !isMutex(target))
    return;
  book.lock(target).seenHeld(at, book.labels.actor(holder), book.color(holder));
  book.waiters.get(target)?.get(actor)?.behind(book.labels.behind(holder));
}

function endWait(book: LaneBook, actor: Actor, at: number, result: number, by: number): void {
  const wait = book.openWaits.get(actor);
  if (wait === undefined) return;
  book.openWaits.delete(actor);
  book.actor(actor).waitEnd(at);
  const { waits } = book.history;
  waits.actor.push(actor.index);
  waits.object.push(wait.object);
  waits.kind.push(wait.kind);
  waits.from.push(wait.from);
  waits.to.push(at);
  waits.stack.push(wait.stack);
  waits.owner.push(wait.owner);
  waits.ownerStack.push(wait.ownerStack);
  waits.nowStack.push(wait.nowStack);
  waits.endedBy.push(by);
  waits.result.push(result);
  book.history.noteWait(actor);
  if (waitState(wait.kind) !== STATE.lock) return;
  const target = book.trace.object(wait.object);
  if (target !== undefined && isMutex(target)) {
    const lane = book.lock(target);
    lane.wait(at, -1);
    book.waiters.get(target)?.get(actor)?.end(at);
    // Who waited and was not sent away has it now, whether or not its acquire is recorded.
    if (wait.owner !== 0 && result === WAIT_RESULT.done) {
      lane.release(at);
      leave(book, target, actor, at);
    }
  } else if (target !== undefined) permitWait(book, target, at, -1);
  countStuck(book, actor, at, -1);
}

function countStuck(book: LaneBook, actor: Actor, at: number, change: 1 | -1): void {
  const loop = actor.kind === 'task' && actor.loop ? book.loop(actor.loop) : undefined;
  if (loop === undefined) return;
  loop.stuck = Math.max(0, loop.stuck + change);
  loop.tasks.push(at, loop.live, loop.stuck);
}

function applyLoop(
  book: LaneBook,
  kind: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const object = book.trace.object(a);
  if (object === undefined) return;
  const loop = book.loop(object);
  if (actor?.kind === 'thread') {
    if (loop.thread !== actor) book.shape++;
    loop.thread = actor;
    book.actor(actor).loops = true;
  }
  switch (kind) {
    case KIND.loopLag:
      loop.lag.push(at, b * 1e3);
      return;
    case KIND.loopBusy:
      loop.busy.push(at, b + c > 0 ? b / (b + c) : 0);
      return;
    case KIND.loopStep: {
      const ns = c * 1e3;
      const { steps } = book.history;
      steps.actor.push(actor?.index ?? 0);
      steps.loop.push(a);
      steps.from.push(at - ns);
      steps.to.push(at);
      steps.stack.push(b);
      const label = book.labels.running(b);
      if (actor !== undefined) book.actor(actor).step(at, ns, label);
      // The thread runs what its task runs.
      const thread = loop.thread;
      if (thread !== undefined && thread !== actor)
        book.actor(thread).step(at, ns, label || (actor ? book.labels.actor(actor) : 0));
      return;
    }
    case KIND.loopStack: {
      const label = book.labels.running(b);
      book.history.noteSample(actor?.index ?? 0, at, b);
      if (loop.thread !== undefined) book.actor(loop.thread).blocked(at, c * 1e3, label);
      return;
    }
    default:
  }
}

function applyTask(
  book: LaneBook,
  kind: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
): void {
  if (kind === KIND.taskCreate) {
    const task = book.trace.actor(a);
    if (task === undefined) return;
    book.actor(task).stands(at, STATE.io, 0);
    countTasks(book, task, at, 1);
    return;
  }
  if (actor === undefined || actor.kind !== 'task') return;
  const lane = book.actor(actor);
  switch (kind) {
    case KIND.taskResume:
      lane.runs(at, 0);
      return;
    case KIND.taskSuspend:
      lane.stands(at, STATE.io, book.labels.wait(13, book.trace.object(a), b));
      return;
    case KIND.taskEnd:
      if (book.openWaits.has(actor)) endWait(book, actor, at, WAIT_RESULT.unknown, 0);
      lane.end(at);
      book.shape++;
      countTasks(book, actor, at, -1);
      return;
    default:
  }
}

function countTasks(book: LaneBook, task: Actor, at: number, change: 1 | -1): void {
  if (task.loop === undefined) return;
  const loop = book.loop(task.loop);
  loop.live = Math.max(0, loop.live + change);
  loop.tasks.push(at, loop.live, loop.stuck);
}

function applyPool(
  book: LaneBook,
  kind: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
  aux: number,
): void {
  const object = book.trace.object(a);
  if (object === undefined) return;
  const pool = book.pool(object);
  switch (kind) {
    case KIND.submit:
      pool.submitted.set(c, at);
      pool.queued++;
      break;
    case KIND.itemStart: {
      const submit = pool.submitted.get(c);
      if (pool.submitted.delete(c)) pool.queued = Math.max(0, pool.queued - 1);
      pool.running.set(c, {
        from: at,
        submit: submit ?? Number.NaN,
        worker: actor?.index ?? 0,
        target: b,
      });
      pool.busy = pool.running.size;
      if (actor === undefined) break;
      if (!pool.workers.has(actor)) {
        pool.workers.add(actor);
        book.shape++;
      }
      book.actor(actor).runs(at, book.labels.of(book.trace.strings.get(b)));
      break;
    }
    case KIND.itemEnd: {
      const item = pool.running.get(c);
      if (item !== undefined) {
        pool.running.delete(c);
        const { items } = book.history;
        items.pool.push(a);
        items.worker.push(item.worker);
        items.submit.push(item.submit);
        items.from.push(item.from);
        items.to.push(at);
        items.target.push(item.target);
        items.failed.push(b > 0 ? 1 : 0);
      }
      pool.busy = pool.running.size;
      if (actor !== undefined) book.actor(actor).stands(at, STATE.idle, 0);
      break;
    }
    case KIND.poolSample:
      pool.queued = b;
      pool.busy = Math.max(c, 0);
      if (aux > 0 && object.capacity === undefined) object.capacity = aux;
      break;
    default:
      return;
  }
  pool.load.push(at, pool.busy, pool.queued);
}
