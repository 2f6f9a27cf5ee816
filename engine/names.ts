/** Names people know: a lock's from the line that made it, a thread's or task's own. */

import type { Actor } from './ingest/actor.ts';
import type { TracedObject } from './ingest/object.ts';
import type { Stream } from './ingest/stream.ts';
import { isNode } from './runtime.ts';
import type { SourceLine, Trace } from './trace.ts';
import { Twins } from './twins.ts';

/** `SafeCounter._lock`, `lock_a`, `locks[…] #3`: see `Twins`. */
export function nameObject(trace: Trace, object: TracedObject, sourceLine: SourceLine): string {
  if (object.type === 'EventLoop' && isNode(object.stream)) {
    // Every thread of Node has one loop, and nobody ever gave it a name of its own.
    const thread = trace.facts.loops.find((loop) => loop.object === object)?.thread;
    if (thread !== undefined) return `loop of ${nameActor(trace, thread)}`;
  }
  return twinsOf(trace, sourceLine).nameOf(object);
}

/** Grows whenever objects that had a name may have got another. */
export function namesVersion(trace: Trace): number {
  return twinsOf(trace, trace.sourceLine).version;
}

const TWINS = new WeakMap<Trace, Twins>();

function twinsOf(trace: Trace, sourceLine: SourceLine): Twins {
  let twins = TWINS.get(trace);
  if (twins === undefined) {
    twins = new Twins();
    TWINS.set(trace, twins);
  }
  twins.catchUp(trace, sourceLine);
  return twins;
}

/** `ledger_1`, `fetch (Task-3)`; with its process when several of the recording have one of that name. */
export function nameActor(trace: Trace, actor: Actor): string {
  const name = plainName(trace, actor);
  const alone = trace.streams.length < 2 || actor.kind === 'task' || !actor.main;
  if (alone) return name;
  const given = givenName(actor.stream);
  return given === undefined
    ? `${name} of process ${actor.stream.pid}`
    : `${given} (process ${actor.stream.pid})`;
}

/** `process 4711`, and what the program calls it. */
export function nameProcess(stream: Stream): string {
  const given = givenName(stream);
  return given === undefined ? `process ${stream.pid}` : `${given} (process ${stream.pid})`;
}

/** What multiprocessing calls processes by itself says nothing to anybody. */
const MADE_UP =
  /^(?:MainProcess|(?:(?:Fork|Spawn|ForkServer)?(?:Process|PoolWorker)|\w*Manager)-[\d:]+)$/;

function givenName({ process }: Stream): string | undefined {
  const name = process?.name;
  return name === undefined || name === '' || MADE_UP.test(name) ? undefined : name;
}

function plainName(trace: Trace, actor: Actor): string {
  const target = trace.strings.get(actor.target);
  if (actor.kind === 'thread') return actor.name || target || `thread ${actor.id}`;
  if (actor.name === '') return target === '' ? `task ${actor.id}` : `${target} (task ${actor.id})`;
  return target === '' || !/^Task-\d+$/.test(actor.name) ? actor.name : `${target} (${actor.name})`;
}
