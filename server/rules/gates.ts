// Locks that serve as gates: taken and let go to wait for somebody, not to guard anything.
import type { Call, Expr, Name, Stmt } from '../python/ast.ts';
import { statementOf } from '../python/children.ts';
import { isPastIn, type LockUse } from '../python/locks.ts';
import { readsOf } from '../python/names.ts';
import { functionOf, functionScope, lookup } from '../python/scope.ts';
import type { Context } from '../rule.ts';

/**
 * Locks that serve as gates guard nothing: one that is released at once (whoever holds it is waited for), one acquired a
 * second time, and one acquired as soon as it is made for others to wait at.
 */
export function isGate(
  use: LockUse,
  statement: Stmt,
  block: readonly Stmt[],
  releases: readonly Call[],
  context: Context,
): boolean {
  const { model, locks } = context;
  const own = localNames(use, context);
  const at = block.indexOf(statement);
  const isPrivate = own?.every((name) => functionScope(name.scope) === functionScope(use.at.scope));
  if (isPassed(use, statement, block, releases, context)) return true;
  const again = locks
    .uses()
    .some(
      (other) =>
        other.key === use.key &&
        other.fn === use.fn &&
        other.at.end <= use.at.start &&
        !other.viaWith &&
        isPastIn(other.at, use.at) &&
        releasesOf(other, context).length === 0,
    );
  if (again || isSignal(use, context)) return true;
  if (own === undefined || isPrivate === true) return false;
  for (let index = at - 1; index >= 0; index--) {
    const before = block[index]!;
    const text = model.text.slice(before.start, before.end);
    if (before.kind === 'Assign' && before.targets.some((each) => isNamed(each, use))) return true;
    if (before.kind !== 'Assign' && !text.endsWith('.acquire()')) return false;
  }
  return false;
}

/** Released at once, in the next statement, and not a lock that only this function sees. */
export function isPassed(
  use: LockUse,
  statement: Stmt,
  block: readonly Stmt[],
  releases: readonly Call[],
  context: Context,
): boolean {
  const next = block[block.indexOf(statement) + 1];
  if (!releases.some((call) => statementOf(call) === next)) return false;
  const here = functionScope(use.at.scope);
  return localNames(use, context)?.every((name) => functionScope(name.scope) === here) !== true;
}

/** Released where it was not acquired before: to let somebody else go on. */
function isSignal(use: LockUse, { model, locks }: Context): boolean {
  const uses = locks.uses().filter((other) => other.key === use.key);
  return model.calls.some(
    (call) =>
      call.func.kind === 'Attribute' &&
      call.func.attr === 'release' &&
      locks.identity(call.func.value)?.key === use.key &&
      // The end of a with that an __enter__ of the same class begins.
      !/^__a?exit__$/.test(functionOf(call)?.name ?? '') &&
      !uses.some((other) => other.fn === functionOf(call) && other.at.start < call.start),
  );
}

function isNamed(target: Expr, { expr }: LockUse): boolean {
  return target.kind === 'Name' && expr.kind === 'Name' && target.id === expr.id;
}

/** Reads of a lock that is a plain name of the function that takes it. */
export function localNames({ owner, expr }: LockUse, { model }: Context): Name[] | undefined {
  if (owner !== 'local' || expr.kind !== 'Name') return undefined;
  const scope = lookup(expr.scope, expr.id);
  if (scope === undefined || scope !== functionScope(expr.scope)) return undefined;
  return readsOf(model, scope, expr.id);
}

/** Releases of the same lock in the same function, up to where it is acquired the next time. */
export function releasesOf(use: LockUse, { model, locks }: Context): Call[] {
  const scope = functionScope(use.at.scope);
  const again = locks
    .uses()
    .find((other) => other.key === use.key && other.fn === use.fn && other.at.start > use.at.end);
  const until = again?.at.start ?? Number.POSITIVE_INFINITY;
  return model.calls.filter(
    (call) =>
      call.start > use.at.end &&
      call.start < until &&
      functionScope(call.scope) === scope &&
      call.func.kind === 'Attribute' &&
      call.func.attr === 'release' &&
      locks.identity(call.func.value)?.key === use.key,
  );
}
