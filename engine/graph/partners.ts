/**
 * Circles through a wait that names nobody: only the stuck could help, and one of them waits for the waiter in turn. A
 * consumer that waits under the lock its producer needs, two that fill each other's queue, two that both listen first.
 */
import { WAIT } from '../../wire/recording.ts';
import { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { Stream } from '../ingest/stream.ts';
import type { Node, WaitForGraph } from './waitForGraph.ts';

/** @param roots stuck actors that wait for anybody to come. */
export function partnerCycle(graph: WaitForGraph, roots: readonly Actor[]): Actor[] | undefined {
  return (
    lockHolder(graph, roots) ??
    unread(roots) ??
    fullPipe(graph, roots) ??
    crossFull(roots) ??
    atBothEnds(roots, WAIT.receive) ??
    atBothEnds(roots, WAIT.send)
  );
}

/** It waits with a lock in its hand, and another stuck one needs that lock before it could help. */
function lockHolder(graph: WaitForGraph, roots: readonly Actor[]): Actor[] | undefined {
  for (const other of graph.stuck) {
    if (!(other instanceof Actor) || other.wait?.forLock !== true) continue;
    const root = roots.find((one) => one !== other && graph.helpers(other).includes(one));
    if (root !== undefined && !root.wait!.forLock) return [root, other];
  }
  return undefined;
}

/** It waits for a process that waits for it to read. */
function unread(roots: readonly Actor[]): Actor[] | undefined {
  const root = roots.find((one) => one.wait?.pipe !== undefined);
  return root && [root];
}

/** Several put into full queues, each another: whoever should take is among them. */
function crossFull(roots: readonly Actor[]): Actor[] | undefined {
  const byQueue = new Map<TracedObject, Actor>();
  for (const root of roots) {
    const { wait } = root;
    if (wait?.object === undefined || wait.kind !== WAIT.put) continue;
    if (!byQueue.has(wait.object)) byQueue.set(wait.object, root);
  }
  return byQueue.size >= 2 ? [...byQueue.values()] : undefined;
}

/** Both ends of one connection wait for the other to speak, or to listen. */
function atBothEnds(roots: readonly Actor[], kind: number): Actor[] | undefined {
  const listening = roots.filter(
    (root) => root.wait?.kind === kind && root.wait.object !== undefined,
  );
  for (const one of listening) {
    const object = one.wait!.object!;
    const other = listening.find(
      (another) =>
        another !== one &&
        (another.wait!.object!.shared === object.peer ||
          (kind === WAIT.receive && another.wait!.object === object)) &&
        object.shared !== '',
    );
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

/** A process cannot end before its queue is emptied by the one that waits for its end. */
function fullPipe(graph: WaitForGraph, roots: readonly Actor[]): Actor[] | undefined {
  for (const root of roots) {
    if (root.wait?.kind !== WAIT.put && root.wait?.kind !== WAIT.send) continue;
    for (const other of graph.stuck) {
      if (!(other instanceof Actor) || other.wait?.kind !== WAIT.processJoin) continue;
      const ends = (helper: Node) => helper instanceof Stream && helper === root.stream;
      if (other.stream !== root.stream && graph.helpers(other).some(ends)) return [other, root];
    }
  }
  return undefined;
}
