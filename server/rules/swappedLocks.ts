// Part of lock-order-inversion: one function nests the locks of two of its parameters, and is called with them both ways round.
import type { Call, Expr, FunctionDef } from '../python/ast.ts';
import { argument, dotted } from '../python/calls.ts';
import { launches } from '../python/concurrency.ts';
import type { LockUse } from '../python/locks.ts';
import type { Context } from '../rule.ts';

export interface Swap {
  readonly taken: LockUse;
  readonly held: LockUse;
  /** The two calls that hand the same things over in opposite order. */
  readonly one: Call;
  readonly other: Call;
}

export function swappedLocks(context: Context): Swap[] {
  const found: Swap[] = [];
  for (const taken of context.locks.uses()) {
    if (taken.fn === undefined || !taken.waits || taken.owner !== 'other') continue;
    const own = parameterOf(taken.expr, taken.fn);
    if (own === undefined) continue;
    for (const held of context.locks.heldAt(taken.at)) {
      const first = held.owner === 'other' ? parameterOf(held.expr, taken.fn) : undefined;
      if (first === undefined || first === own || held.key !== taken.key) continue;
      const pair = oppositeCalls(taken.fn, first, own, context);
      if (pair !== undefined) found.push({ taken, held, one: pair[0], other: pair[1] });
    }
  }
  return found;
}

/** `source` for `source.lock`, when it is a parameter that nothing assigns to. */
function parameterOf(lock: Expr, fn: FunctionDef): string | undefined {
  if (lock.kind !== 'Attribute' || lock.value.kind !== 'Name') return undefined;
  const { id } = lock.value;
  const bindings = lock.scope.bindings.get(id);
  if (bindings?.length !== 1 || bindings[0]?.kind !== 'param') return undefined;
  return fn.params.some((param) => param.name === id) ? id : undefined;
}

function oppositeCalls(
  fn: FunctionDef,
  a: string,
  b: string,
  context: Context,
): [Call, Call] | undefined {
  const { model, resolver } = context;
  const at = (name: string) =>
    fn.params.findIndex((param) => param.name === name) - (fn.scope.kind === 'class' ? 1 : 0);
  const seen = new Map<string, Call>();
  const sites: { call: Call; first: Expr | undefined; second: Expr | undefined }[] = [];
  for (const call of model.calls) {
    if (resolver.functionCalled(call)?.fn !== fn) continue;
    sites.push({ call, first: argument(call, a, at(a)), second: argument(call, b, at(b)) });
  }
  for (const { call, work, args } of launches(resolver)) {
    const value = resolver.value(work);
    if (value?.kind === 'function' && value.fn === fn)
      sites.push({ call, first: args[at(a)], second: args[at(b)] });
  }
  for (const { call, first, second } of sites) {
    const one = first === undefined ? undefined : dotted(first);
    const two = second === undefined ? undefined : dotted(second);
    if (one === undefined || two === undefined || one === two) continue;
    const other = seen.get(`${two}>${one}`);
    if (other !== undefined) return [other, call];
    seen.set(`${one}>${two}`, call);
  }
  return undefined;
}
