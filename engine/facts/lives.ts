/** Beginnings and ends of threads and processes, and the records that are findings by themselves. */
import { KIND, START } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Stream } from '../ingest/stream.ts';
import { isNode } from '../runtime.ts';
import type { Trace } from '../trace.ts';

/** A thread that lived longer was no short-lived one. */
const SHORT_LIFE_NS = 1e9;
const MAX_CHILDREN = 100_000;
const MAX_POOLS = 100;

export function applyThreadStart(
  trace: Trace,
  thread: Actor,
  at: number,
  creatorIndex: number,
  stack: number,
): void {
  thread.startNs = at;
  thread.createStack = stack;
  const creator = trace.actors[creatorIndex];
  thread.creator = creator;
  if (!thread.main) trace.facts.threadsStarted++;
  if (creator !== undefined) trace.facts.before.arrow(creator, at, thread, at);
}

function endThread(trace: Trace, thread: Actor, at: number): void {
  if (thread.kind !== 'thread' || thread.ended) return;
  thread.endNs = at;
  trace.facts.waits.end(thread);
  const lifeNs = at - thread.startNs;
  if (lifeNs > SHORT_LIFE_NS || thread.main) return;
  const short = trace.facts.shortThreads.get(thread.createStack);
  if (short === undefined) {
    const first = thread.startNs;
    const pools = new Set(thread.pool === undefined ? [] : [thread.pool]);
    trace.facts.shortThreads.set(thread.createStack, {
      count: 1,
      lifeNs,
      first,
      last: at,
      pools,
      workers: isNode(thread.stream),
    });
  } else {
    if (thread.pool !== undefined && short.pools.size < MAX_POOLS) short.pools.add(thread.pool);
    short.count++;
    short.lifeNs += lifeNs;
    short.last = at;
  }
}

export function applyProcess(
  trace: Trace,
  stream: Stream,
  kind: number,
  aux: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  if (kind === KIND.exit) {
    stream.closedNs ??= at;
    stream.exitCode ??= a | 0;
    return;
  }
  if (kind === KIND.processEnd) {
    if (trace.facts.processEnds.size < MAX_CHILDREN)
      trace.facts.processEnds.set(a, { atNs: at, code: b | 0 });
    if (actor !== undefined) trace.facts.before.processEnd(a, at, actor);
    for (const child of trace.streamsOfPid(a)) child.sawEnd(trace.facts.processEnds.get(a));
    return;
  }
  const how = kind === KIND.processFork ? START.fork : aux;
  if (actor !== undefined) trace.facts.before.processStart(actor, at, a);
  const { children } = trace.facts;
  // The fork server forks for another process, which says so itself.
  if (kind === KIND.processFork && stream.process?.service === true) return;
  if (!children.has(a) && children.size < MAX_CHILDREN)
    children.set(a, { pid: a, parentPid: stream.pid, at, how, stack: b });
  if (kind === KIND.processFork && c > 0)
    trace.facts.notes.add({ kind: 'forkWithThreads', at, stack: b, actor, amount: c });
}

/** The rare kinds. */
export function applyEnding(
  trace: Trace,
  stream: Stream,
  kind: number,
  actor: Actor | undefined,
  at: number,
  a: number,
  b: number,
  c: number,
): void {
  const { notes } = trace.facts;
  switch (kind) {
    case KIND.threadEnd:
      if (actor !== undefined) endThread(trace, actor, at);
      return;
    case KIND.failed:
      if (actor !== undefined) trace.facts.failures.add(actor, at, a, b);
      return;
    case KIND.taskExceptionLost:
      notes.add({
        kind: 'taskExceptionLost',
        at,
        stack: b,
        otherStack: c,
        text: a,
        sort: exceptionType(trace.strings.get(a)),
        actor,
      });
      return;
    case KIND.itemExceptionLost: {
      const object = trace.objects[a];
      notes.add({
        kind: 'itemExceptionLost',
        at,
        stack: object?.stack ?? 0,
        text: b,
        sort: exceptionType(trace.strings.get(b)),
        object,
        actor,
      });
      return;
    }
    case KIND.taskPending:
      notes.add({
        kind: 'taskPending',
        at,
        stack: c,
        otherStack: b,
        text: actor?.target ?? 0,
        actor,
        object: trace.objects[a],
      });
      return;
    case KIND.coroutineNeverAwaited:
      notes.add({ kind: 'coroutineNeverAwaited', at, stack: b, text: a, actor });
      return;
    case KIND.unsafeCall:
      notes.add({ kind: 'unsafeCall', at, stack: b, text: c, actor, object: trace.objects[a] });
      return;
    case KIND.daemonKilled:
      // One that stood by with nothing in its hands loses nothing.
      if (a === 0) return;
      // A lock that its owner waits for, or that others give back, guards nothing: it tells an idle worker to go on.
      if (c === 0 && isSignal(actor, trace.objects[a])) return;
      notes.add({ kind: 'daemonKilled', at, stack: b, actor, object: trace.objects[a], amount: c });
      return;
    case KIND.race: {
      const otherActor = trace.actors[c];
      notes.add({ kind: 'race', at, stack: b, actor, otherActor, object: trace.objects[a] });
      return;
    }
    case KIND.dropped:
      stream.lose(REASONS[c] ?? 'dropped', b, trace.columns.length);
      return;
    default:
    // permits, message and mark are for the views only.
  }
}

/** `ValueError: bad job 3` is a ValueError, whatever the job. */
export function exceptionType(text: string): string {
  return text.split(':', 1)[0]!;
}

function isSignal(actor: Actor | undefined, object: TracedObject | undefined): boolean {
  if (object === undefined) return false;
  return actor?.wait?.object === object || (object.lock?.foreignReleases ?? 0) > 0;
}

const REASONS: Readonly<Record<number, string>> = {
  1: 'diskFull',
  2: 'definitionsFull',
  3: 'internalError',
};
