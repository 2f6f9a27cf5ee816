// lock-across-await: a threading lock is held while the coroutine waits, so other tasks that want it stop the loop.
import type { Fix } from '../diagnostic.ts';
import type { Node } from '../python/ast.ts';
import { asyncFunctionOf } from '../python/calls.ts';
import { some } from '../python/children.ts';
import { importing, insert, replace, shown, suggestion } from '../python/fixes.ts';
import { type LockUse, THREAD_LOCKS, withAround } from '../python/locks.ts';
import type { Check, Context } from '../rule.ts';

export const lockAcrossAwait: Check = (context) => {
  const { model, locks, report } = context;
  if (model.awaits.length === 0) return;
  for (const use of locks.uses()) {
    if (!THREAD_LOCKS.has(use.type) || asyncFunctionOf(use.at) === undefined) continue;
    const fn = asyncFunctionOf(use.at)!;
    const waits = (node: Node) =>
      use.from <= node.start &&
      node.end <= use.to &&
      (node.kind === 'Await' || ((node.kind === 'For' || node.kind === 'With') && node.isAsync)) &&
      !locks.isLetGo(use, node);
    if (!some(fn.body, waits)) continue;
    const fixes = asyncLock(use, context);
    report(
      use.at,
      `${shown(model, use.expr)} is a thread lock and stays held while this task awaits; the next task that wants it stops the whole loop.`,
      { fixes },
    );
  }
};

/** Makes it an asyncio lock, when every use of it in the file is a `with` in an async function. */
function asyncLock(use: LockUse, { model, locks, resolver }: Context): Fix[] {
  const value = resolver.value(use.expr);
  if (
    value?.kind !== 'instance' ||
    value.made?.kind !== 'Call' ||
    !model.calls.includes(value.made)
  )
    return [];
  if (!/^threading\.(?:Lock|Condition|Semaphore|BoundedSemaphore)$/.test(use.type)) return [];
  const module = importing(model, 'asyncio');
  const edits = [
    ...module.edits,
    replace(value.made.func, `${module.name}.${use.type.slice('threading.'.length)}`),
  ];
  for (const other of locks.uses()) {
    if (other.key !== use.key) continue;
    const held = withAround(other);
    if (
      held === undefined ||
      held.isAsync ||
      held.items.length > 1 ||
      asyncFunctionOf(held) === undefined
    )
      return [];
    edits.push(insert(held.start, 'async '));
  }
  return [suggestion('Make it an asyncio lock', edits)];
}
