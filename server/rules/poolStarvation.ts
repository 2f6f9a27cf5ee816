// pool-starvation: work of a pool waits for work that can only run in the same pool; or a join waits for a full queue.
import type { Call, Expr, FunctionDef } from '../python/ast.ts';
import { loopAround, sameTarget } from '../python/calls.ts';
import { type Launch, launched, launches } from '../python/concurrency.ts';
import { callsIn } from '../python/effects.ts';
import { readsOf } from '../python/names.ts';
import { functionOf, functionScope, lookup } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

export const poolStarvation: Check = (context) => {
  checkPools(context);
  checkQueues(context);
};

function checkPools({ resolver, report }: Context): void {
  const all = launches(resolver).filter((each) => each.by !== 'start');
  const submitted = new Map<FunctionDef, Launch[]>();
  for (const launch of all) {
    const target = launched(launch, resolver);
    if (target === undefined || target.resolver !== resolver) continue;
    submitted.set(target.fn, [...(submitted.get(target.fn) ?? []), launch]);
  }
  for (const [fn, from] of submitted) {
    for (const call of callsIn(fn)) {
      const inner = all.find((each) => each.call === call);
      if (inner === undefined || !from.some((outer) => samePool(outer.call, inner.call))) continue;
      const wait = waitFor(call, fn);
      if (wait === undefined) continue;
      report(
        wait,
        `${fn.name} runs in this pool and waits for more work of the same pool: with all workers waiting, none is left to do it.`,
      );
    }
  }
}

/** The same module-level name or the same attribute of self. */
function samePool(a: Call, b: Call): boolean {
  const left = a.func.kind === 'Attribute' ? a.func.value : undefined;
  const right = b.func.kind === 'Attribute' ? b.func.value : undefined;
  if (left === undefined || right === undefined || !sameTarget(left, right)) return false;
  if (left.kind === 'Attribute') return true;
  return (
    left.kind === 'Name' &&
    right.kind === 'Name' &&
    lookup(left.scope, left.id) === lookup(right.scope, right.id)
  );
}

const WAITS = new Set(['result', 'get', 'wait', 'exception']);

/** The place where the function waits for what a call in it submitted. */
function waitFor(call: Call, fn: FunctionDef): Call | undefined {
  const { parent } = call;
  if (parent.kind === 'Attribute' && WAITS.has(parent.attr) && parent.parent.kind === 'Call')
    return parent.parent;
  if (call.func.kind === 'Attribute' && call.func.attr === 'map' && parent.kind !== 'ExprStmt')
    return call;
  const isList = parent.kind === 'Comprehension' && parent.element === call;
  const assign = isList ? parent.parent : parent;
  if (assign.kind !== 'Assign' || assign.targets[0]?.kind !== 'Name') return undefined;
  const name = assign.targets[0].id;
  const waits = callsIn(fn).filter((each) => isWait(each) && each.start > call.end);
  if (!isList) return waits.find((each) => receiver(each) === name);
  return waits.find((each) => iteratedBy(each) === name);
}

function isWait(call: Call): boolean {
  return call.func.kind === 'Attribute' && WAITS.has(call.func.attr) && call.args.length === 0;
}

function receiver(call: Call): string | undefined {
  const base = call.func.kind === 'Attribute' ? call.func.value : undefined;
  return base?.kind === 'Name' ? base.id : undefined;
}

/** The list that `future` in `future.result()` runs over, in a loop or a comprehension around the call. */
function iteratedBy(call: Call): string | undefined {
  const name = receiver(call);
  const scope = call.scope.node;
  const rounds = scope.kind === 'Comprehension' ? [...scope.generators] : [];
  const loop = loopAround(call);
  if (loop?.kind === 'For')
    rounds.push({ isAsync: false, target: loop.target, iter: loop.iter, start: 0 });
  for (const { target, iter } of rounds) {
    if (target.kind !== 'Name' || target.id !== name) continue;
    const list = iter.kind === 'Call' ? iter.args[0]?.value : iter;
    if (list?.kind === 'Name') return list.id;
  }
  return undefined;
}

/** `p.join()` before `q.get()`, where p is a process that puts into q. */
function checkQueues({ model, resolver, report }: Context): void {
  for (const launch of launches(resolver)) {
    if (launch.where !== 'process' || launch.by !== 'start') continue;
    const queues = launch.args.filter((arg) =>
      /^multiprocessing\.(?:Queue|JoinableQueue)$/.test(resolver.type(arg) ?? ''),
    );
    const process = nameOf(launch.call);
    if (queues.length === 0 || process === undefined) continue;
    const target = launched(launch, resolver);
    for (const queue of queues) {
      if (queue.kind !== 'Name') continue;
      if (
        target === undefined ||
        !puts(target.fn, target.fn.params[launch.args.indexOf(queue)]?.name)
      )
        continue;
      const scope = functionScope(launch.call.scope);
      const inScope = model.calls.filter(
        (call) => functionScope(call.scope) === scope && call.func.kind === 'Attribute',
      );
      const join = inScope.find(
        (call) => isMethod(call, process, 'join') && call.args.length === 0,
      );
      const get = inScope.find((call) => isMethod(call, queue.id, 'get'));
      if (join === undefined || get === undefined || get.start < join.start) continue;
      const owner = lookup(queue.scope, queue.id);
      if (
        owner === undefined ||
        readsOf(model, owner, queue.id).some((name) => functionOf(name) !== functionOf(launch.call))
      )
        continue;
      report(
        join,
        `This waits for a process that may wait for room in ${queue.id}, which is only read afterwards: read the queue first, then join.`,
      );
    }
  }
}

function puts(fn: FunctionDef, param: string | undefined): boolean {
  return param !== undefined && callsIn(fn).some((call) => isMethod(call, param, 'put'));
}

function isMethod(call: Call, name: string, method: string): boolean {
  return (
    call.func.kind === 'Attribute' &&
    call.func.attr === method &&
    call.func.value.kind === 'Name' &&
    call.func.value.id === name
  );
}

function nameOf(expr: Expr): string | undefined {
  return expr.parent.kind === 'Assign' && expr.parent.targets[0]?.kind === 'Name'
    ? expr.parent.targets[0].id
    : undefined;
}
