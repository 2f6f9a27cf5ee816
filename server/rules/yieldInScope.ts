// yield-in-scope: a generator yields inside a context manager, which then may be left late, in another task, or never.
import type { FunctionDef } from '../python/ast.ts';
import { around, dotted, within } from '../python/children.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf } from '../python/scope.ts';
import type { Check } from '../rule.ts';
import { isCancelScope, isTaskGroup } from './scopes.ts';

/** Words without which a file opens no cancel scope and no group. */
const SCOPES = /Scope|fail_a|move_on_|timeout|nursery|ask_?[gG]roup/;

export const yieldInScope: Check = ({ model, resolver, report }) => {
  if (model.withs.length === 0) return;
  const hasScopes = SCOPES.test(model.text);
  for (const node of model.nodes) {
    if (node.kind !== 'Yield' || !(hasScopes || functionOf(node)?.isAsync === true)) continue;
    const fn = functionOf(node);
    if (fn === undefined || isManaged(fn, resolver) || isDependency(fn, model)) continue;
    for (const outer of around(node)) {
      if (outer.kind !== 'With') continue;
      const scope = outer.items.some(
        (item) => isCancelScope(item, resolver) || isTaskGroup(item, resolver),
      );
      if (!scope && !fn.isAsync) continue;
      report(
        node,
        scope
          ? 'A yield inside a cancel scope or task group lets it cancel whoever consumes the generator.'
          : 'If the consumer stops early, what is entered here is left only when the generator is collected; wrap it in contextlib.aclosing.',
      );
      break;
    }
  }
};

/** `Depends(get_db)`: FastAPI enters a function with one `yield`, and leaves it when the request is done. */
function isDependency(fn: FunctionDef, { imports, text }: PythonModel): boolean {
  if (fn.scope.kind !== 'module' || !imports.has('fastapi')) return false;
  if ([...within(fn.body)].filter((node) => node.kind === 'Yield').length > 1) return false;
  return !new RegExp(`\\b${fn.name}\\(`).test(text.slice(fn.nameStart + fn.name.length + 1));
}

/** Generators that another tool drives to their end. */
function isManaged(fn: FunctionDef, resolver: Resolver): boolean {
  return fn.decorators.some((decorator) => {
    const func = decorator.kind === 'Call' ? decorator.func : decorator;
    const name = resolver.path(func) ?? dotted(func) ?? '';
    if (/(?:^|\.)(?:async)?contextmanager$/.test(name)) return true;
    return /(?:^|\.)(?:fixture|as_safe_channel|trio_async_generator)$/.test(name);
  });
}
