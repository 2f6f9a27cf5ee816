// What calls give: instances of what is called, what functions of the workspace return, what awaiting makes of it.
import { annotationValue } from './annotations.ts';
import type { Call, Expr, FunctionDef } from './ast.ts';
import { within } from './children.ts';
import { partOf } from './elements.ts';
import { returnType } from './library.ts';
import type { Resolver } from './resolve.ts';
import type { Binding } from './scope.ts';
import { isNone, keyOf, type Value } from './value.ts';

/** These give what they are given. */
const HANDS_ON = /^contextlib\.(?:closing|nullcontext)$|#enter_(?:async_)?context$/;

/** What a call gives. */
export function calledValue(call: Call, resolver: Resolver): Value | undefined {
  const callee = resolver.value(call.func);
  if (callee === undefined) return undefined;
  if (callee.kind === 'class')
    return { kind: 'object', cls: callee.cls, resolver: callee.resolver };
  if (callee.kind === 'function') {
    if (callee.fn.decorators.length > 0) {
      const entered = enteredValue(callee.fn, callee.resolver);
      if (entered !== undefined) return entered;
    }
    return callee.fn.isAsync ? undefined : returnedValue(callee.fn, callee.resolver);
  }
  if (callee.kind !== 'library') return undefined;
  if (callee.path === 'type' && call.args.length === 1) {
    const of = resolver.value(call.args[0]!.value);
    return of?.kind === 'object' ? { ...of, kind: 'class' } : undefined;
  }
  if (callee.path === 'typing.cast')
    return call.args[0] === undefined ? undefined : annotationValue(call.args[0].value, resolver);
  if (HANDS_ON.test(callee.path)) {
    const inner = call.args[0];
    return inner === undefined ? undefined : resolver.value(inner.value);
  }
  if (callee.path.endsWith('#__enter__') && call.func.kind === 'Attribute')
    return resolver.value(call.func.value);
  const type = returnType(callee.path);
  return type === undefined ? undefined : { kind: 'instance', type, made: call };
}

/** What `as` gets from a function under `@contextmanager`: an object of the workspace that it yields. */
function enteredValue(fn: FunctionDef, resolver: Resolver): Value | undefined {
  const isOne = fn.decorators.some((each) =>
    /^contextlib\.(?:async)?contextmanager$/.test(resolver.path(each) ?? ''),
  );
  if (!isOne) return undefined;
  const said = fn.returns?.kind === 'Subscript' ? fn.returns.index[0] : undefined;
  const type = said?.kind === 'Sequence' ? said.elements[0] : said;
  const yields = [...within(fn.body)].filter((node) => node.kind === 'Yield');
  const [only, ...more] = yields.map((node) => (node.kind === 'Yield' ? node.value : undefined));
  const value =
    type !== undefined
      ? annotationValue(type, resolver)
      : only !== undefined && more.length === 0
        ? resolver.value(only)
        : undefined;
  return value?.kind === 'object' ? value : undefined;
}

/** What `await` makes of a call. */
export function awaitedValue(expr: Expr, resolver: Resolver): Value | undefined {
  if (expr.kind !== 'Call') return undefined;
  const callee = resolver.value(expr.func);
  if (callee?.kind === 'function' && callee.fn.isAsync)
    return returnedValue(callee.fn, callee.resolver);
  const path = callee?.kind === 'library' ? callee.path : undefined;
  if (path?.endsWith('#enter_async_context') === true) {
    const entered = expr.args[0] === undefined ? undefined : resolver.value(expr.args[0].value);
    return entered?.kind === 'object' ? entered : undefined;
  }
  if (path === 'asyncio.create_subprocess_exec' || path === 'asyncio.create_subprocess_shell') {
    return { kind: 'instance', type: 'asyncio.Process', made: expr };
  }
  if (path === 'asyncio.start_server' || path === 'asyncio.start_unix_server')
    return { kind: 'instance', type: 'asyncio.Server', made: expr };
  return undefined;
}

/** Library calls that give several things at once. */
const SEVERAL: ReadonlyMap<string, readonly (string | undefined)[]> = new Map([
  ['asyncio.open_connection', ['asyncio.StreamReader', 'asyncio.StreamWriter']],
  ['asyncio.open_unix_connection', ['asyncio.StreamReader', 'asyncio.StreamWriter']],
  ['multiprocessing.Pipe', ['multiprocessing.Connection', 'multiprocessing.Connection']],
  ['socket.socketpair', ['socket.socket', 'socket.socket']],
  ['socket.socket#accept', ['socket.socket', undefined]],
]);

/** What a name gets in `reader, writer = await asyncio.open_connection(…)`. */
export function unpackedValue({ node, name }: Binding, resolver: Resolver): Value | undefined {
  const list = node.kind === 'Assign' && node.targets.length === 1 ? node.targets[0] : undefined;
  if (node.kind !== 'Assign' || list?.kind !== 'Sequence') return undefined;
  const index = list.elements.findIndex(
    (each) =>
      (each.kind === 'Name' && each.id === name) ||
      (each.kind === 'Attribute' && each.attr === name),
  );
  if (index === -1 || list.elements.some((each) => each.kind === 'Star')) return undefined;
  const { value } = node;
  if (value?.kind === 'Name') return partOf(value, index, resolver);
  const call = value?.kind === 'Await' ? value.value : value;
  if (call?.kind !== 'Call') return undefined;
  const path = resolver.callee(call) ?? '';
  // asyncio's are coroutine functions, the others are not.
  if (path.startsWith('asyncio.') !== (value?.kind === 'Await')) return undefined;
  const type = SEVERAL.get(path)?.[index];
  return type === undefined ? undefined : { kind: 'instance', type, made: call };
}

/** What a function returns, from its annotation or from its one `return`. */
export function returnedValue(fn: FunctionDef, resolver: Resolver): Value | undefined {
  if (fn.returns !== undefined) {
    const cls = fn.scope.node;
    if (cls.kind === 'ClassDef' && resolver.path(fn.returns) === 'typing.Self')
      return { kind: 'object', cls, resolver };
    const annotated = annotationValue(fn.returns, resolver);
    if (annotated !== undefined) return annotated;
  }
  let found: Value | undefined;
  for (const node of within(fn.body)) {
    if (node.kind !== 'Return' || node.value === undefined || isNone(node.value)) continue;
    const value = resolver.value(node.value);
    if (value === undefined || (found !== undefined && keyOf(found) !== keyOf(value)))
      return undefined;
    found = value;
  }
  return found;
}

const LOCK = /^(?:threading|multiprocessing|asyncio)\.(?:R?Lock|Condition|(?:Bounded)?Semaphore)$/;

/** What `with value as it` makes of `it`: what entering gives, most often the thing itself. */
export function enteredAs(value: Value, { node }: Binding): Value | undefined {
  // `with lock as it` makes it True, not the lock.
  if (value.kind === 'instance') return LOCK.test(value.type) ? undefined : value;
  if (value.kind !== 'object' || node.kind !== 'With') return value;
  const enter = value.resolver.attribute(value, node.isAsync ? '__aenter__' : '__enter__');
  if (enter?.kind !== 'function') return value;
  const { fn, resolver } = enter;
  const given = [...within(fn.body)].flatMap((each) =>
    each.kind === 'Return' && each.value !== undefined ? [each.value] : [],
  );
  const self = fn.params[0]?.name;
  const isItself = given.every((each) => each.kind === 'Name' && each.id === self);
  return isItself || fn.decorators.length > 0 ? value : returnedValue(fn, resolver);
}
