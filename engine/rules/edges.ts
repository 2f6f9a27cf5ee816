/** Writes circles and chains of waits as the edges a person reads: who waits, for what, who could give it. */
import { OWNER, WAIT } from '../../wire/recording.ts';
import type { ActorRef, Location, WaitEdge } from '../../wire/report.ts';
import type { OpenWait } from '../facts/waits.ts';
import { actorRef, objectRef } from '../finding.ts';
import { isLibrary, location, place } from '../frames.ts';
import { type Node, ownersOf } from '../graph/waitForGraph.ts';
import { Actor } from '../ingest/actor.ts';
import { TracedObject } from '../ingest/object.ts';
import { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject, nameProcess } from '../names.ts';
import type { Trace } from '../trace.ts';

/** Whose lock stays taken in a forked child. */
const LEFT_BEHIND = 'a thread that the fork left behind';

export function nodeName(trace: Trace, node: Node): string {
  if (node instanceof Actor) return nameActor(trace, node);
  if (node instanceof Stream) return nameProcess(node);
  if (node.type === 'EventLoop') {
    const thread = node.loop?.thread;
    return thread === undefined
      ? 'the event loop'
      : `the event loop of ${nameActor(trace, thread)}`;
  }
  const name = nameObject(trace, node, trace.sourceLine);
  return /^pool\b/i.test(name) ? name : `pool ${name}`;
}

function nodeRef(node: Node): ActorRef {
  if (node instanceof Actor) return actorRef(node);
  if (node instanceof Stream) return { stream: node.name, kind: 'process', id: node.pid };
  const kind = node.type === 'EventLoop' ? 'loop' : 'pool';
  return { stream: node.stream.name, kind, id: node.id };
}

/** What `waiter` waits for, of which `helper` could give it. */
export function resourceName(trace: Trace, waiter: Node, helper: Node | undefined): string {
  if (waiter instanceof Stream)
    return `end of ${helper === undefined ? 'its threads' : nodeName(trace, helper)}`;
  if (!(waiter instanceof Actor)) {
    return waiter.type === 'EventLoop' ? 'end of the running step' : 'a free worker';
  }
  const wait = waiter.wait;
  if (wait === undefined) return 'end of the step that runs in it';
  return waitName(trace, wait, helper);
}

/** `accounts_lock`, `end of thread worker_1`, `an item in jobs`. */
export function waitName(trace: Trace, wait: OpenWait, helper?: Node): string {
  const object =
    wait.object === undefined ? undefined : nameObject(trace, wait.object, trace.sourceLine);
  const who = helper === undefined ? undefined : nodeName(trace, helper);
  switch (wait.kind) {
    case WAIT.processJoin:
      if (wait.pipe !== undefined) return `end of process ${wait.lastOwner?.pid ?? ''}`;
      return helper instanceof Actor
        ? `end of ${nameProcess(helper.stream)}`
        : `end of ${who ?? 'a process'}`;
    case WAIT.join:
      return `end of ${who ?? object ?? 'a thread'}`;
    case WAIT.result:
    case WAIT.await: {
      const queued = ownersOf(wait).some((owner) => owner.kind === OWNER.queued);
      // One of several that are awaited may run while others are queued.
      if (helper instanceof Actor) return `result of ${who}`;
      if (helper instanceof TracedObject && !queued) return `something that ${who} must do`;
      if (queued) return `result of a work item still queued in ${who ?? object ?? 'a pool'}`;
      return who === undefined ? `result of ${object ?? 'something'}` : `result of ${who}`;
    }
    case WAIT.get:
      return `an item in ${object ?? 'a queue'}`;
    case WAIT.put:
      return `room in ${object ?? 'a queue'}`;
    case WAIT.queueJoin:
      return `task_done() for every item of ${object ?? 'a queue'}`;
    case WAIT.event:
      return `${object ?? 'an event'} to be set`;
    case WAIT.condition:
      return `notify() on ${object ?? 'a condition'}`;
    case WAIT.barrier:
      return `the other parties of ${object ?? 'a barrier'}`;
    case WAIT.receive:
      if (object !== undefined && wait.object?.library === 'subprocess')
        return `something from ${object}`;
      return `a message in ${object ?? 'a connection'}`;
    case WAIT.send:
      return `room in ${object ?? 'a connection'}`;
    case WAIT.poolShutdown:
      return `the workers of ${object ?? 'a pool'} to end`;
    case WAIT.semaphore:
      return `a permit of ${object ?? 'a semaphore'}`;
    default:
      return object ?? 'something unknown';
  }
}

export function edgeOf(trace: Trace, waiter: Node, helper: Node | undefined): WaitEdge {
  const wait = waiter instanceof Actor ? waiter.wait : undefined;
  const owner =
    wait === undefined
      ? undefined
      : ownersOf(wait).find(
          (one) => one.actor === helper || one.object === helper || one.pid === pidOf(helper),
        );
  const resource = resourceName(trace, waiter, helper);
  const waiterName = nodeName(trace, waiter);
  // Who has it may have ended, or stand by for work, and be none that could help.
  const known = helper ?? (owner?.kind === OWNER.holder ? owner.actor : undefined);
  const left = known === undefined ? (wait?.leftStack ?? 0) : 0;
  const ownerName =
    known !== undefined ? nodeName(trace, known) : left === 0 ? 'nobody' : LEFT_BEHIND;
  const where = whereWaits(trace, waiter, wait, `${waiterName} waits for ${resource}`);
  const held =
    known !== undefined && owner?.kind === OWNER.holder && owner.stack !== 0
      ? location(trace, owner.stack, `${ownerName} got ${resource} here`)
      : location(trace, left, `${ownerName} had got ${resource} here`);
  const heldSince =
    owner?.kind === OWNER.holder && owner.actor !== undefined && wait?.object !== undefined
      ? wait.object.lock?.holders.get(owner.actor)?.at
      : undefined;
  return {
    waiter: waiterName,
    waiterActor: nodeRef(waiter),
    resource,
    ...(wait?.object === undefined ? {} : { resourceObject: objectRef(wait.object) }),
    owner: ownerName,
    ...(helper === undefined ? {} : { ownerActor: nodeRef(helper) }),
    ...where,
    ...(held === undefined ? {} : { ownerLocation: held }),
    ...(heldSince === undefined ? {} : { heldSinceNs: heldSince }),
    ...(owner?.kind === OWNER.holder && owner.actor?.ended ? { ownerEnded: true } : {}),
    sinceNs: wait?.sinceNs ?? 0,
  };
}

/** A thread of a library's own says nothing by its line: who has started it does. */
function whereWaits(
  trace: Trace,
  waiter: Node,
  wait: OpenWait | undefined,
  what: string,
): Pick<WaitEdge, 'waiterLocation' | 'waiterStarted'> {
  if (!(waiter instanceof Actor)) return {};
  const at = location(trace, wait?.stack || waiter.sampleStack, `${what} here`);
  if (at === undefined) return {};
  const started = isLibrary(at.file)
    ? location(trace, waiter.createStack, `${what}: it was started here`)
    : undefined;
  return started === undefined || isLibrary(started.file)
    ? { waiterLocation: at }
    : { waiterLocation: started, waiterStarted: true };
}

function pidOf(node: Node | undefined): number {
  return node instanceof Stream ? node.pid : -1;
}

/** `a waits at x.py:3 for lock_b, which b took at x.py:9.` */
export function edgeSentence(edge: WaitEdge): string {
  const at = edge.waiterLocation === undefined ? '' : place(edge.waiterLocation);
  const gone = edge.ownerEnded ? ' and had not given back when it ended' : '';
  const whose =
    edge.ownerLocation === undefined
      ? edge.resource.includes(edge.owner) || edge.owner === 'nobody' || edge.owner === edge.waiter
        ? ''
        : `, which needs ${edge.owner}`
      : `, which ${edge.owner} took at ${place(edge.ownerLocation)}${gone}`;
  if (edge.waiterStarted)
    return `${edge.waiter}, started at ${at}, waits for ${edge.resource}${whose}.`;
  return `${edge.waiter} waits${at && ` at ${at}`} for ${edge.resource}${whose}.`;
}

/** Waiters' lines first, then where the owners got what they hold. */
export function edgeLocations(edges: readonly WaitEdge[]): readonly (Location | undefined)[] {
  return [...edges.map((edge) => edge.waiterLocation), ...edges.map((edge) => edge.ownerLocation)];
}
