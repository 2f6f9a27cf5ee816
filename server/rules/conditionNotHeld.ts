// condition-not-held: wait and notify raise unless the condition is held.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, FunctionDef } from '../python/ast.ts';
import { argument, dotted } from '../python/calls.ts';
import { around, statementOf } from '../python/children.ts';
import { automatic, indentation, insert, source } from '../python/fixes.ts';
import { indented } from '../python/reindent.ts';
import { functionOf } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const USE =
  /^(threading|multiprocessing|asyncio)\.Condition#(?:wait|wait_for|notify|notify_all|notifyAll)$/;

export const conditionNotHeld: Check = (context) => {
  const { model, resolver, locks, report } = context;
  for (const call of model.calls) {
    const path = USE.exec(resolver.callee(call) ?? '');
    if (path === null || call.func.kind !== 'Attribute') continue;
    const condition = call.func.value;
    const named = locks.identity(condition);
    if (named === undefined || named.owner === 'other') continue;
    const keys = new Set([named.key, ...lockBehind(condition, context)]);
    const fn = functionOf(call);
    if (fn === undefined && call.scope.kind !== 'module') continue;
    if (isHeld(call, keys, context)) continue;
    if (entersSomething(call, context) || (fn !== undefined && mayBeHeldByCaller(fn, context)))
      continue;
    const method = call.func.attr;
    report(
      call,
      `${method} raises RuntimeError unless the condition is held; put it inside with ${source(model, condition)}.`,
      {
        fixes: wrap(call, condition, path[1] === 'asyncio', context),
      },
    );
  }
};

/** Held by a `with` around it, or acquired by hand before it: where such a hold ends is not looked into. */
function isHeld(call: Call, keys: ReadonlySet<string>, { locks }: Context): boolean {
  const fn = functionOf(call);
  return locks.uses().some((use) => {
    if (use.fn !== fn || !keys.has(use.key)) return false;
    return use.viaWith ? use.from <= call.start && call.end <= use.to : use.at.end <= call.start;
  });
}

/** The lock a condition was made on: holding that is holding the condition. */
function lockBehind(condition: Expr, { resolver, locks }: Context): string[] {
  const value = resolver.value(condition);
  if (value?.kind !== 'instance' || value.made?.kind !== 'Call') return [];
  const lock = argument(value.made, 'lock', 0);
  if (lock === undefined) return [];
  const key = locks.identity(lock)?.key;
  // Made on a lock nobody here can name: whoever holds that holds this.
  return key === undefined ? [''] : [key];
}

/** A `with` over something unknown may be what holds it. */
function entersSomething(call: Call, { resolver }: Context): boolean {
  for (const node of around(call)) {
    if (node.kind === 'With' && node.items.some((item) => resolver.value(item.value) === undefined))
      return true;
  }
  return false;
}

/** Decorators that hold nothing. */
const PLAIN = /(?:^|\.)(?:property|setter|staticmethod|classmethod|override|final)$/;

/** Private helpers, overriding methods and functions that something here calls are left alone: their callers may hold it. */
function mayBeHeldByCaller(fn: FunctionDef, { model, resolver }: Context): boolean {
  if (/^_|locked$/.test(fn.name)) return true;
  // `@locked`, `@synchronized(…)`
  if (fn.decorators.some((each) => !PLAIN.test(dotted(each) ?? ''))) return true;
  return model.calls.some((call) => resolver.functionCalled(call)?.fn === fn);
}

function wrap(call: Call, condition: Expr, isAsync: boolean, { model }: Context): Fix[] {
  const statement = statementOf(call);
  if (statement === undefined || statement.kind !== 'ExprStmt') return [];
  const inside = indented(model, [statement]);
  if (inside === undefined) return [];
  const indent = indentation(model.text, statement.start);
  const lineStart = statement.start - indent.length;
  const head = `${indent}${isAsync ? 'async ' : ''}with ${source(model, condition)}:\n`;
  return [
    automatic('Hold the condition', [
      { ...insert(lineStart, head + inside[0]!.text) },
      ...inside.slice(1),
    ]),
  ];
}
