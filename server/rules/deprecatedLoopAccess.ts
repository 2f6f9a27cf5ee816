// deprecated-loop-access: get_event_loop and the loop= parameters that asyncio gave up.
import type { Call } from '../python/ast.ts';
import { asyncFunctionOf, keyword } from '../python/calls.ts';
import { around } from '../python/children.ts';
import { callsIn } from '../python/effects.ts';
import { automatic, importing, replace, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf } from '../python/scope.ts';
import { isNone } from '../python/value.ts';
import { isForOlder } from '../python/versions.ts';
import type { Check } from '../rule.ts';

const LOST_LOOP = new Set(
  `asyncio.sleep asyncio.gather asyncio.wait asyncio.wait_for asyncio.shield asyncio.as_completed asyncio.Lock asyncio.Event asyncio.Condition
   asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Queue asyncio.LifoQueue asyncio.PriorityQueue asyncio.open_connection
   asyncio.start_server asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.timeout`.split(
    /\s+/,
  ),
);

export const deprecatedLoopAccess: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === 'asyncio.get_event_loop') {
      if (isPreparedFor(call) || isSetBefore(call, resolver) || isForOlder(call, 14)) continue;
      const module = importing(model, 'asyncio');
      const inAsync = asyncFunctionOf(call) !== undefined;
      const edits = [...module.edits, replace(call.func, `${module.name}.get_running_loop`)];
      const title = 'Use get_running_loop';
      const fix = inAsync ? automatic(title, edits) : suggestion(title, edits);
      const message = inAsync
        ? 'In a coroutine get_running_loop says what is meant; get_event_loop is on its way out.'
        : 'get_event_loop raises from Python 3.14 when no loop is set; use asyncio.run, or get_running_loop where one runs.';
      const sure = !inAsync && !mayRunOnLoop(call, resolver);
      report(call, message, { fixes: [fix], ...(sure ? {} : { severity: 'info' }) });
    } else if (path !== undefined && LOST_LOOP.has(path)) {
      const loop = keyword(call, 'loop');
      if (loop === undefined || isForOlder(call, 10)) continue;
      const fixes = [
        automatic('Remove loop=', [removeArgument(model, call, call.args.indexOf(loop))]),
      ];
      report(loop, `${path} has no loop parameter since Python 3.10; it uses the running loop.`, {
        fixes,
      });
    }
  }
};

/** In a `try` that catches what it raises without a loop. */
function isPreparedFor(call: Call): boolean {
  for (const node of around(call)) {
    if (node.kind !== 'Try' || !node.body.some((s) => s.start <= call.start && call.end <= s.end))
      continue;
    for (const { type } of node.handlers) {
      const types = type?.kind === 'Sequence' ? type.elements : [type];
      if (types.some((each) => each?.kind === 'Name' && each.id === 'RuntimeError')) return true;
    }
  }
  return false;
}

/** The last `set_event_loop` further up in the same function gave the thread a loop. */
function isSetBefore(call: Call, resolver: Resolver): boolean {
  const fn = functionOf(call);
  if (fn === undefined) return false;
  const [last] = callsIn(fn)
    .filter((each) => each.end <= call.start)
    .filter((each) => resolver.callee(each) === 'asyncio.set_event_loop')
    .sort((a, b) => b.start - a.start);
  const loop = last?.args[0]?.value;
  return loop !== undefined && !isNone(loop);
}

/** A function may be called by a loop; code of a module, and what goes on to run the loop itself, is not. */
function mayRunOnLoop(call: Call, resolver: Resolver): boolean {
  const fn = functionOf(call);
  if (fn === undefined) return call.scope.kind !== 'module';
  return !callsIn(fn).some((each) =>
    /^asyncio\.(?:Loop#run_until_complete|Loop#run_forever|run)$/.test(resolver.callee(each) ?? ''),
  );
}

/** Takes out one argument with the comma that goes with it. */
export function removeArgument(model: PythonModel, call: Call, index: number) {
  const arg = call.args[index]!;
  const next = call.args[index + 1];
  const before = call.args[index - 1];
  if (next !== undefined) return { start: arg.start, end: next.start, text: '' };
  if (before !== undefined) return { start: before.end, end: arg.end, text: '' };
  const comma = /^\s*,/.exec(model.text.slice(arg.end, call.close));
  return { start: arg.start, end: arg.end + (comma?.[0].length ?? 0), text: '' };
}
