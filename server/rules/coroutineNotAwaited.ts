// coroutine-not-awaited: a coroutine function is called as a statement, so its body never runs.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, FunctionDef, Name } from '../python/ast.ts';
import { canAwait, dotted, isDiscarded, isStatementCall } from '../python/calls.ts';
import { within } from '../python/children.ts';
import { isGenerator } from '../python/effects.ts';
import { elementValue } from '../python/elements.ts';
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
import { type PythonModel, selfClass } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf, lookup } from '../python/scope.ts';
import { isNone } from '../python/value.ts';
import type { Check, Context } from '../rule.ts';
import { makesCoroutines, passesThrough } from './passThrough.ts';

const LIBRARY = new Set(
  `asyncio.sleep asyncio.wait asyncio.wait_for asyncio.to_thread asyncio.open_connection asyncio.start_server asyncio.open_unix_connection
   asyncio.start_unix_server asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.Lock#acquire asyncio.Condition#acquire
   asyncio.Condition#wait asyncio.Condition#wait_for asyncio.Semaphore#acquire asyncio.BoundedSemaphore#acquire asyncio.Event#wait
   asyncio.Queue#get asyncio.Queue#put asyncio.Queue#join asyncio.PriorityQueue#get asyncio.PriorityQueue#put asyncio.LifoQueue#get
   asyncio.LifoQueue#put asyncio.Barrier#wait asyncio.Process#wait asyncio.Process#communicate asyncio.Server#wait_closed
   asyncio.Server#serve_forever asyncio.Server#start_serving asyncio.StreamWriter#drain
   asyncio.StreamWriter#wait_closed asyncio.StreamReader#read asyncio.StreamReader#readline asyncio.StreamReader#readexactly
   asyncio.StreamReader#readuntil asyncio.Loop#shutdown_asyncgens asyncio.Loop#shutdown_default_executor
   asyncio.Loop#sock_recv asyncio.Loop#sock_sendall asyncio.Loop#create_connection asyncio.Loop#create_server
   anext asyncio.Loop#getaddrinfo asyncio.Loop#getnameinfo asyncio.Loop#sock_accept asyncio.Loop#sock_connect asyncio.Loop#start_tls
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
  /^(?:staticmethod|classmethod|functools\.(?:wraps|cache|lru_cache)|wraps|types\.coroutine|(?:typing\.)?(?:override|overload|final)|abc\.abstractmethod|abstractmethod)$/;

export const coroutineNotAwaited: Check = (context) => {
  const { model, resolver, report } = context;
  for (const call of model.calls) {
    const isStatement = isStatementCall(call);
    const isDropped = isStatement || isDiscarded(call);
    // trio's functions make no sense unawaited anywhere; asyncio's may be handed on to run later.
    if (
      !isDropped &&
      (call.parent.kind === 'Await' || resolver.callee(call)?.startsWith('trio.') !== true)
    )
      continue;
    if (isDriven(call) || isReturned(call)) continue;
    const called =
      coroutineCalled(call, resolver) ?? (isDropped ? startsIn(call, model) : undefined);
    const name = called ?? coroutineGiven(call, resolver);
    if (name === undefined) {
      if (isDropped) awaitableDropped(call, context);
      continue;
    }
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
      `${name} ${called === undefined ? 'gives a coroutine' : 'is a coroutine function'}: calling it without await only makes a coroutine, nothing runs.`,
      { fixes },
    );
  }
};

/** Left by a plain function to its caller. */
function isReturned(call: Call): boolean {
  return call.parent.kind === 'Return' && functionOf(call)?.isAsync === false;
}

/** Handed to what awaits it without the word: greenback's `await_`, SQLAlchemy's `await_only`. */
function isDriven({ parent }: Call): boolean {
  return parent.kind === 'Call' && /(?:^|\.)await_\w*$/.test(dotted(parent.func) ?? '');
}

/** trio's `nursery.start(…)`, wherever the nursery is from: nothing else is called so. */
function startsIn({ func }: Call, { imports }: PythonModel): string | undefined {
  if (func.kind !== 'Attribute' || func.attr !== 'start' || !imports.has('trio')) return undefined;
  const name = dotted(func.value) ?? '';
  return /(?:^|[._])nursery$/.test(name) ? `${name}.start` : undefined;
}

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

/** What gives a coroutine without being a coroutine function: an object called, a partial, a function that returns the call of one. */
function coroutineGiven({ func }: Call, resolver: Resolver, depth = 0): string | undefined {
  const value = resolver.value(func);
  if (value === undefined && func.kind === 'Attribute') {
    const thing = elementValue(func.value, resolver);
    const method =
      thing?.kind === 'object' ? thing.resolver.attribute(thing, func.attr) : undefined;
    const isOne = method?.kind === 'function' && isCoroutineFunction(method.fn, method.resolver);
    if (isOne) return func.attr;
  }
  if (func.kind === 'Attribute')
    return saysCallable(annotationOf(func, resolver), resolver) ? func.attr : undefined;
  if (value?.kind === 'object') {
    const method = value.resolver.attribute(value, '__call__');
    if (method?.kind === 'function' && isCoroutineFunction(method.fn, method.resolver))
      return value.cls.name;
  }
  if (value?.kind === 'function')
    return returnsCoroutine(value.fn, value.resolver, depth) ? value.fn.name : undefined;
  // Called where they are made: `(lambda: work())()`, `partial(work)()`.
  if (func.kind === 'Lambda' || func.kind === 'Call') return madeFor(func, resolver);
  if (func.kind !== 'Name') return undefined;
  const [binding, ...more] = lookup(func.scope, func.id)?.bindings.get(func.id) ?? [];
  if (binding === undefined || more.length > 0) return undefined;
  if (binding.annotation !== undefined)
    return saysCallable(annotationOf(func, resolver), resolver) ? func.id : undefined;
  const made = binding.kind === 'assign' ? binding.value : undefined;
  return made !== undefined && madeFor(made, resolver) !== undefined ? func.id : undefined;
}

/** The coroutine function that a lambda or a partial calls. */
function madeFor(made: Expr, resolver: Resolver): string | undefined {
  if (made.kind === 'Call') {
    const maker = resolver.functionCalled(made);
    const isMade = maker?.fn.isAsync === false && saysCallable(maker.fn.returns, maker.resolver);
    return isMade ? maker.fn.name : partialOf(made, resolver);
  }
  return made.kind === 'Lambda' && made.body.kind === 'Call'
    ? coroutineCalled(made.body, resolver)
    : undefined;
}

/** These run what they are given without being awaited, and then nobody waits for it or sees it fail. */
const STARTING = new Set(['asyncio.gather', 'asyncio.shield']);

function awaitableDropped(call: Call, { resolver, report }: Context): void {
  const fixes = canAwait(call) ? [suggestion('Await it', [insert(call.start, 'await ')])] : [];
  const path = resolver.callee(call) ?? '';
  const name = awaitableGiven(call, resolver);
  if (STARTING.has(path) && canAwait(call))
    report(call, `Nobody waits for what ${path} starts here, or learns that it failed.`, {
      severity: 'warning',
      fixes,
    });
  else if (name !== undefined)
    report(call, `${name} gives something to await, and nobody does.`, { severity: 'info', fixes });
}

/**
 * What only says that its result is to be awaited: that may be a future, which needs nobody. Functions that can be seen to
 * return something else than a new coroutine are left alone.
 */
function awaitableGiven(call: Call, resolver: Resolver): string | undefined {
  const { func } = call;
  const target = resolver.functionCalled(call);
  if (target !== undefined) {
    const { fn } = target;
    if (fn.isAsync || fn.broken || fn.decorators.some(isNotAbstract)) return undefined;
    const isOpen = ![...within(fn.body)].some((node) => node.kind === 'Return');
    return isOpen && says(fn.returns, AWAITABLE, target.resolver) ? fn.name : undefined;
  }
  if (func.kind !== 'Name' && func.kind !== 'Attribute') return undefined;
  if (!saysCallable(annotationOf(func, resolver), resolver, AWAITABLE)) return undefined;
  return func.kind === 'Name' ? func.id : func.attr;
}

/** What a name, or an attribute of `self`, is said to be, where nothing else is bound to it. */
function annotationOf(func: Expr, resolver: Resolver): Expr | undefined {
  if (func.kind === 'Name') {
    const bindings = lookup(func.scope, func.id)?.bindings.get(func.id) ?? [];
    return bindings.length === 1 ? bindings[0]!.annotation : undefined;
  }
  if (func.kind !== 'Attribute' || func.value.kind !== 'Name') return undefined;
  const cls = selfClass(func.value.id, func);
  const said = cls === undefined ? undefined : resolver.model.attributes.get(cls)?.get(func.attr);
  const [only, ...more] = said ?? [];
  if (only === undefined || more.length > 0) return undefined;
  const { annotation, value } = only;
  return annotation ?? (value?.kind === 'Name' ? annotationOf(value, resolver) : undefined);
}

function isNotAbstract(decorator: Expr): boolean {
  return !/(?:^|\.)abstractmethod$/.test(dotted(decorator) ?? '');
}

/** The coroutine function that a `functools.partial` calls. */
function partialOf(made: Call, resolver: Resolver): string | undefined {
  if (resolver.callee(made) !== 'functools.partial') return undefined;
  const work = made.args[0] === undefined ? undefined : resolver.value(made.args[0].value);
  return work?.kind === 'function' && isCoroutineFunction(work.fn, work.resolver)
    ? work.fn.name
    : undefined;
}

/** Every way out of a plain function returns the call of a coroutine function. */
function returnsCoroutine(fn: FunctionDef, resolver: Resolver, depth: number): boolean {
  if (fn.isAsync || fn.broken || fn.decorators.length > 0 || depth > 3) return false;
  if (fn.returns !== undefined && !says(fn.returns, AWAITABLE, resolver)) return false;
  if (isGenerator(fn)) return false;
  const last = fn.body.at(-1);
  if (last?.kind !== 'Return') return false;
  for (const node of within(fn.body)) {
    if (node.kind !== 'Return') continue;
    const { value } = node;
    if (value?.kind !== 'Call') return false;
    if (
      (coroutineCalled(value, resolver) ?? coroutineGiven(value, resolver, depth + 1)) === undefined
    )
      return false;
  }
  return true;
}

function alternatives(annotation: Expr): readonly Expr[] {
  if (annotation.kind === 'Operation' && annotation.op.startsWith('|')) return annotation.operands;
  return annotation.kind === 'Other' && annotation.parts.length > 0
    ? annotation.parts
    : [annotation];
}

/** `Callable[[int], Coroutine[Any, Any, str]]`. */
function saysCallable(
  annotation: Expr | undefined,
  resolver: Resolver,
  what: Awaited = COROUTINE,
): boolean {
  const any = annotation === undefined ? [] : alternatives(annotation);
  if (any.length > 1) {
    const [only, ...more] = any.filter((each) => !isNone(each));
    return more.length === 0 && saysCallable(only, resolver, what);
  }
  if (annotation?.kind === 'Name') {
    // `Handler = Callable[[int], Coroutine[Any, Any, None]]`
    const alias = aliased(annotation);
    return alias !== undefined && saysCallable(alias, resolver, what);
  }
  if (annotation?.kind !== 'Subscript') return false;
  const type = resolver.path(annotation.value) ?? '';
  if (type === 'typing.Optional') return saysCallable(annotation.index[0], resolver, what);
  if (!/^(?:typing|collections\.abc)\.Callable$/.test(type)) return false;
  const [only, ...more] = annotation.index;
  const result =
    more.length === 0 && only?.kind === 'Sequence' ? only.elements.at(-1) : more.at(-1);
  return says(result, what, resolver);
}

export function isCoroutineFunction(fn: FunctionDef, resolver: Resolver): boolean {
  const [outermost] = fn.decorators;
  if (outermost !== undefined && makesCoroutines(outermost, resolver)) return !fn.broken;
  const givesOne = fn.isAsync
    ? !isGenerator(fn)
    : says(fn.returns, COROUTINE, resolver) || isOldStyle(fn, resolver);
  if (!givesOne || fn.broken) return false;
  return fn.decorators.every((decorator) => {
    const func = decorator.kind === 'Call' ? decorator.func : decorator;
    const name = resolver.path(func) ?? (func.kind === 'Name' ? func.id : '');
    return TRANSPARENT.test(name) || passesThrough(decorator, resolver);
  });
}

type Awaited = typeof COROUTINE | typeof AWAITABLE;
const COROUTINE = 'Coroutine';
const AWAITABLE = 'Awaitable';

/** A plain function whose annotation says that a coroutine is what it returns, also by another name for the type. */
function says(returns: Expr | undefined, what: Awaited, resolver: Resolver): boolean {
  if (returns === undefined) return false;
  if (returns.kind === 'Str') return new RegExp(`^(?:\\w+\\.)*${what}\\[`).test(returns.value);
  if (returns.kind === 'Name') {
    const alias = aliased(returns);
    if (alias !== undefined) return says(alias, what, resolver);
  }
  const type = returns.kind === 'Subscript' ? returns.value : returns;
  const path = resolver.path(type);
  return path === `typing.${what}` || path === `collections.abc.${what}`;
}

/** `Job = Coroutine[Any, Any, None]` */
function aliased(name: Name): Expr | undefined {
  const bindings = lookup(name.scope, name.id)?.bindings.get(name.id) ?? [];
  const value = bindings.length === 1 ? bindings[0]!.value : undefined;
  return value?.kind === 'Subscript' ? value : undefined;
}

/** A generator that `@types.coroutine` makes a coroutine function. */
function isOldStyle(fn: FunctionDef, resolver: Resolver): boolean {
  return isGenerator(fn) && fn.decorators.some((each) => resolver.path(each) === 'types.coroutine');
}
