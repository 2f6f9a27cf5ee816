// Decorators of the workspace that only hand a function on: they do not care whether it is a coroutine function.
import type { Expr, FunctionDef, Name } from '../python/ast.ts';
import { dotted, everything } from '../python/children.ts';
import { isGenerator } from '../python/effects.ts';
import type { Resolver } from '../python/resolve.ts';
import { lookup } from '../python/scope.ts';

/** `@traced` or `@traced("name")`, where `traced` returns the function, or one that calls it and does not await it. */
export function passesThrough(decorator: Expr, resolver: Resolver): boolean {
  const value = resolver.value(decorator.kind === 'Call' ? decorator.func : decorator);
  if (value?.kind !== 'function' || value.fn.isAsync || value.fn.broken) return false;
  const taker = decorator.kind === 'Call' ? returnedBy(value.fn) : value.fn;
  const param = taker?.params[0];
  if (taker === undefined || param === undefined || param.star !== '' || taker.isAsync)
    return false;
  const uses: Name[] = [];
  for (const node of everything(taker.body)) {
    if (node.kind !== 'Name' || node.id !== param.name) continue;
    if (lookup(node.scope, node.id)?.node === taker) uses.push(node);
  }
  return uses.length > 0 && uses.every((use) => isHarmless(use, value.resolver));
}

/** A decorator of the workspace under which every function gives a coroutine: it returns an async function, or says so. */
export function makesCoroutines(decorator: Expr, resolver: Resolver): boolean {
  const value = resolver.value(decorator.kind === 'Call' ? decorator.func : decorator);
  if (value?.kind !== 'function' || value.fn.isAsync || value.fn.broken) return false;
  const taker = decorator.kind === 'Call' ? returnedBy(value.fn) : value.fn;
  const made = taker === undefined ? undefined : returnedBy(taker);
  return made?.isAsync === true && made.decorators.every(isWraps) && !isGenerator(made);
}

function isWraps(decorator: Expr): boolean {
  return decorator.kind === 'Call' && /(?:^|\.)wraps$/.test(dotted(decorator.func) ?? '');
}

/** The function made in another one that it returns. */
function returnedBy(fn: FunctionDef): FunctionDef | undefined {
  const last = fn.body.at(-1);
  const name = last?.kind === 'Return' && last.value?.kind === 'Name' ? last.value.id : undefined;
  for (const each of fn.body) if (each.kind === 'FunctionDef' && each.name === name) return each;
  return undefined;
}

function isHarmless(use: Name, resolver: Resolver): boolean {
  const { parent } = use;
  if (parent.kind === 'Return') return true;
  if (parent.kind === 'Attribute') return /^__\w+__$/.test(parent.attr);
  if (parent.kind !== 'Call') return false;
  // Where it is called in one of several branches, its being async may be what they are about.
  if (parent.func === use)
    return parent.parent.kind === 'Return' && parent.parent.parent.kind === 'FunctionDef';
  return /^functools\.(?:wraps|update_wrapper)$/.test(resolver.callee(parent) ?? '');
}
