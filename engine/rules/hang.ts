/** `hang`: blocked for ever, with nobody left who could wake it. */

import { formatDuration, plural } from '../../base/format.ts';
import { WAIT } from '../../wire/recording.ts';
import { finding, listed } from '../finding.ts';
import { callersOf } from '../frames.ts';
import type { WaitForGraph } from '../graph/waitForGraph.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';
import { edgeLocations, edgeOf, edgeSentence, waitName } from './edges.ts';
import { type Gone, goneOf, goneSentence } from './gone.ts';

/** A shorter one is a program between two breaths. */
export const HANG_NS = 1e9;
const MAX_ROOTS = 16;

export const hang: Rule = ({ trace, nowNs, stuck }) =>
  stuck.hangs
    .filter((one) => nowNs - one.closedNs >= HANG_NS)
    .map((one) => {
      const roots = one.roots.slice(0, MAX_ROOTS);
      const first = roots[0]!;
      const edges = roots.map((root) => edgeOf(trace, root, stuck.graph.helpers(root)[0]));
      const behind = one.victims.map((victim) =>
        edgeOf(trace, victim, stuck.graph.helpers(victim)[0]),
      );
      const what = waitName(trace, first.wait!, undefined);
      const victims = one.victims.map((victim) => nameActor(trace, victim));
      const gone = goneOf(trace, reachOf(stuck.graph, roots), objectsOf(roots));
      const waitingWork = fullPools(trace, one.roots);
      return finding({
        rule: 'hang',
        key: roots
          .map((root) => `${root.stream.name}/${root.kind}${root.id}`)
          .sort()
          .join('+'),
        title: `Hang: ${nameActor(trace, first)} waits for ${what}, ${whoIsMissed(first, gone)}`,
        detail: [
          ...edges.slice(0, 6).map(edgeSentence),
          one.roots.length > 6
            ? `${plural(one.roots.length - 6, 'more waits', 'more wait')} likewise.`
            : '',
          victims.length > 0 ? `Stuck behind: ${listed(victims)}.` : '',
          `Nothing has moved for ${formatDuration(nowNs - one.closedNs)}, and no thread, timer or connection is left that could.`,
          ...gone.map(goneSentence),
          ...waitingWork.map(({ pool, queued }) => queuedSentence(trace, pool, queued)),
          wayOut(first, gone.length > 0, waitingWork.length > 0),
        ],
        locations: [
          ...edgeLocations(edges),
          ...gone.map((each) => each.location),
          ...roots.flatMap((root) => callersOf(trace, root.wait!.stack, 3)),
          ...edgeLocations(behind),
        ],
        evidence: {
          edges: [...edges, ...behind],
          cyclic: false,
          victims,
          closedNs: one.closedNs,
          ...(gone.length > 0 ? { ended: gone } : {}),
        },
        spans: [{ from: one.closedNs, to: nowNs }],
        lostNs: one.roots.reduce((sum, root) => sum + nowNs - root.wait!.sinceNs, 0),
      });
    });

/** Processes whose threads and tasks could have helped. */
function reachOf(graph: WaitForGraph, roots: readonly Actor[]): Set<Stream> {
  return new Set(roots.flatMap((root) => [root.stream, ...graph.scope(root)]));
}

function objectsOf(roots: readonly Actor[]): Set<TracedObject> {
  return new Set(roots.flatMap((root) => root.wait?.object ?? []));
}

function whoIsMissed(root: Actor, gone: readonly Gone[]): string {
  if (root.wait !== undefined && root.wait.leftStack !== 0)
    return 'which a thread held when the process was forked';
  const missed = gone.find((one) => one.used !== undefined);
  if (missed === undefined) return `and nobody is left to ${missedAct(root)}`;
  return `and ${missed.name} has ended with ${missed.why.split(':')[0]}`;
}

interface FullPool {
  readonly pool: TracedObject;
  readonly queued: number;
}

/** Pools that have no worker but those that hang, and more work, which may be just what they wait for. */
function fullPools(trace: Trace, roots: readonly Actor[]): readonly FullPool[] {
  const hanging = new Set(roots);
  return trace.facts.pools.flatMap(({ object: pool, queued, workers, maxWorkers }) => {
    const living = [...workers.keys()].filter((actor) => !actor.ended);
    const isFull = living.length >= Math.max(1, pool.capacity ?? maxWorkers);
    return queued > 0 && isFull && living.every((actor) => hanging.has(actor))
      ? [{ pool, queued }]
      : [];
  });
}

function queuedSentence(trace: Trace, pool: TracedObject, queued: number): string {
  const name = nameObject(trace, pool, trace.sourceLine);
  return `${plural(queued, 'item')} more ${queued === 1 ? 'stands' : 'stand'} in the queue of ${name}, whose workers all hang here.`;
}

/** One sentence, the last: panels show it as the advice. */
function wayOut(root: Actor, isMissed: boolean, isQueued: boolean): string {
  const advice = adviceOf(root);
  if (isQueued)
    return `If what they wait for is in that queue, submit it first, give the pool more workers or use a second one; else ${advice[0]!.toLowerCase()}${advice.slice(1)}`;
  if (!isMissed) return advice;
  return `${advice.slice(0, -1)}; and catch the exception that ended the others, or let it reach those who wait.`;
}

/** What would end its wait. */
function missedAct(root: Actor): string {
  switch (root.wait?.kind) {
    case WAIT.get:
      return 'put one';
    case WAIT.put:
      return 'take one';
    case WAIT.queueJoin:
    case WAIT.condition:
      return 'call it';
    case WAIT.event:
      return 'set it';
    case WAIT.barrier:
      return 'come';
    case WAIT.receive:
      return 'send one';
    case WAIT.send:
      return 'read it';
    case WAIT.result:
    case WAIT.await:
      return 'set it';
    case WAIT.acquire:
      return 'give it back';
    case WAIT.semaphore:
      return 'give one back';
    default:
      return 'do it';
  }
}

function adviceOf(root: Actor): string {
  switch (root.wait?.kind) {
    case WAIT.get:
      return 'Put a sentinel for each consumer when the last item is in, or get with a timeout.';
    case WAIT.put:
      return 'Keep a consumer alive until the last producer is done, or put with a timeout.';
    case WAIT.queueJoin:
      return 'Call task_done() once for every item got, also when the work fails (try/finally).';
    case WAIT.event:
      return 'Set the event on every path, also after a failure (try/finally), or wait with a timeout.';
    case WAIT.condition:
      if (root.wait.object?.library === 'Atomics')
        return 'Store the new value and call Atomics.notify on every path that ends what is waited for, also after a failure (try/finally), take locks made of this in one and the same order everywhere, or wait with a timeout.';
      return 'Wait in a loop on the state (wait_for), change that state under the lock and notify after: a notify that comes before its wait is lost.';
    case WAIT.barrier:
      return 'Let as many parties come as the barrier counts, or give it a timeout and abort it on failure.';
    case WAIT.acquire:
    case WAIT.semaphore:
      if (root.wait.leftStack !== 0)
        return "Fork before the first thread starts, or start the process with 'spawn' or 'forkserver': a forked one has only the thread that forked, and what the others held stays taken in it for ever.";
      return 'Give back what was taken on every path: use `with`.';
    case WAIT.receive:
      return 'Let the other end send, or close it on every path, also after a failure: then a read ends; or poll with a timeout.';
    case WAIT.send:
      return 'Read what comes through the pipe while it is written: it holds only some 64 KiB.';
    case WAIT.result:
    case WAIT.await:
      return 'Set a result or an exception on every path, also after a failure, or wait with a timeout.';
    default:
      return 'Wait with a timeout, or make sure that whoever ends the wait cannot go before.';
  }
}
