// blocking-helper: an async function calls a sync function of the workspace that blocks one to three calls down.
import type { Related } from '../diagnostic.ts';
import type { FunctionDef } from '../python/ast.ts';
import { isAskedFor } from '../python/blocking.ts';
import { asyncFunctionOf, canAwait, isAwaited } from '../python/calls.ts';
import { within } from '../python/children.ts';
import { toThread } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

export const blockingHelper: Check = ({ model, resolver, effects, report }) => {
  for (const call of model.calls) {
    if (asyncFunctionOf(call) === undefined || isAwaited(call)) continue;
    const target = resolver.functionCalled(call);
    if (target === undefined || target.fn.isAsync || target.fn.broken) continue;
    if (givesCoroutine(target.fn)) continue;
    const chain = effects.blocking(target.fn, target.resolver);
    if (chain === undefined) continue;
    if (chain.blocking.name.endsWith('Queue.get') && isAskedFor(call)) continue;
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

/** With an `async def` inside, and a call of it returned: for async callers it does without what blocks. */
function givesCoroutine(fn: FunctionDef): boolean {
  const inner = new Set<string>();
  for (const node of within(fn.body))
    if (node.kind === 'FunctionDef' && node.isAsync) inner.add(node.name);
  if (inner.size === 0) return false;
  for (const node of within(fn.body)) {
    const value = node.kind === 'Return' ? node.value : undefined;
    if (value?.kind === 'Call' && value.func.kind === 'Name' && inner.has(value.func.id))
      return true;
  }
  return false;
}
