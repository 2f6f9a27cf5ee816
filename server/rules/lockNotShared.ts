// lock-not-shared: a lock made in the `with` or in the function that uses it is never the lock anybody else takes.
import type { Fix } from '../diagnostic.ts';
import type { Call, Name, Node, Stmt } from '../python/ast.ts';
import { blockOf, dotted } from '../python/calls.ts';
import { some, statementOf } from '../python/children.ts';
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
      // The other `with` can't even enter it.
      if (node.isAsync !== ASYNC_LOCKS.has(resolver.callee(item.value) ?? '')) continue;
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
    // Around nothing it need not keep anybody out: an example of how a lock is taken.
    if (entered.every((name) => guardsNothing(name, isLock))) continue;
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

/** The block, or what stands between `acquire` and `release`, does nothing. */
function guardsNothing(name: Name, isLock: (call: Call) => boolean): boolean {
  const idle = (each: Stmt) => isIdle(each, isLock);
  if (name.parent.kind === 'With') return name.parent.body.every(idle);
  if (!isMethod(name.parent, 'acquire')) return true;
  const statement = statementOf(name);
  if (statement?.kind !== 'ExprStmt') return false;
  const block = blockOf(statement);
  const rest = block.slice(block.indexOf(statement) + 1);
  const releases = (each: Node) =>
    each.kind === 'Name' && each.id === name.id && isMethod(each.parent, 'release');
  const end = rest.findIndex((each) => some([each], releases));
  const held = end === -1 ? rest : rest.slice(0, end + 1);
  return held.every(idle);
}

function isMethod(node: Node, name: string): boolean {
  return node.kind === 'Attribute' && node.attr === name;
}

/** Nothing to keep others out of: a placeholder, or a lock made, taken and given back. */
function isIdle(statement: Stmt, isLock: (call: Call) => boolean): boolean {
  const idle = (each: Stmt) => isIdle(each, isLock);
  if (statement.kind === 'Jump') return statement.type === 'pass';
  if (statement.kind === 'Try')
    return [...statement.body, ...statement.orelse, ...statement.final].every(idle);
  if (statement.kind === 'With') return statement.body.every(idle);
  if (statement.kind === 'Assign')
    return statement.value?.kind === 'Call' && isLock(statement.value);
  if (statement.kind !== 'ExprStmt') return false;
  const { value } = statement;
  if (value.kind === 'Call')
    return value.func.kind === 'Attribute' && /^(?:acquire|release)$/.test(value.func.attr);
  return value.kind === 'Literal' || value.kind === 'Str';
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
