// Locks in the source: which one an expression names, where each is taken and what is held at a place.
import type { Call, ClassDef, Expr, FunctionDef, Node, Stmt } from './ast.ts';
import { argument, blockOf, isFalse } from './calls.ts';
import { statementOf } from './children.ts';
import { selfClass } from './model.ts';
import type { Resolver } from './resolve.ts';
import { functionOf, lookup } from './scope.ts';
import { isNone } from './value.ts';

const KINDS = ['Lock', 'RLock', 'Condition', 'Semaphore', 'BoundedSemaphore'];
export const THREAD_LOCKS: ReadonlySet<string> = new Set(
  ['threading', 'multiprocessing'].flatMap((module) => KINDS.map((kind) => `${module}.${kind}`)),
);
export const ASYNC_LOCKS: ReadonlySet<string> = new Set([
  ...KINDS.map((kind) => `asyncio.${kind}`),
  'anyio.Lock',
  'anyio.Condition',
  'anyio.Semaphore',
  'trio.Lock',
  'trio.StrictFIFOLock',
  'trio.Condition',
  'trio.Semaphore',
]);

export interface LockUse {
  /** Same for uses of the same lock, or of the same attribute of instances of one class. */
  readonly key: string;
  /** Whose lock it is: one per program, the current object's, or some other object's. */
  readonly owner: 'global' | 'self' | 'local' | 'other';
  readonly type: string;
  readonly expr: Expr;
  /** Where it is taken: the `with` item or the `acquire` call. */
  readonly at: Expr;
  /** The stretch of source in which it is held. */
  readonly from: number;
  readonly to: number;
  readonly fn: FunctionDef | undefined;
  readonly viaWith: boolean;
  /** False for try-locks and those with a timeout. */
  readonly waits: boolean;
}

const NONE: readonly LockUse[] = [];

function groupByFunction(uses: readonly LockUse[]): Map<FunctionDef | undefined, LockUse[]> {
  const groups = new Map<FunctionDef | undefined, LockUse[]>();
  for (const use of uses) {
    const group = groups.get(use.fn);
    if (group === undefined) groups.set(use.fn, [use]);
    else group.push(use);
  }
  return groups;
}

export class Locks {
  readonly #resolver: Resolver;
  #uses: LockUse[] | undefined;
  #releases: Call[] | undefined;
  #byFunction: Map<FunctionDef | undefined, LockUse[]> | undefined;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Every place in the file that takes a lock, in source order. */
  uses(): readonly LockUse[] {
    this.#uses ??= this.#collect();
    return this.#uses;
  }

  /** Locks held at a place by the function it is in, outermost first. */
  heldAt(node: Node): readonly LockUse[] {
    const uses = this.uses();
    if (uses.length === 0) return NONE;
    this.#byFunction ??= groupByFunction(uses);
    const own = this.#byFunction.get(functionOf(node));
    if (own === undefined) return NONE;
    return own.filter(
      (use) =>
        use.from <= node.start &&
        node.end <= use.to &&
        use.at !== node &&
        (use.viaWith ? !this.isLetGo(use, node) : isPastIn(use.at, node)),
    );
  }

  /** Released by hand before a place in its own `with`, to be taken again behind it. */
  isLetGo(use: LockUse, node: Node): boolean {
    return this.#releasesOf(use).some(
      (call) => use.from <= call.start && call.end <= node.start && isPastIn(call, node),
    );
  }

  /** Released further up in a function that had not taken it: the caller's lock, let go for a while. */
  isTakenBack(use: LockUse): boolean {
    if (use.viaWith) return false;
    const first = this.#releasesOf(use).find((call) => functionOf(call) === use.fn);
    if (first === undefined || first.start > use.at.start) return false;
    return !this.uses().some(
      (other) => other.fn === use.fn && other.key === use.key && other.at.start < first.start,
    );
  }

  #releasesOf(use: LockUse): readonly Call[] {
    this.#releases ??= this.#resolver.model.calls.filter(
      ({ func }) => func.kind === 'Attribute' && func.attr === 'release',
    );
    return this.#releases.filter(
      ({ func }) => func.kind === 'Attribute' && this.identity(func.value)?.key === use.key,
    );
  }

  #collect(): LockUse[] {
    const uses: LockUse[] = [];
    for (const node of this.#resolver.model.withs) {
      for (const [index, item] of node.items.entries()) {
        const named = this.identity(item.value);
        if (named === undefined) continue;
        const from = node.items[index + 1]?.value.start ?? node.body[0]?.start ?? node.end;
        const where = {
          expr: item.value,
          at: item.value,
          from,
          to: node.end,
          fn: functionOf(node),
        };
        uses.push({ ...named, ...where, viaWith: true, waits: true });
      }
    }
    for (const call of this.#resolver.model.calls) {
      if (call.func.kind !== 'Attribute' || call.func.attr !== 'acquire') continue;
      const named = this.identity(call.func.value);
      if (named === undefined) continue;
      // An asyncio lock is taken by awaiting, not by calling.
      if (ASYNC_LOCKS.has(named.type) && call.parent.kind !== 'Await') continue;
      const fn = functionOf(call);
      const to = this.#releasedAt(call, call.func.value, named.key);
      const where = { expr: call.func.value, at: call, from: call.end, to: to ?? call.end, fn };
      uses.push({ ...named, ...where, viaWith: false, waits: isBlockingAcquire(call) });
    }
    return uses.sort((a, b) => a.from - b.from);
  }

  /** Where the first later `release` of the same lock stands in the same function. */
  #releasedAt(call: Call, lock: Expr, key: string): number | undefined {
    const fn = functionOf(call);
    for (const other of this.#resolver.model.calls) {
      if (other.start <= call.end || functionOf(other) !== fn) continue;
      if (other.func.kind !== 'Attribute' || other.func.attr !== 'release') continue;
      if (other.func.value.kind !== lock.kind || this.identity(other.func.value)?.key !== key)
        continue;
      return statementOf(other)?.start ?? other.start;
    }
    return undefined;
  }

  /** Which lock an expression names; undefined when it is none or can't be told. */
  identity(expr: Expr): { key: string; owner: LockUse['owner']; type: string } | undefined {
    const type = this.#resolver.type(expr);
    if (type === undefined || !(THREAD_LOCKS.has(type) || ASYNC_LOCKS.has(type))) return undefined;
    const named = this.#place(expr, this.#resolver);
    return named === undefined ? undefined : { ...named, type };
  }

  #place(expr: Expr, resolver: Resolver): { key: string; owner: LockUse['owner'] } | undefined {
    const path = resolver.model.path;
    if (expr.kind === 'Name') {
      const owner = lookup(expr.scope, expr.id);
      const bindings = owner?.bindings.get(expr.id) ?? [];
      const imported = bindings.find((binding) => binding.kind === 'import');
      if (imported?.module !== undefined && imported.imported !== undefined) {
        const from = resolver.project.module(imported.module, path)?.model.path;
        return { key: `${from ?? imported.module}::${imported.imported}`, owner: 'global' };
      }
      if (owner?.kind === 'module') return { key: `${path}::${expr.id}`, owner: 'global' };
      if (owner === undefined) return undefined;
      if (owner.node.kind === 'ClassDef')
        return { key: `${path}:${owner.node.name}.${expr.id}`, owner: 'global' };
      if (bindings.some((binding) => binding.kind === 'param')) {
        return { key: `${path}:${owner.node.start}::${expr.id}`, owner: 'other' };
      }
      // A local name for an attribute is that attribute.
      const value = bindings.length === 1 ? bindings[0]?.value : undefined;
      if (value?.kind === 'Attribute' || value?.kind === 'Name')
        return this.#place(value, resolver);
      return { key: `${path}:${owner.node.start}::${expr.id}`, owner: 'local' };
    }
    if (expr.kind !== 'Attribute') return undefined;
    const base = resolver.value(expr.value);
    if (base?.kind === 'module')
      return { key: `${base.resolver.model.path}::${expr.attr}`, owner: 'global' };
    if (base?.kind === 'object' || base?.kind === 'class') {
      const { cls, resolver: home } = definingClass(base.cls, expr.attr, base.resolver);
      const isSelf = expr.value.kind === 'Name' && selfClass(expr.value.id, expr) !== undefined;
      const key = `${home.model.path}:${cls.name}.${expr.attr}`;
      const shared = base.kind === 'class' || (isSelf && isClassLevel(cls, expr.attr, home));
      return { key, owner: shared ? 'global' : isSelf ? 'self' : 'other' };
    }
    return undefined;
  }
}

/** Whether what an acquire acquires is still held at a later place: not in the other branch of an `if`, nor past it. */
export function isPastIn(acquire: Expr, node: Node): boolean {
  const statement = statementOf(acquire);
  if (statement === undefined) return false;
  return blockOf(statement).some(
    (each) => each.start >= statement.start && each.start <= node.start && node.end <= each.end,
  );
}

/** A lock made in a class body is one for all instances. */
function isClassLevel(cls: ClassDef, attribute: string, resolver: Resolver): boolean {
  const bindings = resolver.model.attributes.get(cls)?.get(attribute) ?? [];
  return bindings.length === 1 && bindings[0]?.from.kind === 'class';
}

function definingClass(
  cls: ClassDef,
  attribute: string,
  resolver: Resolver,
  depth = 0,
): { cls: ClassDef; resolver: Resolver } {
  if (depth < 8 && resolver.model.attributes.get(cls)?.has(attribute) !== true) {
    for (const base of cls.bases) {
      const value = resolver.value(base);
      if (value?.kind !== 'class') continue;
      return definingClass(value.cls, attribute, value.resolver, depth + 1);
    }
  }
  return { cls, resolver };
}

/** False for `acquire(False)`, `acquire(blocking=False)` and any timeout but None and -1. */
export function isBlockingAcquire(call: Call): boolean {
  const blocking = argument(call, 'blocking', 0) ?? argument(call, 'block');
  if (blocking !== undefined && !(blocking.kind === 'Literal' && blocking.text === 'True'))
    return false;
  if (isFalse(blocking)) return false;
  const timeout = argument(call, 'timeout', 1);
  return timeout === undefined || isNone(timeout);
}

/** The `with` statement whose lock this is. */
export function withAround(use: LockUse): Extract<Stmt, { kind: 'With' }> | undefined {
  return use.at.parent.kind === 'With' ? use.at.parent : undefined;
}
