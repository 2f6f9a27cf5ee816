/** Hands each record to the facts it belongs to. */
import { ACQUIRE, KIND, SAMPLE, TASK_END, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import type { Stream } from '../ingest/stream.ts';
import type { Trace } from '../trace.ts';
import { applyEnding, applyProcess, applyThreadStart } from './lives.ts';
import { OpenWait } from './waits.ts';

const MAX_HELD = 32;
const MAX_BUSY = 48;

/** All ids are trace-wide; `at` is ns since trace start. */
export function applyRecord(
  trace: Trace,
  stream: Stream,
  kind: number,
  aux: number,
  actorIndex: number,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const { facts } = trace;
  const actor = trace.actors[actorIndex];
  if (actor !== undefined && at > actor.lastNs) {
    actor.lastNs = at;
    if (actor.kind === 'task' && kind !== KIND.waitOwner && kind !== KIND.ownerNow) {
      const loop = (actor.loop ?? actor.creator?.loop)?.loop;
      if (loop !== undefined && at > loop.activeNs) loop.activeNs = at;
    }
  }
  switch (kind) {
    case KIND.sample:
      if (actor === undefined) return;
      actor.sampleStack = a;
      actor.sampleState = aux;
      actor.sampleNs = at;
      if (b > 2000) noteBusy(actor, a, b * 1e3);
      actor.cpuNs += b * 1e3;
      if (aux === SAMPLE.running) actor.runningCpuNs += b * 1e3;
      stream.cpuNs += b * 1e3;
      facts.cpu.sample(at, b * 1e3);
      return;
    case KIND.waitBegin:
      if (actor !== undefined) beginWait(trace, actor, at, aux, a, b, c);
      return;
    case KIND.waitOwner:
      if (actor?.wait !== undefined) facts.waits.owner(trace, actor.wait, at, aux, a, b, c);
      return;
    case KIND.ownerNow:
      if (actor?.wait !== undefined) facts.waits.ownerNow(actor.wait, b, c);
      return;
    case KIND.waitEnd:
      if (actor !== undefined) endWait(trace, actor, at, aux, c);
      return;
    case KIND.acquire:
    case KIND.release:
    case KIND.hold:
      applyLock(trace, kind, aux, actor, at, a, b, c);
      return;
    case KIND.nest:
      // A try or timed acquire gives up in the end, and a re-entry waits for nobody: none closes a cycle.
      if (actor !== undefined && a !== 0 && (aux & ~1) === 0)
        facts.order.nest(actor, at, a, b, trace.chains.get(c));
      return;
    case KIND.counts: {
      const object = trace.objects[a];
      if (object !== undefined) facts.lock(object).sayCounts(stream.index, at, b, c);
      return;
    }
    case KIND.totals: {
      const object = trace.objects[a];
      if (object !== undefined) facts.lock(object).sayTotals(stream.index, b, c);
      return;
    }
    case KIND.loopLag:
    case KIND.loopStep:
    case KIND.loopStack:
    case KIND.loopBusy:
    case KIND.loopStart:
    case KIND.loopStop:
    case KIND.loopIdle:
      applyLoop(trace, kind, aux, actor, at, a, b, c);
      return;
    case KIND.taskCreate:
    case KIND.taskResume:
    case KIND.taskSuspend:
    case KIND.taskEnd:
    case KIND.taskName:
      applyTask(trace, kind, aux, actor, at, a, b, c);
      return;
    case KIND.submit:
    case KIND.itemStart:
    case KIND.itemEnd:
    case KIND.poolSample:
      applyPool(trace, kind, aux, actor, at, a, b, c);
      return;
    case KIND.queueDepth: {
      const object = trace.objects[a];
      if (object !== undefined) facts.queue(object).depth(at, b, c);
      return;
    }
    case KIND.queueCounts: {
      const object = trace.objects[a];
      if (object !== undefined) facts.queue(object).counts(stream.index, b, c);
      return;
    }
    case KIND.gil:
      facts.cpu.gil.periodNs += b * 1e3;
      if (stream.isAlone(at - b * 1e3)) return;
      facts.cpu.gil.waitedNs += c * 1e3;
      facts.cpu.gil.wantedNs += a * b;
      return;
    case KIND.gilWait:
      facts.cpu.gil.exactNs += b * 1e3;
      facts.cpu.gil.exactCount++;
      return;
    case KIND.coreWait:
      if (actor !== undefined)
        actor.readyShare = Math.min(1, ((a + b) * 1e3) / Math.max(1, at - actor.startNs));
      return;
    case KIND.threadStart:
      if (actor !== undefined) applyThreadStart(trace, actor, at, a, b);
      return;
    case KIND.processFork:
    case KIND.processStart:
    case KIND.processEnd:
    case KIND.exit:
      applyProcess(trace, stream, kind, aux, actor, at, a, b, c);
      return;
    case KIND.overhead:
      stream.overheadNs = Math.max(stream.overheadNs, a * 1e3);
      stream.processCpuNs = Math.max(stream.processCpuNs, c * 1e6);
      return;
    default:
      applyEnding(trace, stream, kind, actor, at, a, b, c);
  }
}

function noteBusy(actor: Actor, stack: number, ns: number): void {
  actor.busyStacks ??= new Map();
  if (actor.busyStacks.size < MAX_BUSY || actor.busyStacks.has(stack))
    actor.busyStacks.set(stack, (actor.busyStacks.get(stack) ?? 0) + ns);
}

function beginWait(
  trace: Trace,
  actor: Actor,
  at: number,
  aux: number,
  a: number,
  stack: number,
  timeoutMs: number,
): void {
  const wait = new OpenWait(actor, trace.objects[a], aux, stack, timeoutMs, at);
  trace.facts.waits.begin(wait);
  if (wait.object !== undefined) {
    // It is among the locks from now on: who stops at once knows nothing else of it.
    if (wait.forLock) trace.facts.lock(wait.object);
    else actor.lastQueue = wait.object;
  }
  if (actor.kind === 'task' && !wait.blocksThread) noteSuspended(actor, at, stack);
}

function endWait(trace: Trace, actor: Actor, at: number, aux: number, by: number): void {
  const wait = trace.facts.waits.end(actor);
  if (wait === undefined) return;
  const ns = Math.max(0, at - wait.sinceNs);
  if (wait.forLock && wait.object !== undefined) {
    actor.lockWaitNs += ns;
    trace.facts.lock(wait.object).waited(wait, at, (aux & 0xff) === WAIT_RESULT.done);
  } else actor.otherWaitNs += ns;
  if (actor.kind === 'task' && !wait.blocksThread)
    trace.facts.tasks.awaited(actor, wait.sinceNs, at, wait.stack);
  wait.granted = (aux & 0xff) === WAIT_RESULT.done;
  if (wait.granted && wait.kind === WAIT.acquire) wait.object?.lock?.leave(actor, at);
  if (!wait.granted && (aux & 0xff) !== WAIT_RESULT.unknown) return;
  const ender = trace.actors[by];
  if (ender !== undefined) trace.facts.before.arrow(ender, at, actor, at);
  if (wait.kind === WAIT.queueJoin) trace.facts.before.queueDone(wait, at);
  for (const owner of wait.owners) {
    if (owner.pid !== 0) trace.facts.before.processEnd(owner.pid, at, actor);
    if (owner.actor === undefined) continue;
    if (wait.kind === WAIT.join || wait.kind === WAIT.result || wait.kind === WAIT.await) {
      if (wait.owners.length === 1 || owner.actor.ended)
        trace.facts.before.arrow(owner.actor, at, actor, at);
    }
  }
}

/** Locks of several processes come one by one: what is held then follows from the acquires before. */
function noteHeld(
  trace: Trace,
  actor: Actor,
  at: number,
  index: number,
  stack: number,
  aux: number,
): void {
  if (trace.objects[index]!.shared === '') return;
  actor.held ??= [];
  const gives = (aux & (ACQUIRE.try | ACQUIRE.timeout)) !== 0;
  if (actor.held.length > 0 && !gives) trace.facts.order.nest(actor, at, index, stack, actor.held);
  if (actor.held.length < MAX_HELD) actor.held = [...actor.held, { object: index, stack }];
}

function noteGivenBack(actor: Actor, index: number): void {
  const place = actor.held?.findLastIndex((one) => one.object === index) ?? -1;
  if (place >= 0) actor.held = actor.held!.toSpliced(place, 1);
}

function applyLock(
  trace: Trace,
  kind: number,
  aux: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  stack: number,
  c: number,
): void {
  const object = trace.objects[a];
  if (object === undefined || actor === undefined) return;
  const lock = trace.facts.lock(object);
  if (kind === KIND.acquire) {
    if ((aux & ACQUIRE.reentry) !== 0) return;
    noteHeld(trace, actor, at, a, stack, aux);
    lock.acquire(actor, at, stack);
  } else if (kind === KIND.release) {
    noteGivenBack(actor, a);
    const held = lock.holders.get(actor);
    lock.release(actor, at);
    if (held !== undefined) noteAcrossAwait(trace, actor, object.index, at, held.at, held.stack);
    // Whoever was said to own it does no longer.
    for (const wait of object.waiting ?? [])
      if (wait.owners.length > 0)
        wait.owners = wait.owners.filter((owner) => owner.actor !== actor);
  } else {
    lock.held(actor, at, stack, c * 1e3);
    noteAcrossAwait(trace, actor, object.index, at, at - c * 1e3, stack);
  }
}

/** A task suspends now: what it holds of the threads' locks stays held while others run. */
function noteSuspended(actor: Actor, at: number, stack: number): void {
  actor.suspendedStack = stack;
  actor.suspendedNs = at;
}

function noteAcrossAwait(
  trace: Trace,
  actor: Actor,
  index: number,
  at: number,
  since: number,
  stack: number,
): void {
  const object = trace.objects[index]!;
  if (actor.kind !== 'task' || object.library === 'asyncio') return;
  if (object.type !== 'Lock' && object.type !== 'RLock') return;
  if (!(actor.suspendedNs > since && actor.suspendedNs <= at)) return;
  const otherStack = actor.suspendedStack;
  trace.facts.notes.add({
    kind: 'lockAcrossAwait',
    at: since,
    stack,
    otherStack,
    actor,
    object,
    amount: at - since,
  });
}

function applyLoop(
  trace: Trace,
  kind: number,
  aux: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const object = trace.objects[a];
  if (object === undefined) return;
  const loop = trace.facts.loop(object);
  switch (kind) {
    case KIND.loopLag:
      loop.late(at, b * 1e3, c);
      break;
    case KIND.loopStep: {
      const thread = loop.thread;
      // Code that keeps the GIL lets nobody take stacks; the thread's sample at its end shows where it was.
      const sampled =
        thread !== undefined && thread.sampleNs > at - c * 1e3 ? thread.sampleStack : 0;
      loop.step(actor, at, b || sampled, c * 1e3);
      return;
    }
    case KIND.loopStack:
      loop.blocked(at, b, c * 1e3, aux === 1);
      break;
    case KIND.loopBusy:
      loop.busyNs += b * 1e3;
      loop.idleNs += c * 1e3;
      loop.turns += aux;
      break;
    case KIND.loopStart:
      loop.running = true;
      loop.closed = false;
      loop.startNs ||= at;
      loop.stopNs = undefined;
      break;
    case KIND.loopStop:
      loop.running = false;
      loop.closed = aux === 1;
      loop.stopNs = at;
      if (loop.thread?.loop === object) loop.thread.loop = undefined;
      return;
    case KIND.loopIdle:
      loop.idle = { at, timers: b, files: c };
      break;
  }
  if (actor?.kind === 'thread') {
    loop.thread = actor;
    actor.loop = object;
    if (kind !== KIND.loopIdle) loop.running = true;
  }
}

function applyTask(
  trace: Trace,
  kind: number,
  aux: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const { tasks } = trace.facts;
  if (kind === KIND.taskCreate) {
    const task = trace.actors[a];
    if (task === undefined || task.kind !== 'task') return;
    tasks.create(at, b !== 0, trace.strings.get(c));
    task.startNs = at;
    task.creator = actor;
    task.createStack = b;
    task.target = c;
    task.loop ??= actor?.loop;
    if (actor !== undefined) trace.facts.before.arrow(actor, at, task, at);
    return;
  }
  if (actor === undefined || actor.kind !== 'task') return;
  if (kind === KIND.taskName) actor.name = trace.strings.get(a);
  else if (kind === KIND.taskResume) {
    actor.loop = trace.objects[a] ?? actor.loop;
    if (actor.suspendedNs >= 0) tasks.awaited(actor, actor.suspendedNs, at, actor.suspendedStack);
  } else if (kind === KIND.taskSuspend) noteSuspended(actor, at, b);
  else if (kind === KIND.taskEnd && !actor.ended) {
    actor.endNs = at;
    actor.loop = trace.objects[a] ?? actor.loop;
    trace.facts.waits.end(actor);
    tasks.end(actor.startNs, aux !== 0, trace.strings.get(actor.target));
    if (aux === TASK_END.failed) {
      tasks.failed++;
      trace.facts.failures.add(actor, at, b, c);
    } else if (aux === TASK_END.cancelled) tasks.cancelled++;
    else tasks.done++;
  }
}

function applyPool(
  trace: Trace,
  kind: number,
  aux: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const object = trace.objects[a];
  if (object === undefined) return;
  const pool = trace.facts.pool(object);
  if (kind === KIND.poolSample) pool.sample(at, b, c, aux);
  else if (kind === KIND.submit) pool.submit(actor, at, b, c);
  else if (actor !== undefined && kind === KIND.itemStart) {
    actor.pool ??= object;
    actor.runningItem = c;
    actor.runningTarget = b;
    actor.itemSubmitNs = pool.submittedAt(c);
    const submitter = pool.start(actor, at, b, c);
    if (submitter !== undefined) trace.facts.before.arrow(submitter, at, actor, at);
  } else if (actor !== undefined && kind === KIND.itemEnd) {
    actor.runningItem = 0;
    trace.facts.order.itemEnded(actor, at);
    if (b !== 0) trace.facts.failures.add(actor, at, b, 0, actor.runningTarget, object);
    pool.end(actor, at, b !== 0, c);
  }
}
