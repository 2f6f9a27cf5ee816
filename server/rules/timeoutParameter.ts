// timeout-parameter: an async function with a timeout parameter, where its callers could use a timeout scope.
import type { Expr, FunctionDef } from '../python/ast.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

export const timeoutParameter: Check = ({ model, resolver, report }) => {
  for (const fn of model.functions) {
    if (!fn.isAsync || !fn.decorators.every(isPlain)) continue;
    if (isPrescribed(fn, resolver) || isInterface(fn)) continue;
    const param = fn.params.find((each) => each.name === 'timeout' && each.star === '');
    if (param === undefined) continue;
    report(
      param,
      'Callers can wrap this in asyncio.timeout (or move_on_after); a parameter has to be handed down by hand.',
    );
  }
};

/** Decorators that leave the parameters to the function; others may be what asks for this one. */
function isPlain(decorator: Expr): boolean {
  return decorator.kind === 'Name' && /^(?:staticmethod|classmethod)$/.test(decorator.id);
}

/** Left to subclasses: the base says what they take. */
function isInterface({ body, scope }: FunctionDef): boolean {
  const last = body.at(-1);
  const isDocumented = body[0]?.kind === 'ExprStmt' && body[0].value.kind === 'Str';
  if (scope.kind !== 'class' || last?.kind !== 'Raise' || body.length > (isDocumented ? 2 : 1))
    return false;
  const raised = last.value?.kind === 'Call' ? last.value.func : last.value;
  return raised?.kind === 'Name' && raised.id === 'NotImplementedError';
}

/** A base class of the workspace has the method with this parameter; what one of a library has is said by `@override`. */
function isPrescribed(fn: FunctionDef, resolver: Resolver): boolean {
  const cls = fn.scope.node;
  if (cls.kind !== 'ClassDef') return false;
  return cls.bases.some((base) => {
    const value = resolver.value(base);
    if (value?.kind !== 'class') return false;
    const method = value.resolver.attribute(value, fn.name);
    if (method?.kind !== 'function') return method !== undefined;
    return method.fn.params.some((param) => param.name === 'timeout');
  });
}
