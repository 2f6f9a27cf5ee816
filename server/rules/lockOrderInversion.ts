// lock-order-inversion: two locks are nested both ways round, directly or through calls and modules.
import type { Fix, Related } from '../diagnostic.ts';
import type { Node } from '../python/ast.ts';
import { dotted } from '../python/children.ts';
import type { Effects } from '../python/effects.ts';
import { importedIn } from '../python/imports.ts';
import { lockOrderFixes } from '../python/lockOrderFix.ts';
import { ASYNC_LOCKS, type LockUse } from '../python/locks.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';
import { swappedLocks } from './swappedLocks.ts';

interface Edge {
  readonly held: LockUse;
  readonly taken: LockUse;
  /** The lock, or the call that leads to it, inside the held stretch. */
  readonly at: Node;
  readonly path: string;
  /** Other locks held there: one held on both ways round keeps the two apart. */
  readonly gates: ReadonlySet<string>;
}

/** How many modules around a file are looked at for the other way round. */
const NEIGHBOURS = 60;

export const lockOrderInversion: Check = (context) => {
  const { resolver, effects, model, report } = context;
  for (const { taken, held, one, other } of swappedLocks(context)) {
    const related = [one, other].map((call) => ({
      path: model.path,
      start: call.start,
      end: call.end,
      message: 'called with the two in this order',
    }));
    const names = [held, taken].map((use) => dotted(use.expr) ?? 'a lock');
    report(
      taken.at,
      `${names[1]} is taken while ${names[0]} is held, and this function is called with the two both ways round: two threads that meet here wait for each other for ever.`,
      { related, fixes: fixesFor(context, held, taken) },
    );
  }
  const own = edgesOf(resolver, effects);
  if (own.length === 0) return;
  const all = [...own];
  for (const other of neighbours(resolver, own)) all.push(...edgesOf(other, effects));
  const reported = new Set<string>();
  for (const edge of own) {
    const back = wayBack(edge, all);
    if (back === undefined) continue;
    const key = `${edge.held.key}>${edge.taken.key}`;
    if (reported.has(key)) continue;
    reported.add(key);
    const names = [edge.held, edge.taken].map((use) => shortName(use.key));
    const related: Related[] = back.map((each) => ({
      path: each.path,
      start: each.at.start,
      end: each.at.end,
      message: `${shortName(each.taken.key)} is taken here while ${shortName(each.held.key)} is held`,
    }));
    const where =
      back[0]!.path === model.path
        ? `line ${lineOf(model.text, back[0]!.at.start)}`
        : fileName(back[0]!.path);
    report(
      edge.at,
      `${names[1]} is taken while ${names[0]} is held, and the other way round at ${where}: two threads that meet there wait for each other for ever.`,
      { related, fixes: edge.at === edge.taken.at ? fixesFor(context, edge.held, edge.taken) : [] },
    );
  }
};

/** Ids order locks of one process only. */
function fixesFor({ model }: Context, held: LockUse, taken: LockUse): readonly Fix[] {
  if (!held.viaWith || !taken.viaWith || taken.type.startsWith('multiprocessing.')) return [];
  return lockOrderFixes(model, held.at, taken.at);
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function shortName(key: string): string {
  return key.slice(Math.max(key.lastIndexOf('::') + 2, key.lastIndexOf(':') + 1));
}

const EDGES = new WeakMap<Resolver, readonly Edge[]>();

function edgesOf(resolver: Resolver, effects: Effects): readonly Edge[] {
  let edges = EDGES.get(resolver);
  if (edges === undefined) {
    edges = findEdges(resolver, effects);
    EDGES.set(resolver, edges);
  }
  return edges;
}

function findEdges(resolver: Resolver, effects: Effects): Edge[] {
  const locks = effects.locksOf(resolver);
  const uses = locks.uses();
  if (uses.length === 0) return [];
  const edges: Edge[] = [];
  const { path } = resolver.model;
  const add = (held: LockUse, taken: LockUse, at: Node) => {
    if (held.key === taken.key || !nests(held) || !nests(taken)) return;
    const gates = new Set(locks.heldAt(at).map((use) => use.key));
    gates.delete(held.key);
    gates.delete(taken.key);
    edges.push({ held, taken, at, path, gates });
  };
  for (const use of uses) {
    if (!use.waits) continue;
    for (const held of locks.heldAt(use.at)) add(held, use, use.at);
  }
  for (const call of resolver.model.calls) {
    const held = locks.heldAt(call);
    if (held.length === 0) continue;
    for (const chain of effects.acquiredBy(call, functionOf(call), resolver)) {
      for (const each of held) add(each, chain.use, call);
    }
  }
  return edges;
}

/** Semaphores guard counts, and a lock of one call is nobody else's. */
function nests(use: LockUse): boolean {
  return (
    !use.type.endsWith('emaphore') &&
    use.owner !== 'local' &&
    !(use.owner === 'other' && use.key.includes('::'))
  );
}

function wayBack(edge: Edge, all: readonly Edge[]): Edge[] | undefined {
  const start = { key: edge.taken.key, edges: [] as Edge[] };
  const queue = [start];
  const seen = new Set([edge.taken.key]);
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    for (const next of all) {
      if (
        next.held.key !== step.key ||
        ASYNC_LOCKS.has(next.held.type) !== ASYNC_LOCKS.has(edge.held.type)
      )
        continue;
      if ([...next.gates].some((gate) => edge.gates.has(gate))) continue;
      const edges = [...step.edges, next];
      if (next.taken.key === edge.held.key) return edges;
      if (edges.length >= 4 || seen.has(next.taken.key)) continue;
      seen.add(next.taken.key);
      queue.push({ key: next.taken.key, edges });
    }
  }
  return undefined;
}

/**
 * Modules around this one, up to three imports away, whose text names a lock that this one takes second: only there can the
 * way back begin. The others are not parsed.
 */
function neighbours(resolver: Resolver, edges: readonly Edge[]): Resolver[] {
  const { project, model } = resolver;
  const wanted = new Set(edges.map((edge) => shortName(edge.taken.key)));
  const found: Resolver[] = [];
  const seen = new Set([model.path]);
  let ring = [{ path: model.path, text: model.text }];
  for (let hops = 0; hops < 3 && seen.size < NEIGHBOURS; hops++) {
    const next: typeof ring = [];
    for (const { path, text } of ring) {
      for (const name of importedIn(text)) {
        const source = project.source(name, path);
        if (source === undefined || seen.has(source.path) || seen.size >= NEIGHBOURS) continue;
        seen.add(source.path);
        next.push(source);
        if (![...wanted].some((each) => mentions(source.text, each))) continue;
        const other = project.module(name, path);
        if (other !== undefined) found.push(other);
      }
    }
    ring = next;
  }
  return found;
}

/** `LOCK`, or both parts of `Class.lock`. */
function mentions(text: string, lock: string): boolean {
  return lock.split('.').every((part) => text.includes(part));
}
