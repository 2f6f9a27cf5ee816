/** Sorts those who can never move again into circles, who stands behind them, and hangs without a circle. */
import { Actor } from '../ingest/actor.ts';
import { TracedObject } from '../ingest/object.ts';
import { Stream } from '../ingest/stream.ts';
import type { Trace } from '../trace.ts';
import { cyclicComponents, shortestCycle } from './cycles.ts';
import { partnerCycle } from './partners.ts';
import { type Node, ownersOf, WaitForGraph } from './waitForGraph.ts';

/** A circle that stood this long unchanged is one. */
export const CONFIRM_NS = 100e6;
/** Owners that were not said again after the circle closed: patience until they count all the same. */
const UNREFRESHED_NS = 350e6;
/** A circle that rests on nobody else being left needs more patience. */
const PARTNERS_NS = 400e6;
const MAX_STARTS = 32;

export interface Circle {
  /** In order of waiting: each waits for the next, the last for the first. */
  readonly cycle: readonly Node[];
  /** Everybody of the same knot. */
  readonly members: readonly Node[];
  /** Stuck behind it, not of it. */
  readonly victims: readonly Actor[];
  /** When the last of its waits began. */
  readonly closedNs: number;
  /** A pool whose own work waits for its queue. */
  readonly starvedPool: TracedObject | undefined;
  readonly confirmed: boolean;
  /** Somebody unknown could have broken it: it counts only while it stands. */
  readonly presumed: boolean;
}

export interface Hang {
  /** Wait for anybody to come; most important first. */
  readonly roots: readonly Actor[];
  /** Wait for one of the roots to end. */
  readonly victims: readonly Actor[];
  readonly closedNs: number;
}

export interface StuckSets {
  readonly graph: WaitForGraph;
  readonly circles: readonly Circle[];
  readonly hangs: readonly Hang[];
}

export function findStuck(trace: Trace, nowNs: number): StuckSets {
  const graph = new WaitForGraph(trace, nowNs);
  const edges = (node: Node) => graph.helpers(node);
  const circles = cyclicComponents(graph.stuck, edges)
    .filter((members) => members.some((node) => node instanceof Actor))
    .map((members) => circleOf(graph, members, nowNs));
  const hangs: Hang[] = [];
  for (const hang of findHangs(graph, circles)) {
    const cycle = partnerCycle(graph, hang.roots);
    if (cycle === undefined) hangs.push(hang);
    else circles.push(presumedCircle(graph, cycle, nowNs));
  }
  return { graph, circles, hangs };
}

function circleOf(graph: WaitForGraph, members: readonly Node[], nowNs: number): Circle {
  const inside = new Set(members);
  const edges = (node: Node) => graph.helpers(node).filter((helper) => inside.has(helper));
  const cycle = shortestOf(members, edges);
  const waits = cycle.flatMap((node) => graph.waitOf(node) ?? []);
  const closedNs = Math.max(0, ...waits.map((wait) => wait.sinceNs));
  const ageNs = nowNs - closedNs;
  const refreshed = waits.every((wait) => wait.ownersNs >= closedNs);
  return {
    cycle,
    members,
    victims: victimsOf(graph, inside),
    closedNs,
    starvedPool: starvedPool(members, edges),
    confirmed: ageNs >= (refreshed ? CONFIRM_NS : UNREFRESHED_NS),
    presumed: false,
  };
}

function presumedCircle(graph: WaitForGraph, cycle: readonly Actor[], nowNs: number): Circle {
  const closedNs = Math.max(...cycle.map((actor) => actor.wait?.sinceNs ?? 0));
  return {
    cycle: rotated(cycle),
    members: cycle,
    victims: victimsOf(graph, new Set(cycle)),
    closedNs,
    starvedPool: undefined,
    confirmed: nowNs - closedNs >= PARTNERS_NS,
    presumed: true,
  };
}

function shortestOf(members: readonly Node[], edges: (node: Node) => readonly Node[]): Node[] {
  let best: Node[] | undefined;
  for (const start of members.filter((node) => node instanceof Actor).slice(0, MAX_STARTS)) {
    const cycle = shortestCycle(start, edges);
    if (cycle !== undefined && (best === undefined || cycle.length < best.length)) best = cycle;
  }
  return rotated(best ?? [...members]);
}

/** The same circle, begun at the actor that came first into the recording. */
function rotated(cycle: readonly Node[]): Node[] {
  let first = 0;
  let lowest = Number.POSITIVE_INFINITY;
  cycle.forEach((node, index) => {
    if (!(node instanceof Actor) || node.wait === undefined || node.index >= lowest) return;
    lowest = node.index;
    first = index;
  });
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}

/** A circle through a pool that needs nobody but the pool's own workers, tasks and loops. */
function starvedPool(
  members: readonly Node[],
  edges: (node: Node) => readonly Node[],
): TracedObject | undefined {
  for (const pool of members) {
    if (!(pool instanceof TracedObject) || pool.pool === undefined) continue;
    const workers = pool.pool.workers;
    const own = (node: Node) =>
      node === pool ||
      (node instanceof TracedObject && node.type === 'EventLoop') ||
      (node instanceof Actor && (workers.has(node) || node.kind === 'task'));
    if (shortestCycle<Node>(pool, (node) => edges(node).filter(own)) !== undefined) return pool;
  }
  return undefined;
}

/** Everybody who waits, over any number of steps, for one of `targets`. */
function victimsOf(graph: WaitForGraph, targets: ReadonlySet<Node>): Actor[] {
  const waiters = new Map<Node, Node[]>();
  for (const node of graph.stuck) {
    for (const helper of graph.helpers(node)) {
      const known = waiters.get(helper);
      if (known === undefined) waiters.set(helper, [node]);
      else known.push(node);
    }
  }
  const victims = new Set<Node>();
  const open = [...targets];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const waiter of waiters.get(node) ?? []) {
      if (targets.has(waiter) || victims.has(waiter)) continue;
      victims.add(waiter);
      open.push(waiter);
    }
  }
  return [...victims].filter((node) => node instanceof Actor);
}

/** One hang for each group of processes that could help each other, unless a circle there explains it. */
function findHangs(graph: WaitForGraph, circles: readonly Circle[]): Hang[] {
  const explained = new Set<Stream>();
  for (const circle of circles)
    for (const node of [...circle.members, ...circle.victims])
      explained.add(node instanceof Stream ? node : node.stream);
  const groups = new Map<Stream | 'all', Actor[]>();
  for (const node of graph.stuck) {
    if (!(node instanceof Actor)) continue;
    if (!graph.waitsForAnyone(node) && !isLeftWithout(graph, node)) continue;
    const scope = graph.scope(node);
    if (scope.some((stream) => explained.has(stream)) || explained.has(node.stream)) continue;
    const key = scope.length > 1 ? 'all' : node.stream;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  const hangs: Hang[] = [];
  for (const all of groups.values()) {
    const hang = hangOf(graph, all);
    if (hang !== undefined) hangs.push(hang);
  }
  return hangs;
}

/** Who has the lock stands by for work and waits for nothing: it was not given back where that work ended. */
function isLeftWithout(graph: WaitForGraph, actor: Actor): boolean {
  if (actor.wait?.forLock !== true) return false;
  const standsBy = (node: Node) =>
    node instanceof Actor && node.wait === undefined && graph.waitsForAnyone(node);
  return graph.helpers(actor).every(standsBy);
}

function hangOf(graph: WaitForGraph, all: readonly Actor[]): Hang | undefined {
  // Threads that merely stand by for work, and loops that stand still with their tasks, are nobody's fault.
  const waiting = all.filter((actor) => actor.wait !== undefined && !isInternal(actor));
  const victims = victimsOf(graph, new Set(waiting)).filter((actor) => !waiting.includes(actor));
  const dead = new Set<Actor>();
  for (const actor of waiting) {
    // Its owner is gone and took the lock with it: nobody known can help.
    for (const owner of ownersOf(actor.wait!)) if (owner.actor?.ended) dead.add(actor);
  }
  const keepsAlive = (actor: Actor) => actor.main || actor.kind === 'task' || !actor.daemon;
  const needed = [...waiting, ...victims].some(keepsAlive);
  if (waiting.length === 0 || !needed) return undefined;
  const rank = (actor: Actor) =>
    (dead.has(actor) ? 0 : 4) + (waitedFor(graph, actor) ? 0 : 2) + (keepsAlive(actor) ? 0 : 1);
  const roots = [...waiting].sort(
    (one, other) => rank(one) - rank(other) || one.wait!.sinceNs - other.wait!.sinceNs,
  );
  return { roots, victims, closedNs: Math.max(...waiting.map((one) => one.wait!.sinceNs)) };
}

function waitedFor(graph: WaitForGraph, actor: Actor): boolean {
  for (const node of graph.stuck) if (graph.helpers(node).includes(actor)) return true;
  return false;
}

function isInternal(actor: Actor): boolean {
  return actor.wait?.object?.internal === true && actor.pool !== undefined;
}
