/** Which lanes carry a finding's evidence: the actors and locks it names. */
import type { LaneId, PanelFinding } from '../../wire/panel.ts';
import type { ActorRef, Finding, ObjectRef } from '../../wire/report.ts';
import type { TracedObject } from '../ingest/object.ts';
import { nameActor, nameObject } from '../names.ts';
import type { LaneBook } from './laneBook.ts';

export function toPanelFinding(book: LaneBook, found: Finding): PanelFinding {
  const lanes = new Set<LaneId>();
  for (const edge of found.evidence.edges ?? []) {
    addActor(book, edge.waiterActor, lanes);
    if (edge.resourceObject) addObject(book, edge.resourceObject, lanes);
    if (edge.ownerActor) addActor(book, edge.ownerActor, lanes);
  }
  if (lanes.size === 0) addByRule(book, found, lanes);
  return { ...found, lanes: [...lanes], behind: behindOf(book, found) };
}

/** Locks of a cycle that somebody outside of it waits for, once for each who does. */
function behindOf(book: LaneBook, found: Finding): string[] {
  const edges = found.evidence.edges ?? [];
  if (found.evidence.cyclic === false || edges.length === 0) return [];
  const names: string[] = [];
  for (const [actor, wait] of book.openWaits) {
    const edge = edges.find(
      ({ resourceObject }) =>
        resourceObject !== undefined && objectOf(book, resourceObject)?.index === wait.object,
    );
    const inside = edges.some(
      ({ waiterActor }) => waiterActor.id === actor.id && waiterActor.stream === actor.stream.name,
    );
    if (edge !== undefined && !inside) names.push(edge.resource);
  }
  return names;
}

function addActor(book: LaneBook, ref: ActorRef, lanes: Set<LaneId>): void {
  const stream = book.trace.streams.find((one) => one.name === ref.stream);
  if (stream === undefined || (ref.kind !== 'thread' && ref.kind !== 'task')) return;
  const index = (ref.kind === 'thread' ? stream.threadIds : stream.taskIds).get(ref.id);
  const actor = book.trace.actor(index);
  if (actor !== undefined) lanes.add(book.laneOfActor(actor));
}

function addObject(book: LaneBook, ref: ObjectRef, lanes: Set<LaneId>): void {
  const object = objectOf(book, ref);
  if (object !== undefined) lanes.add(book.laneOfObject(object));
}

function objectOf(book: LaneBook, ref: ObjectRef): TracedObject | undefined {
  const stream = book.trace.streams.find((one) => one.name === ref.stream);
  return stream && book.trace.object(stream.objectIds.get(ref.id));
}

/** Findings without edges name what they are about in their title. */
function addByRule(book: LaneBook, found: Finding, lanes: Set<LaneId>): void {
  if (
    found.rule === 'loop-blocked' ||
    found.rule === 'loop-saturated' ||
    found.rule === 'no-overlap'
  )
    for (const loop of book.loops.values())
      if (loop.thread) lanes.add(book.laneOfActor(loop.thread));
  const mentions = (name: string): boolean => name.length > 2 && found.title.includes(name);
  for (const object of book.locks.keys())
    if (mentions(nameObject(book.trace, object, book.trace.sourceLine)))
      lanes.add(book.laneOfObject(object));
  for (const object of [...book.pools.keys(), ...book.queues.keys()])
    if (mentions(nameObject(book.trace, object, book.trace.sourceLine)))
      lanes.add(book.laneOfObject(object));
  if (lanes.size > 0) return;
  for (const actor of book.actors.keys())
    if (mentions(nameActor(book.trace, actor))) lanes.add(book.laneOfActor(actor));
}
