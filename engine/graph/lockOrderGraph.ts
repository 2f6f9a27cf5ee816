/**
 * Which locks are taken inside which, and the cycles among them that could close in another run. A cycle is possible only
 * when its edges come from different actors, hold no common lock, and none of them is over before another begins.
 */
import type { OrderEdge, OrderWitness } from '../facts/order.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Trace } from '../trace.ts';
import { cyclicComponents } from './cycles.ts';

const MAX_LENGTH = 6;
const MAX_CYCLES = 50;
/** Steps of search in one knot of locks; what is not found by then is left out. */
const MAX_STEPS = 20_000;
/** Whoever awaits an item may go on before the worker comes to say that it has ended. */
const ITEM_END_NS = 20e6;

export interface LockOrderInversion {
  /** The lock of `edges[i].acquired` is the one of `edges[i + 1].held`. */
  readonly edges: readonly OrderEdge[];
  /** Who did each. */
  readonly witnesses: readonly OrderWitness[];
}

const LOCK_TYPES = new Set(['Lock', 'RLock', 'Condition']);

const SEEN = new WeakMap<
  Trace,
  { readonly changes: number; readonly found: readonly LockOrderInversion[] }
>();

/** The same as last time while no new order was seen: a live run asks twice a second. */
export function recentInversions(trace: Trace): readonly LockOrderInversion[] {
  const { changes } = trace.facts.order;
  const seen = SEEN.get(trace);
  if (seen?.changes === changes) return seen.found;
  const found = findInversions(trace);
  SEEN.set(trace, { changes, found });
  return found;
}

export function findInversions(trace: Trace): readonly LockOrderInversion[] {
  const out = new Map<number, OrderEdge[]>();
  for (const edge of trace.facts.order.edges.values()) {
    if (!isLock(trace.object(edge.held)) || !isLock(trace.object(edge.acquired))) continue;
    const known = out.get(edge.held);
    if (known === undefined) out.set(edge.held, [edge]);
    else known.push(edge);
  }
  const targets = (node: number) => (out.get(node) ?? []).map((edge) => edge.acquired);
  const found: LockOrderInversion[] = [];
  for (const component of cyclicComponents(out.keys(), targets)) {
    for (const edges of simpleCycles(component, out)) {
      const witnesses = possible(trace, edges);
      if (witnesses !== undefined) found.push({ edges, witnesses });
      if (found.length >= MAX_CYCLES) return found;
    }
  }
  return found;
}

/** Something that excludes others: a semaphore of one permit is a lock, one of many is not. */
function isLock(object: TracedObject | undefined): boolean {
  if (object === undefined || object.internal) return false;
  // Whoever took it need not be the one who has it: it is given back by others, as the last reader does.
  if ((object.lock?.foreignReleases ?? 0) > 0) return false;
  if (LOCK_TYPES.has(object.type)) return true;
  return object.type.endsWith('Semaphore') && object.capacity === 1;
}

/** Every cycle once, begun at its lowest lock; shortest first. */
function simpleCycles(
  component: readonly number[],
  out: ReadonlyMap<number, readonly OrderEdge[]>,
): OrderEdge[][] {
  const inside = new Set(component);
  const cycles: OrderEdge[][] = [];
  let steps = 0;
  for (const start of [...component].sort((one, other) => one - other)) {
    const open: OrderEdge[][] = (out.get(start) ?? []).map((edge) => [edge]);
    for (let path = open.shift(); path !== undefined && steps < MAX_STEPS; path = open.shift()) {
      steps++;
      const { acquired } = path.at(-1)!;
      if (acquired === start) {
        cycles.push(path);
        continue;
      }
      if (acquired < start || !inside.has(acquired) || path.length >= MAX_LENGTH) continue;
      if (path.slice(0, -1).some((edge) => edge.acquired === acquired)) continue;
      for (const edge of out.get(acquired) ?? []) open.push([...path, edge]);
    }
  }
  return cycles.sort((one, other) => one.length - other.length);
}

/** One witness for each edge such that all could stand there at once; undefined when there is no such choice. */
function possible(trace: Trace, edges: readonly OrderEdge[]): OrderWitness[] | undefined {
  let steps = 0;
  const choose = (chosen: OrderWitness[]): OrderWitness[] | undefined => {
    const edge = edges[chosen.length];
    if (edge === undefined) return chosen;
    for (const witness of edge.witnesses) {
      if (++steps > MAX_STEPS) return undefined;
      if (!chosen.every((other) => together(trace, other, witness))) continue;
      const complete = choose([...chosen, witness]);
      if (complete !== undefined) return complete;
    }
    return undefined;
  };
  return choose([]);
}

function together(trace: Trace, one: OrderWitness, other: OrderWitness): boolean {
  if (one.actor === other.actor && !couldBeTwo(one, other)) return false;
  // A gate: whoever holds the common lock keeps the other out.
  if (one.held.some((lock) => other.held.includes(lock))) return false;
  // A task that was made after the other had ended was most likely made after awaiting it.
  if (one.actor.kind === 'task' && one.actor.loop === other.actor.loop)
    if (!lived(one.actor, other.actor) || !lived(other.actor, one.actor)) return false;
  // Nor could an item that was handed in when the other was over: the results of a pool are mostly awaited between.
  if (wasOver(one, other) || wasOver(other, one)) return false;
  if (one.actor === other.actor) return true;
  const { before } = trace.facts;
  return (
    !before.ordered(trace, one.actor, one.at, other.actor, other.at) &&
    !before.ordered(trace, other.actor, other.at, one.actor, one.at)
  );
}

/** Two items of one worker, both handed in before the first came to its lock: another worker could have had one of them. */
function couldBeTwo(one: OrderWitness, other: OrderWitness): boolean {
  if (one.item === 0 || other.item === 0 || one.item === other.item) return false;
  // One that has been enough so far is not all that the pool may have.
  const { pool } = one.actor;
  if (Math.max(pool?.capacity ?? 0, pool?.pool?.workerCount ?? 0) < 2) return false;
  const [first, second] = one.at < other.at ? [one, other] : [other, one];
  return second.itemSubmitNs >= 0 && second.itemSubmitNs <= first.at;
}

function wasOver(one: OrderWitness, other: OrderWitness): boolean {
  return one.itemEndNs >= 0 && other.itemSubmitNs >= Math.max(one.at, one.itemEndNs - ITEM_END_NS);
}

/** True unless `one` had ended before `other` began. */
function lived(one: Actor, other: Actor): boolean {
  return one.endNs === undefined || one.endNs > other.startNs;
}
