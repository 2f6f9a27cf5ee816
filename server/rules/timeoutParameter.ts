// timeout-parameter: an async function with a timeout parameter, where its callers could use a timeout scope.
import type { Expr } from '../python/ast.ts';
import type { Check } from '../rule.ts';
import { mayOverride } from './overrides.ts';

export const timeoutParameter: Check = ({ model, resolver, report }) => {
  for (const fn of model.functions) {
    if (!fn.isAsync || !fn.decorators.every(isPlain)) continue;
    if (mayOverride(fn, resolver)) continue;
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
