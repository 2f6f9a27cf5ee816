// timeout-parameter: an async function with a timeout parameter, where its callers could use a timeout scope.
import { dotted } from '../python/children.ts';
import type { Check } from '../rule.ts';
import { mayOverride } from './overrides.ts';

export const timeoutParameter: Check = ({ model, resolver, report }) => {
  const usesAsync = [...model.imports].some((name) => /^(?:asyncio|trio|anyio)(?:\.|$)/.test(name));
  if (!usesAsync) return;
  for (const fn of model.functions) {
    if (!fn.isAsync || fn.decorators.some((d) => /(?:^|\.)override$/.test(dotted(d) ?? '')))
      continue;
    if (mayOverride(fn, resolver)) continue;
    const param = fn.params.find((each) => each.name === 'timeout' && each.star === '');
    if (param === undefined) continue;
    report(
      param,
      'Callers can wrap this in asyncio.timeout (or move_on_after); a parameter has to be handed down by hand.',
    );
  }
};
