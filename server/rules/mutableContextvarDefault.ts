// mutable-contextvar-default: the default of a ContextVar is one object, shared by all contexts.
import type { Expr } from '../python/ast.ts';
import { keyword } from '../python/calls.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const MAKERS = new Set([
  'list',
  'dict',
  'set',
  'collections.defaultdict',
  'collections.deque',
  'collections.Counter',
  'collections.OrderedDict',
]);

export const mutableContextvarDefault: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    if (resolver.callee(call) !== 'contextvars.ContextVar') continue;
    const value = keyword(call, 'default')?.value;
    if (value === undefined || !isMutable(value, resolver)) continue;
    report(value, 'All contexts share this one default: a change in one is seen in every other.');
  }
};

function isMutable(value: Expr, resolver: Resolver): boolean {
  if (value.kind === 'Dict') return true;
  if (value.kind === 'Sequence') return value.type !== 'tuple';
  if (value.kind === 'Comprehension') return value.type !== 'generator';
  if (value.kind !== 'Call') return false;
  const path = resolver.callee(value) ?? '';
  // A function's result is made once too, when the file is imported, whatever it is.
  return MAKERS.has(path) || path === 'time.time' || resolver.functionCalled(value) !== undefined;
}
