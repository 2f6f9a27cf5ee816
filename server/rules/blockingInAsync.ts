// Shared by the rules about calls that stop the event loop: finds them in async functions, each rule words its own.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { type Blocking, type BlockingRule, blockingCall } from '../python/blocking.ts';
import { asyncFunctionOf, canAwait, dotted, isAwaited } from '../python/calls.ts';
import { around, some } from '../python/children.ts';
import { functionScope } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const LATER =
  'The event loop calls this lambda and stops every task meanwhile; a coroutine function can wait without.';

/** What takes a function to call it on the event loop. */
const CALLS_ON_LOOP =
  /^(?:call_soon|call_later|call_at|call_soon_threadsafe|add_done_callback|add_reader|add_writer|add_signal_handler)$/;

/** In a lambda that an async function makes and hands to the loop. */
function runsOnLoop(call: Call): boolean {
  const scope = functionScope(call.scope);
  if (scope.node.kind !== 'Lambda' || asyncFunctionOf(scope.node) === undefined) return false;
  const taker = scope.node.parent;
  return (
    taker.kind === 'Call' && taker.func.kind === 'Attribute' && CALLS_ON_LOOP.test(taker.func.attr)
  );
}

/** `file.read()` under a condition, and `await to_thread(file.read)` in the same function: it knows when a thread is worth it. */
function isThreadedToo(call: Call, { resolver }: Context): boolean {
  if (resolver.callee(call)?.includes('#') !== true) return false;
  if (![...around(call)].some(({ kind }) => kind === 'If' || kind === 'Conditional')) return false;
  const name = dotted(call.func);
  return some(
    asyncFunctionOf(call)?.body ?? [],
    (node) =>
      node.kind === 'Call' &&
      isAwaited(node) &&
      node.args.some((arg) => name !== undefined && dotted(arg.value) === name),
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
      if (inLambda && (rule !== 'blocking-sleep' || !runsOnLoop(call))) continue;
      const found = blockingCall(call, context.resolver);
      if (found?.rule !== rule || isThreadedToo(call, context)) continue;
      if (inLambda) {
        context.report(call, LATER, { severity: 'hint' });
        continue;
      }
      const fixes =
        canAwait(call) && !isAwaited(call)
          ? wording.fixes(call, context).filter((fix) => fix !== undefined)
          : [];
      const isMild = found.again === true || found.quick === true;
      context.report(call, wording.message(found, call, context), {
        fixes,
        ...(isMild ? { severity: 'hint' } : found.starts === true ? { severity: 'info' } : {}),
      });
    }
  };
}
