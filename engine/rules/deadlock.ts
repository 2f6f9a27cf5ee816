/** `deadlock` and `pool-starvation`: a circle of waits that nobody outside can break. */

import { plural } from '../../base/format.ts';
import { WAIT } from '../../wire/recording.ts';
import type { Finding } from '../../wire/report.ts';
import type { OpenWait } from '../facts/waits.ts';
import { finding, listed } from '../finding.ts';
import { callersOf, isLibrary, location, place } from '../frames.ts';
import type { Circle } from '../graph/stuck.ts';
import type { Node } from '../graph/waitForGraph.ts';
import { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject, nameProcess } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';
import { edgeLocations, edgeOf, edgeSentence, nodeName, waitName } from './edges.ts';

const MAX_VICTIMS = 6;

/** Circles that stand now, and those that stood once and were broken by a timeout, a cancellation or a kill. */
export const deadlock: Rule = ({ trace, nowNs, stuck }) => {
  const found = new Map<string, Finding>();
  for (const circle of stuck.circles) {
    if (!circle.confirmed) continue;
    const one = trace.watch.tell(trace, circle, nowNs);
    // Two knots that were one have one name: the second needs its own.
    const id = found.has(one.id) ? `${one.id}:${found.size}` : one.id;
    found.set(id, { ...one, id });
  }
  for (const one of trace.watch.found.values()) if (!found.has(one.id)) found.set(one.id, one);
  return [...found.values()];
};

export function deadlockFinding(trace: Trace, circle: Circle, nowNs: number): Finding {
  const { cycle, starvedPool } = circle;
  const edges = cycle.map((node, index) => edgeOf(trace, node, cycle[(index + 1) % cycle.length]!));
  const actors = cycle.filter((node) => node instanceof Actor);
  const victims = circle.victims.map((actor) => nameActor(trace, actor));
  const others = circle.members.length - cycle.length;
  const rule = starvedPool === undefined ? 'deadlock' : 'pool-starvation';
  return finding({
    rule,
    key: circle.members.map(nodeKey).sort().slice(0, 64).join('+'),
    title:
      starvedPool === undefined
        ? deadlockTitle(trace, actors)
        : `Pool starvation: work in ${nameObject(trace, starvedPool, trace.sourceLine)} waits for work in its own queue`,
    detail: [
      ...edges.map(edgeSentence),
      ...unreadSentence(trace, actors),
      others > 0 ? `${plural(others, 'more is', 'more are')} in the same knot.` : '',
      victims.length > 0 ? `Stuck behind it: ${listed(victims)}.` : '',
      starvedPool === undefined
        ? wayOut(trace, cycle)
        : `All ${starvedPool.pool?.workerCount ?? 0} workers are taken: wait outside the pool, use a second pool for the inner work, or give it more workers than the depth of waiting.`,
    ],
    locations: [
      ...edgeLocations(edges),
      ...actors.flatMap((actor) =>
        actor.wait === undefined ? [] : callersOf(trace, actor.wait.stack, 3),
      ),
      // Where nobody said who could help, those behind may be the ones to look at.
      ...(circle.presumed ? circle.victims.slice(0, MAX_VICTIMS) : [])
        .map((actor) =>
          location(trace, actor.wait?.stack ?? 0, `${nameActor(trace, actor)} is stuck behind it`),
        )
        .filter((at) => at !== undefined && !isLibrary(at.file)),
    ],
    evidence: {
      edges,
      cyclic: true,
      victims,
      closedNs: circle.closedNs,
      members: circle.members.map((node) => nodeName(trace, node)),
    },
    spans: [{ from: circle.closedNs, to: nowNs }],
    lostNs: actors.reduce((sum, actor) => sum + nowNs - (actor.wait?.sinceNs ?? nowNs), 0),
  });
}

function deadlockTitle(trace: Trace, actors: readonly Actor[]): string {
  const names = actors.map((actor) => nameActor(trace, actor));
  const fills = actors[1];
  const pipe = actors[0]?.wait?.pipe;
  if (pipe !== undefined)
    return `Deadlock: ${names[0]} waits for ${waitName(trace, actors[0]!.wait!)}, which waits for room in its ${outputName(trace, pipe)}`;
  if (isFullPipe(actors))
    return `Deadlock: ${names[0]} waits for the end of ${nameProcess(fills!.stream)}, which waits for ${waitName(trace, fills!.wait!)}`;
  if (names.length === 1) {
    const wait = actors[0]!.wait;
    const what =
      wait?.object !== undefined && wait.forLock
        ? `${nameObject(trace, wait.object, trace.sourceLine)}, which it holds itself`
        : 'something that only it could do';
    return `Deadlock: ${names[0]} waits for ${what}`;
  }
  if (names.length === 2) return `Deadlock: ${names[0]} and ${names[1]} wait for each other`;
  return `Deadlock: ${listed(names)} wait in a circle`;
}

function childName(trace: Trace, wait: OpenWait): string {
  const pid = wait.lastOwner?.pid ?? 0;
  const stream = trace.streamsOfPid(pid).at(-1);
  return stream === undefined ? `process ${pid}` : nameProcess(stream);
}

/** `stdout of process 4711` is its stdout. */
function outputName(trace: Trace, pipe: TracedObject): string {
  return nameObject(trace, pipe, trace.sourceLine).replace(/ of process \d+$/, '');
}

function unreadSentence(trace: Trace, [actor]: readonly Actor[]): readonly string[] {
  const wait = actor?.wait;
  if (wait?.pipe === undefined) return [];
  const stack = trace.streamsOfPid(wait.lastOwner?.pid ?? 0).at(-1)?.mainThread?.sampleStack ?? 0;
  const writes = location(trace, stack, '');
  const where = writes === undefined || isLibrary(writes.file) ? '' : ` at ${place(writes)}`;
  return [
    `${childName(trace, wait)} writes${where} to its ${outputName(trace, wait.pipe)}, a pipe that is full and that only this process can read.`.replace(
      /^p/,
      'P',
    ),
  ];
}

/** One joins a process that does not end before somebody has read what it sends. */
function isFullPipe([joins, fills]: readonly Actor[]): boolean {
  const kind = fills?.wait?.kind;
  return joins?.wait?.kind === WAIT.processJoin && (kind === WAIT.put || kind === WAIT.send);
}

function wayOut(trace: Trace, cycle: readonly Node[]): string {
  const actors = cycle.filter((node) => node instanceof Actor);
  const waits = actors.flatMap((actor) => actor.wait ?? []);
  if (actors[0]?.wait?.pipe !== undefined)
    return 'Read all that it writes while it runs, as communicate() and subprocess.run(capture_output=True) do, or send its output to a file or to subprocess.DEVNULL.';
  if (isFullPipe(actors)) {
    const pipe = actors[1]!.wait!;
    const name = pipe.object && nameObject(trace, pipe.object, trace.sourceLine);
    return pipe.kind === WAIT.put
      ? `Get all that was put into ${name ?? 'the queue'} before you join: a process does not end before its items have gone through the pipe, which holds only some 64 KiB.`
      : `Receive what comes through ${name ?? 'the pipe'} before you join: a pipe holds only some 64 KiB, and the process cannot end before the rest is read.`;
  }
  if (waits.length > 1 && waits.every((wait) => wait.kind === WAIT.send))
    return 'Let one side receive before it sends, or send from a thread: both write more than the pipe holds, and nobody reads.';
  if (
    cycle.some((node) => !(node instanceof Actor) && !(node instanceof Stream)) &&
    waits.length === 1
  )
    return 'Never block the thread of the loop that must do the work: await it instead.';
  if (waits.length === 1 && waits[0]!.forLock)
    return 'A plain lock cannot be taken twice by its owner: give it back before, on every path (`with`), use an RLock, or split off a part that expects the lock to be held.';
  if (waits.every((wait) => wait.kind === WAIT.acquire))
    return 'Take these locks in one and the same order everywhere, or take the second with a timeout and back off.';
  if (waits.some((wait) => wait.kind === WAIT.join || wait.kind === WAIT.processJoin))
    return 'Let go of what the other needs before waiting for its end.';
  return 'Let go of what the other needs before waiting for it, or wait with a timeout.';
}

function nodeKey(node: Node): string {
  if (node instanceof Actor) return `${node.stream.name}/${node.kind}${node.id}`;
  if (node instanceof Stream) return `${node.name}/process`;
  return `${node.stream.name}/object${node.id}`;
}
