// pool-without-with: an executor or pool is made and never shut down, so its workers outlive their use.
import type { Fix } from '../diagnostic.ts';
import type { Assign, Call, Expr, Name, Stmt } from '../python/ast.ts';
import { blockOf, isStatementCall } from '../python/calls.ts';
import { around } from '../python/children.ts';
import { automatic, source } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { namesOf, readsOf } from '../python/names.ts';
import { indented } from '../python/reindent.ts';
import { functionScope, lookup, type Scope } from '../python/scope.ts';
import type { Check } from '../rule.ts';

const POOLS = new Set([
  'concurrent.futures.ThreadPoolExecutor',
  'concurrent.futures.ProcessPoolExecutor',
  'multiprocessing.Pool',
  'multiprocessing.ThreadPool',
]);
const ENDS = /^(?:shutdown|close|terminate|__exit__)$/;

export const poolWithoutWith: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    // Asked first: what every call of a file gives is dear to know.
    if (!/(?:Executor|Pool)$/.test(resolver.callee(call) ?? '')) continue;
    const value = resolver.value(call);
    if (value?.kind !== 'instance' || !POOLS.has(value.type) || value.made !== call) continue;
    if (resolver.callee(call) === undefined) continue;
    const what = value.type.endsWith('Executor') ? 'executor' : 'pool';
    const message = `Nothing shuts this ${what} down, so its workers stay until the program ends; use with.`;
    if (usedInPlace(call)) report(call, message);
    else if (call.parent.kind === 'Assign' && call.parent.value === call) {
      const [target] = call.parent.targets;
      if (target?.kind !== 'Name' || call.parent.targets.length > 1) continue;
      const scope = lookup(target.scope, target.id);
      // A pool of the module is there for as long as the program; one that nothing ever uses is not.
      const isIdle = scope?.kind === 'module' && readsOf(model, scope, target.id).length === 0;
      if (scope !== undefined && endsByLuck(model, scope, target)) {
        report(
          call,
          `An exception before its end leaves the workers of this ${what} running; with ends it on every way out.`,
          {
            severity: 'hint',
          },
        );
        continue;
      }
      if (
        scope === undefined ||
        (scope.kind === 'module'
          ? !isIdle
          : scope.kind !== 'function' || !neverEnded(model, scope, target))
      )
        continue;
      report(call, message, { fixes: useWith(call.parent, call, target, scope, model) });
    }
  }
};

/** `ThreadPoolExecutor().submit(f)` and a pool nobody keeps. */
function usedInPlace(call: Call): boolean {
  if (isStatementCall(call)) return true;
  const { parent } = call;
  return (
    parent.kind === 'Attribute' &&
    !ENDS.test(parent.attr) &&
    parent.parent.kind === 'Call' &&
    parent.parent.func === parent
  );
}

function neverEnded(model: PythonModel, scope: Scope, target: Name): boolean {
  const reads = readsOf(model, scope, target.id);
  if (namesOf(model, scope, target.id).length - reads.length > 1) return false;
  return reads.every((name) => {
    const { parent } = name;
    if (parent.kind === 'Attribute') return !ENDS.test(parent.attr);
    return parent.kind === 'Call' && isRunInExecutor(parent, name);
  });
}

/** Ended by a call that an exception skips: in no `finally`, no `except`, by nobody else. */
function endsByLuck(model: PythonModel, scope: Scope, target: Name): boolean {
  if (scope.kind === 'class' || (scope.bindings.get(target.id)?.length ?? 0) !== 1) return false;
  const ends: Name[] = [];
  for (const name of readsOf(model, scope, target.id)) {
    const { parent } = name;
    if (functionScope(name.scope) !== scope || parent.kind !== 'Attribute') return false;
    if (ENDS.test(parent.attr)) ends.push(name);
  }
  return (
    ends.length > 0 && ends.every((name) => ![...around(name)].some((each) => each.kind === 'Try'))
  );
}

function isRunInExecutor(call: Call, arg: Expr): boolean {
  return (
    call.func.kind === 'Attribute' &&
    call.func.attr === 'run_in_executor' &&
    call.args[0]?.value === arg
  );
}

function useWith(
  assign: Assign,
  call: Call,
  target: Name,
  scope: Scope,
  model: PythonModel,
): Fix[] {
  const block = blockOf(assign);
  const from = block.indexOf(assign) + 1;
  const uses = namesOf(model, scope, target.id);
  let to = from;
  for (const [index, statement] of block.entries()) {
    if (
      index >= from &&
      uses.some((name) => statement.start <= name.start && name.end <= statement.end)
    )
      to = index + 1;
  }
  const body: readonly Stmt[] = block.slice(from, to);
  const outside = uses.some(
    (name) => name !== target && !body.some((s) => s.start <= name.start && name.end <= s.end),
  );
  const inside = indented(model, body);
  if (outside || inside === undefined) return [];
  const head = `with ${source(model, call)} as ${target.id}:`;
  return [automatic('Use with', [{ start: assign.start, end: assign.end, text: head }, ...inside])];
}
