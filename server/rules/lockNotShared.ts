// lock-not-shared: a lock made in the `with` or in the function that uses it is never the lock anybody else takes.
import type { Fix } from '../diagnostic.ts';
import type { Call, Name } from '../python/ast.ts';
import { dotted } from '../python/calls.ts';
import { insert, replace, source, suggestion } from '../python/fixes.ts';
import { ASYNC_LOCKS, THREAD_LOCKS } from '../python/locks.ts';
import { readsOf } from '../python/names.ts';
import { functionOf, functionScope, lookup } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';
import { afterImports } from './taskDropped.ts';

export const lockNotShared: Check = (context) => {
  const { model, resolver, report } = context;
  const isLock = (call: Call) => {
    const path = resolver.callee(call) ?? '';
    return THREAD_LOCKS.has(path) || ASYNC_LOCKS.has(path);
  };
  for (const node of model.withs) {
    for (const item of node.items) {
      if (item.value.kind !== 'Call' || !isLock(item.value)) continue;
      // Plain `with` can't even enter it.
      if (!node.isAsync && ASYNC_LOCKS.has(resolver.callee(item.value) ?? '')) continue;
      report(
        item.value,
        'This lock is made anew for every pass, so it never keeps anybody out; make it once and share it.',
        {
          fixes: hoist(item.value, context),
        },
      );
    }
  }
  for (const assign of model.assigns) {
    const [target] = assign.targets;
    if (
      assign.value?.kind !== 'Call' ||
      !isLock(assign.value) ||
      target?.kind !== 'Name' ||
      assign.targets.length > 1
    )
      continue;
    // A condition on another lock is as shared as that one.
    if (assign.value.args.length > 0 && resolver.callee(assign.value)?.endsWith('.Condition'))
      continue;
    const scope = functionScope(target.scope);
    // What is made to be tested need not keep anybody out.
    if (functionOf(assign)?.name.startsWith('test_') === true) continue;
    if (scope.kind !== 'function' || lookup(target.scope, target.id) !== scope) continue;
    // Made only when the caller gave none, or one of several.
    if ((scope.bindings.get(target.id)?.length ?? 0) > 1) continue;
    const reads = readsOf(model, scope, target.id);
    const entered = reads.filter((name) => isEntered(name) && !isAsked(name));
    if (
      entered.length === 0 ||
      !reads.every((name) => functionScope(name.scope) === scope && isEntered(name))
    )
      continue;
    report(
      assign.value,
      `${target.id} is made anew by every call and never leaves this function, so it never keeps anybody out.`,
      {
        fixes: [],
      },
    );
  }
};

function isEntered(name: Name): boolean {
  const parent = name.parent;
  if (parent.kind === 'With') return parent.items.some((item) => item.value === name);
  return (
    parent.kind === 'Attribute' &&
    /^(?:acquire|release|locked)$/.test(parent.attr) &&
    parent.parent.kind === 'Call' &&
    parent.parent.func === parent &&
    // Handed on, it is taken by somebody else.
    (parent.attr !== 'acquire' || parent.parent.parent.kind !== 'Call')
  );
}

/** Only looked at, as its tests do. */
function isAsked(name: Name): boolean {
  return name.parent.kind === 'Attribute' && name.parent.attr === 'locked';
}

function hoist(call: Call, { model }: Context): Fix[] {
  if (dotted(call.func) === undefined || model.scope.bindings.has('shared_lock')) return [];
  const at = afterImports(model);
  if (at >= call.start) return [];
  return [
    suggestion('Make one lock for the module', [
      insert(at, `shared_lock = ${source(model, call)}\n`),
      replace(call, 'shared_lock'),
    ]),
  ];
}
