/** All lanes of a trace with what they show, brought up to date record by record. */
import type { Spans } from '../../base/spans.ts';
import type { LaneId } from '../../wire/panel.ts';
import type { Actor } from '../ingest/actor.ts';
import { TracedObject } from '../ingest/object.ts';
import type { Gap, Stream } from '../ingest/stream.ts';
import type { Trace } from '../trace.ts';
import { ActorLane } from './actorLane.ts';
import { applyRow } from './applyRow.ts';
import { doubles, words } from './growing.ts';
import { History } from './history.ts';
import { Labels } from './labels.ts';
import { LockLane } from './lockLane.ts';
import { Points } from './points.ts';
import { WaiterLane } from './waiterLane.ts';

/** A wait that has not ended, as far as this pass has come. */
export interface OpenWaitRow {
  readonly from: number;
  readonly object: number;
  readonly kind: number;
  readonly stack: number;
  readonly timed: boolean;
  owner: number;
  ownerStack: number;
  nowStack: number;
}

/** Counts of a lock as the probe said them: at each time acquires, contended ones, ns waited and held so far. */
export class LockCounts {
  readonly at = doubles();
  readonly acquires = words();
  readonly contended = words();
}

export interface LoopView {
  readonly object: TracedObject;
  readonly lag: Points;
  /** Busy share of each period. */
  readonly busy: Points;
  /** Tasks that live, and of them those that wait for a lock. */
  readonly tasks: Points;
  live: number;
  stuck: number;
  thread: Actor | undefined;
}

export interface PoolView {
  readonly object: TracedObject;
  /** Workers busy, items queued. */
  readonly load: Points;
  busy: number;
  queued: number;
  readonly workers: Set<Actor>;
  /** Submitted and not begun: item to time. */
  readonly submitted: Map<number, number>;
  /** Begun and not ended: item to row-to-be. */
  readonly running: Map<
    number,
    {
      readonly from: number;
      readonly submit: number;
      readonly worker: number;
      readonly target: number;
    }
  >;
}

interface LostRecords {
  readonly stream: Stream;
  readonly gap: Gap;
}

export const ACTOR_COLORS = 8;
const MOST_WAITERS = 64;

export class LaneBook {
  readonly trace: Trace;
  readonly labels: Labels;
  readonly history = new History();
  readonly actors = new Map<Actor, ActorLane>();
  readonly locks = new Map<TracedObject, LockLane>();
  /** Who ever waited for a lock. */
  readonly waiters = new Map<TracedObject, Map<Actor, WaiterLane>>();
  readonly lockCounts = new Map<TracedObject, LockCounts>();
  readonly loops = new Map<TracedObject, LoopView>();
  readonly pools = new Map<TracedObject, PoolView>();
  readonly queues = new Map<TracedObject, Points>();
  readonly permits = new Map<TracedObject, Points>();
  /** Semaphores that tell how many permits are left; of the others, how many wait. */
  readonly permitsTold = new Set<TracedObject>();
  readonly permitWaits = new Map<TracedObject, number>();
  readonly gil = new Map<Stream, Points>();
  readonly cost = new Map<Stream, Points>();
  readonly openWaits = new Map<Actor, OpenWaitRow>();
  /** Since when and where somebody holds a lock: by lock, then actor. */
  readonly openHolds = new Map<
    TracedObject,
    Map<Actor, { readonly from: number; readonly stack: number }>
  >();
  /** Of each lock: who must have given it back, as somebody else got it. */
  readonly leftHolds = new Map<TracedObject, Set<Actor>>();
  /** Grows whenever a lane is new or ended. */
  shape = 0;
  #row = 0;
  readonly #gapsSeen = new Map<Stream, number>();
  readonly #lanes = new Map<string, LaneId>();
  readonly #taken = new Set<LaneId>();
  readonly #things = new Map<LaneId, Actor | TracedObject>();
  readonly #waiterLanes = new Map<LaneId, WaiterLane>();
  readonly #colors = new Map<Actor, number>();
  readonly #colored = { thread: 0, task: 0 };

  constructor(trace: Trace) {
    this.trace = trace;
    this.labels = new Labels(trace);
  }

  /** Takes in the records that are new since the last call. */
  catchUp(): void {
    const { columns } = this.trace;
    const gaps = this.#newGaps();
    let next = 0;
    for (; this.#row < columns.length; this.#row++) {
      while (next < gaps.length && gaps[next]!.gap.row <= this.#row) this.#lose(gaps[next++]!);
      applyRow(this, this.#row);
    }
    while (next < gaps.length) this.#lose(gaps[next++]!);
  }

  #newGaps(): LostRecords[] {
    const found: LostRecords[] = [];
    for (const stream of this.trace.streams) {
      const seen = this.#gapsSeen.get(stream) ?? 0;
      if (seen === stream.gaps.length) continue;
      for (const gap of stream.gaps.slice(seen)) found.push({ stream, gap });
      this.#gapsSeen.set(stream, stream.gaps.length);
    }
    return found.sort((one, other) => one.gap.row - other.gap.row);
  }

  #lose({ stream, gap }: LostRecords): void {
    for (const [actor, lane] of this.actors) if (actor.stream === stream) lane.lose(gap.from);
  }

  /** What somebody waits for, in words. */
  labelOf(wait: Pick<OpenWaitRow, 'kind' | 'object' | 'stack' | 'owner'>): number {
    const { trace } = this;
    return this.labels.wait(
      wait.kind,
      trace.object(wait.object),
      wait.stack,
      trace.actor(wait.owner),
    );
  }

  get rows(): number {
    return this.#row;
  }

  /**
   * A lane's number, made of its key: the same while the trace grows, and again when the recording is opened another
   * day, so that what the reader had opened and chosen is found again.
   */
  lane(key: string): LaneId {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    let id = hash(key);
    while (this.#taken.has(id)) id = (id % MOST_ID) + 1;
    this.#taken.add(id);
    this.#lanes.set(key, id);
    return id;
  }

  /** Lane of something else that belongs to an object or a process: its lag, its tasks, its cost. */
  laneBeside(what: string, of: TracedObject | Stream): LaneId {
    return this.lane(
      `${what} ${of instanceof TracedObject ? `${of.stream.name} ${of.id}` : of.name}`,
    );
  }

  laneOfActor(actor: Actor): LaneId {
    return this.#laneOf(`${actor.kind} ${actor.stream.name} ${actor.id}`, actor);
  }

  laneOfObject(object: TracedObject): LaneId {
    return this.#laneOf(`object ${object.stream.name} ${object.id}`, object);
  }

  /** Slices of a lane; undefined for headings and series. */
  spansOf(lane: LaneId): Spans | undefined {
    const thing = this.#things.get(lane);
    if (thing === undefined) return this.#waiterLanes.get(lane)?.slices.spans;
    return (thing instanceof TracedObject ? this.locks.get(thing) : this.actors.get(thing))?.slices
      .spans;
  }

  /** The actor or object whose lane it is. */
  thingOf(lane: LaneId): Actor | TracedObject | undefined {
    return this.#things.get(lane);
  }

  /** The one who waits in a lane below a lock. */
  waiterOf(lane: LaneId): Actor | undefined {
    return this.#waiterLanes.get(lane)?.actor;
  }

  laneOfWaiter(object: TracedObject, waiter: WaiterLane): LaneId {
    const { actor } = waiter;
    const id = this.lane(
      `wait ${object.stream.name} ${object.id} ${actor.kind} ${actor.stream.name} ${actor.id}`,
    );
    this.#waiterLanes.set(id, waiter);
    return id;
  }

  /** Beyond a number nobody could look at them all: undefined. */
  waiter(object: TracedObject, actor: Actor): WaiterLane | undefined {
    const all = this.#made(this.waiters, object, () => new Map<Actor, WaiterLane>());
    const known = all.get(actor);
    if (known !== undefined || all.size >= MOST_WAITERS) return known;
    const made = new WaiterLane(actor);
    all.set(actor, made);
    this.shape++;
    return made;
  }

  /** The actor's own colour: worn by what it owns. The main threads wear the last one, grey. */
  color(actor: Actor): number {
    let color = this.#colors.get(actor);
    if (color === undefined) {
      // Threads among themselves: the many tasks between them would give two workers of one pool the same.
      const before = this.#colored[actor.kind];
      color = actor.main ? ACTOR_COLORS : 1 + (before % (ACTOR_COLORS - 1));
      if (!actor.main) this.#colored[actor.kind]++;
      this.#colors.set(actor, color);
    }
    return color;
  }

  actor(actor: Actor): ActorLane {
    let lane = this.actors.get(actor);
    if (lane === undefined) {
      const lost = actor.stream.gaps.some(
        ({ row, to }) => row <= this.#row && (to === undefined || to > actor.startNs),
      );
      lane = new ActorLane(actor, lost);
      this.actors.set(actor, lane);
      this.shape++;
    }
    return lane;
  }

  lock(object: TracedObject): LockLane {
    let lane = this.locks.get(object);
    if (lane === undefined) {
      lane = new LockLane();
      this.locks.set(object, lane);
      this.shape++;
    }
    return lane;
  }

  counts(object: TracedObject): LockCounts {
    return this.#made(this.lockCounts, object, () => new LockCounts());
  }

  loop(object: TracedObject): LoopView {
    return this.#made(this.loops, object, () => ({
      object,
      lag: new Points(1),
      busy: new Points(1),
      tasks: new Points(2, true),
      live: 0,
      stuck: 0,
      thread: undefined,
    }));
  }

  pool(object: TracedObject): PoolView {
    return this.#made(this.pools, object, () => ({
      object,
      load: new Points(2, true),
      busy: 0,
      queued: 0,
      workers: new Set<Actor>(),
      submitted: new Map(),
      running: new Map(),
    }));
  }

  queue(object: TracedObject): Points {
    return this.#made(this.queues, object, () => new Points(1, true));
  }

  permit(object: TracedObject): Points {
    return this.#made(this.permits, object, () => new Points(1, true));
  }

  gilOf(stream: Stream): Points {
    return this.#made(this.gil, stream, () => new Points(1));
  }

  costOf(stream: Stream): Points {
    return this.#made(this.cost, stream, () => new Points(1));
  }

  #laneOf(key: string, thing: Actor | TracedObject): LaneId {
    const id = this.lane(key);
    if (!this.#things.has(id)) this.#things.set(id, thing);
    return id;
  }

  #made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
    let value = map.get(key);
    if (value === undefined) {
      value = make();
      map.set(key, value);
      this.shape++;
    }
    return value;
  }
}

const MOST_ID = 0x7fff_ffff;

/** FNV-1a, from 1 to MOST_ID. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return (value % MOST_ID) + 1;
}
