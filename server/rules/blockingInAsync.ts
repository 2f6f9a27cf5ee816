// Shared by the rules about calls that stop the event loop: finds them in async functions, each rule words its own.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { type Blocking, type BlockingRule, blockingCall } from '../python/blocking.ts';
import { asyncFunctionOf, canAwait, isAwaited } from '../python/calls.ts';
import { launchOf } from '../python/concurrency.ts';
import { functionScope } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const LATER =
  'Whoever calls this lambda on the event loop stops every task meanwhile; a coroutine function can wait without.';

/** In a lambda that an async function makes and hands to nothing that is known to call it elsewhere. */
function mayRunOnLoop(call: Call, { resolver }: Context): boolean {
  const scope = functionScope(call.scope);
  if (scope.node.kind !== 'Lambda' || asyncFunctionOf(scope.node) === undefined) return false;
  const taker = scope.node.parent;
  if (taker.kind !== 'Call') return true;
  return (
    launchOf(taker, resolver.callee(taker), undefined) === undefined &&
    taker.parent.kind !== 'Await'
  );
}

interface Wording {
  message(found: Blocking, call: Call, context: Context): string;
  fixes(call: Call, context: Context): readonly (Fix | undefined)[];
}

export function blockingInAsync(rule: BlockingRule, wording: Wording): Check {
  return (context) => {
    for (const call of context.model.calls) {
      const inLambda = asyncFunctionOf(call) === undefined;
      if (inLambda && (rule !== 'blocking-sleep' || !mayRunOnLoop(call, context))) continue;
      const found = blockingCall(call, context.resolver);
      if (found?.rule !== rule) continue;
      if (inLambda) {
        context.report(call, LATER, { severity: 'hint' });
        continue;
      }
      const fixes =
        canAwait(call) && !isAwaited(call)
          ? wording.fixes(call, context).filter((fix) => fix !== undefined)
          : [];
      context.report(call, wording.message(found, call, context), {
        fixes,
        ...(found.again === true ? { severity: 'hint' } : {}),
      });
    }
  };
}
