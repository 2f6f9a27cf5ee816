// coroutine-not-awaited: a coroutine function is called as a statement, so its body never runs.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, FunctionDef } from '../python/ast.ts';
import { canAwait, isDiscarded, isStatementCall } from '../python/calls.ts';
import { isGenerator } from '../python/effects.ts';
import {
  asyncLibrary,
  automatic,
  importing,
  insert,
  lineEnd,
  lineStart,
  replace,
  source,
  suggestion,
} from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const LIBRARY = new Set(
  `asyncio.sleep asyncio.wait asyncio.wait_for asyncio.to_thread asyncio.open_connection asyncio.start_server asyncio.open_unix_connection
   asyncio.start_unix_server asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.Lock#acquire asyncio.Condition#acquire
   asyncio.Condition#wait asyncio.Condition#wait_for asyncio.Semaphore#acquire asyncio.BoundedSemaphore#acquire asyncio.Event#wait
   asyncio.Queue#get asyncio.Queue#put asyncio.Queue#join asyncio.PriorityQueue#get asyncio.PriorityQueue#put asyncio.LifoQueue#get
   asyncio.LifoQueue#put asyncio.Barrier#wait asyncio.Process#wait asyncio.Process#communicate asyncio.StreamWriter#drain
   asyncio.StreamWriter#wait_closed asyncio.StreamReader#read asyncio.StreamReader#readline asyncio.StreamReader#readexactly
   asyncio.StreamReader#readuntil asyncio.Loop#shutdown_asyncgens asyncio.Loop#shutdown_default_executor
   asyncio.Loop#sock_recv asyncio.Loop#sock_sendall asyncio.Loop#create_connection asyncio.Loop#create_server
   trio.aclose_forcefully trio.open_file trio.open_ssl_over_tcp_listeners trio.open_ssl_over_tcp_stream trio.open_tcp_listeners
   trio.open_tcp_stream trio.open_unix_socket trio.run_process trio.serve_listeners trio.serve_ssl_over_tcp trio.serve_tcp trio.sleep
   trio.sleep_forever trio.sleep_until trio.lowlevel.cancel_shielded_checkpoint trio.lowlevel.checkpoint
   trio.lowlevel.checkpoint_if_cancelled trio.lowlevel.open_process trio.lowlevel.permanently_detach_coroutine_object
   trio.lowlevel.reattach_detached_coroutine_object trio.lowlevel.temporarily_detach_coroutine_object trio.lowlevel.wait_readable
   trio.lowlevel.wait_task_rescheduled trio.lowlevel.wait_writable trio.testing.open_stream_to_socket_listener
   trio.testing.wait_all_tasks_blocked trio.to_thread.run_sync trio.Nursery#start trio.Lock#acquire trio.Event#wait
   anyio.sleep anyio.sleep_forever anyio.sleep_until anyio.open_file anyio.run_process anyio.connect_tcp anyio.to_thread.run_sync
   anyio.aclose_forcefully anyio.connect_unix anyio.create_tcp_listener anyio.create_unix_listener anyio.getaddrinfo anyio.getnameinfo
   anyio.open_process anyio.wait_all_tasks_blocked anyio.wait_socket_readable anyio.wait_socket_writable anyio.TaskGroup#start anyio.Event#wait
   anyio.Lock#acquire anyio.lowlevel.checkpoint anyio.lowlevel.checkpoint_if_cancelled anyio.lowlevel.cancel_shielded_checkpoint`.split(
    /\s+/,
  ),
);

/** Decorators that leave a coroutine function one. */
const TRANSPARENT =
  /^(?:staticmethod|classmethod|functools\.wraps|wraps|(?:typing\.)?(?:override|overload|final)|abc\.abstractmethod|abstractmethod)$/;

export const coroutineNotAwaited: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const isStatement = isStatementCall(call);
    const isDropped = isStatement || isDiscarded(call);
    // trio's functions make no sense unawaited anywhere; asyncio's may be handed on to run later.
    if (
      !isDropped &&
      (call.parent.kind === 'Await' || resolver.callee(call)?.startsWith('trio.') !== true)
    )
      continue;
    const name = coroutineCalled(call, resolver);
    if (name === undefined) continue;
    const fixes: Fix[] = [];
    if (canAwait(call)) {
      fixes.push(automatic('Await it', [insert(call.start, 'await ')]));
      if (isStatement && asyncLibrary(model) === 'asyncio' && isAlone(call, model, resolver)) {
        const module = importing(model, 'asyncio');
        const text = `task = ${module.name}.create_task(${source(model, call)})`;
        fixes.push(suggestion('Start it as a task', [...module.edits, replace(call, text)]));
      }
    }
    report(
      call,
      `${name} is a coroutine function: calling it without await only makes a coroutine, nothing runs.`,
      { fixes },
    );
  }
};

/** A line of its own, and a coroutine that asyncio can run. */
function isAlone(call: Call, { text }: PythonModel, resolver: Resolver): boolean {
  if (/^(?:trio|anyio)\./.test(resolver.callee(call) ?? '')) return false;
  const before = text.slice(lineStart(text, call.start), call.start);
  const after = text.slice(call.end, lineEnd(text, call.end));
  return before.trim() === '' && /^\s*(?:#.*)?$/.test(after.trimEnd());
}

/** The name of the coroutine function that a call calls. */
export function coroutineCalled(call: Call, resolver: Resolver): string | undefined {
  const path = resolver.callee(call);
  if (path !== undefined && LIBRARY.has(path)) return path.replace('#', '.');
  const target = resolver.functionCalled(call);
  if (target === undefined || !isCoroutineFunction(target.fn, target.resolver)) return undefined;
  return target.fn.name;
}

export function isCoroutineFunction(fn: FunctionDef, resolver: Resolver): boolean {
  const givesOne = fn.isAsync ? !isGenerator(fn) : saysCoroutine(fn.returns, resolver);
  if (!givesOne || fn.broken) return false;
  return fn.decorators.every((decorator) => {
    const func = decorator.kind === 'Call' ? decorator.func : decorator;
    const name = resolver.path(func) ?? (func.kind === 'Name' ? func.id : '');
    return TRANSPARENT.test(name);
  });
}

/** A plain function whose annotation says that a coroutine is what it returns. */
function saysCoroutine(returns: Expr | undefined, resolver: Resolver): boolean {
  if (returns === undefined) return false;
  if (returns.kind === 'Str') return /^(?:\w+\.)*Coroutine\[/.test(returns.value);
  const type = returns.kind === 'Subscript' ? returns.value : returns;
  return /^(?:typing|collections\.abc)\.Coroutine$/.test(resolver.path(type) ?? '');
}
