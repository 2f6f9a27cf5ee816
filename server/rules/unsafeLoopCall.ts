// unsafe-loop-call: code that runs in a thread touches the event loop or its objects other than by the thread-safe calls.
import type { Fix } from '../diagnostic.ts';
import type { Call, FunctionDef } from '../python/ast.ts';
import { dotted } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import { callsIn } from '../python/effects.ts';
import { importing, replace, source, suggestion } from '../python/fixes.ts';
import type { Check, Context } from '../rule.ts';

const UNSAFE = new Set(
  `asyncio.Loop#call_soon asyncio.Loop#call_later asyncio.Loop#call_at asyncio.Loop#create_task asyncio.Loop#stop asyncio.create_task asyncio.ensure_future
   asyncio.Event#set asyncio.Event#clear asyncio.Queue#put_nowait asyncio.Queue#get_nowait asyncio.Future#set_result asyncio.Future#set_exception
   asyncio.Task#cancel asyncio.Future#cancel asyncio.Semaphore#release asyncio.Lock#release asyncio.get_running_loop`.split(
    /\s+/,
  ),
);

/** Loops of other libraries, which a thread starts to run itself. */
const RUNS_A_LOOP = /loop\w*\.(?:start|run_sync|run_forever|run_until_complete)$/i;

export const unsafeLoopCall: Check = (context) => {
  const { resolver } = context;
  const seen = new Set<FunctionDef>();
  for (const launch of launches(resolver)) {
    if (launch.where !== 'thread') continue;
    const target = launched(launch, resolver);
    if (
      target === undefined ||
      target.resolver !== resolver ||
      target.fn.isAsync ||
      seen.has(target.fn)
    )
      continue;
    seen.add(target.fn);
    const calls = callsIn(target.fn);
    // A thread that makes and runs a loop of its own may touch it as it likes.
    if (
      calls.some(
        (call) =>
          /^asyncio\.(?:run|new_event_loop|set_event_loop|Runner|Loop#run_forever|Loop#run_until_complete)$/.test(
            resolver.callee(call) ?? '',
          ) || RUNS_A_LOOP.test(dotted(call.func) ?? ''),
      )
    )
      continue;
    for (const call of calls) checkCall(call, target.fn, context);
  }
};

function checkCall(call: Call, fn: FunctionDef, { model, resolver, report }: Context): void {
  const path = resolver.callee(call);
  if (path === undefined || !UNSAFE.has(path)) return;
  const fixes: Fix[] = [];
  if (
    path === 'asyncio.Loop#create_task' &&
    call.func.kind === 'Attribute' &&
    call.args.length === 1
  ) {
    const module = importing(model, 'asyncio');
    const text = `${module.name}.run_coroutine_threadsafe(${source(model, call.args[0]!)}, ${source(model, call.func.value)})`;
    fixes.push(suggestion('Use run_coroutine_threadsafe', [...module.edits, replace(call, text)]));
  } else if (path === 'asyncio.Loop#call_soon' && call.func.kind === 'Attribute') {
    const edit = { start: call.func.attrStart, end: call.func.end, text: 'call_soon_threadsafe' };
    fixes.push(suggestion('Use call_soon_threadsafe', [edit]));
  } else if (path === 'asyncio.Loop#stop' && call.func.kind === 'Attribute') {
    const loop = source(model, call.func.value);
    fixes.push(
      suggestion('Use call_soon_threadsafe', [
        replace(call, `${loop}.call_soon_threadsafe(${loop}.stop)`),
      ]),
    );
  }
  report(
    call,
    `${fn.name} runs in a thread, and ${path.replace('#', '.')} is not thread-safe: the loop may not notice, or break. Use call_soon_threadsafe or run_coroutine_threadsafe.`,
    { fixes },
  );
}
