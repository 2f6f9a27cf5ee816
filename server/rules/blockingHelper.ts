// blocking-helper: an async function calls a sync function of the workspace that blocks one to three calls down.
import type { Related } from '../diagnostic.ts';
import { asks } from '../python/blocking.ts';
import { asyncFunctionOf, canAwait, isAwaited } from '../python/calls.ts';
import { toThread } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

export const blockingHelper: Check = ({ model, resolver, effects, report }) => {
  for (const call of model.calls) {
    if (asyncFunctionOf(call) === undefined || isAwaited(call)) continue;
    const target = resolver.functionCalled(call);
    if (target === undefined || target.fn.isAsync || target.fn.broken) continue;
    const chain = effects.blocking(target.fn, target.resolver);
    if (chain === undefined) continue;
    if (chain.blocking.name.endsWith('Queue.get') && asks(call, 'empty')) continue;
    const names = chain.steps.map((step) => step.name);
    const related: Related[] = chain.steps.map((step) => ({
      path: step.path,
      start: step.at.start,
      end: step.at.end,
      message: `calls ${step.name}`,
    }));
    const fix = canAwait(call) ? toThread(model, call) : undefined;
    report(
      call,
      `${target.fn.name} blocks: it calls ${names.join(', which calls ')}. The event loop stands still meanwhile.`,
      { related, fixes: fix === undefined ? [] : [fix] },
    );
  }
};
