// run-in-running-loop: asyncio.run or run_until_complete inside an async function, where a loop already runs.
import type { Call } from '../python/ast.ts';
import { asyncFunctionOf, canAwait } from '../python/calls.ts';
import { automatic, awaited, replace, source } from '../python/fixes.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const RUNNERS = new Set([
  'asyncio.run',
  'asyncio.Loop#run_until_complete',
  'asyncio.Loop#run_forever',
  'trio.run',
  'anyio.run',
  'asyncio.Runner#run',
]);

export const runInRunningLoop: Check = ({ model, resolver, report }) => {
  // Loops within loops are what that is for.
  if (model.imports.has('nest_asyncio')) return;
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined || !RUNNERS.has(path) || asyncFunctionOf(call) === undefined) continue;
    const [first] = call.args;
    const onCoroutine =
      canAwait(call) &&
      path.startsWith('asyncio.') &&
      first?.name === undefined &&
      first?.value !== undefined &&
      call.args.length === 1;
    const fixes = onCoroutine
      ? [automatic('Await it instead', [replace(call, awaited(call, source(model, first.value)))])]
      : [];
    if (madeInPlace(call, resolver)) continue;
    report(
      call,
      `${path.replace('#', '.')} raises here: this code is already run by an event loop. Await instead.`,
      { fixes },
    );
  }
};

/** A new loop of its own (in a thread, say) raises too while another runs in this thread, but is a matter of its own. */
function madeInPlace(call: Call, resolver: Resolver): boolean {
  if (call.func.kind !== 'Attribute') return false;
  const loop = resolver.value(call.func.value);
  return (
    loop?.kind === 'instance' &&
    loop.made?.kind === 'Call' &&
    resolver.callee(loop.made) === 'asyncio.new_event_loop'
  );
}
