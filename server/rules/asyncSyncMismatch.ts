// async-sync-mismatch: async for/with over sync things, plain for/with over async ones, await outside an async function.
import type { Comprehension, Expr, For, FunctionDef, Node, With, WithItem } from '../python/ast.ts';
import { isGenerator } from '../python/effects.ts';
import { automatic, insert, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf, type Scope } from '../python/scope.ts';
import type { Value } from '../python/value.ts';
import type { Check, Context } from '../rule.ts';

/** Library things that can only be entered with `async with`. */
const ASYNC_ONLY =
  /^(?:asyncio\.(?:Lock|Condition|Semaphore|BoundedSemaphore|TaskGroup|Timeout|timeout|timeout_at)|trio\.(?:Lock|Condition|Semaphore|StrictFIFOLock|CapacityLimiter|Nursery|open_nursery)|anyio\.(?:Lock|Condition|Semaphore|CapacityLimiter|TaskGroup|create_task_group)|aiohttp\.ClientSession|httpx\.AsyncClient|aiofiles\.open|contextlib\.AsyncExitStack)$/;
/** Library things that can only be entered with plain `with`. */
const SYNC_ONLY =
  /^(?:io\.File|open|threading\.(?:Lock|RLock|Condition|Semaphore|BoundedSemaphore)|multiprocessing\.(?:Lock|RLock|Condition|Semaphore|BoundedSemaphore|Pool)|concurrent\.futures\.(?:Thread|Process)PoolExecutor|socket\.socket|contextlib\.(?:suppress|redirect_stdout|redirect_stderr|ExitStack)|requests\.Session|httpx\.Client|subprocess\.Popen|tempfile\.TemporaryDirectory|zipfile\.ZipFile)$/;
/** Builtin things that nothing can be entered with. */
const NOT_ENTERED = /^(?:slice|range|object|str|bytes|int|float|list|dict|tuple)$/;

/** A file without any of these has nothing that could be mixed up. */
const ABOUT_ASYNC = /async|await|trio|anyio|__aenter__|__aiter__/;

const SYNC_PAIR = ['__enter__', '__exit__'];
const ASYNC_PAIR = ['__aenter__', '__aexit__'];

/** Abstract bases that make a class one kind of context manager: one method they bring, the other they ask for. */
const ABSTRACT: ReadonlyMap<string, readonly string[]> = new Map([
  ['contextlib.AbstractContextManager', SYNC_PAIR],
  ['contextlib.AbstractAsyncContextManager', ASYNC_PAIR],
  ['typing.ContextManager', SYNC_PAIR],
  ['typing.AsyncContextManager', ASYNC_PAIR],
  ['contextlib.ContextDecorator', []],
  ['contextlib.AsyncContextDecorator', []],
]);

const WRAPPERS = new Map<string, 'sync' | 'async' | 'both'>([
  ['contextlib.nullcontext', 'both'],
  ['contextlib.closing', 'sync'],
  ['contextlib.aclosing', 'async'],
]);

export const asyncSyncMismatch: Check = (context) => {
  const { model } = context;
  if (!ABOUT_ASYNC.test(model.text)) return;
  for (const node of model.withs) checkWith(node, context);
  for (const node of model.loops) if (node.kind === 'For') checkFor(node, context);
  for (const node of model.awaits) {
    if (mayAwait(node, model)) continue;
    context.report(node, outside('await', node), { fixes: makeAsync(node) });
  }
  for (const node of model.nodes) {
    if (node.kind === 'Comprehension') {
      const async = node.type !== 'generator' && node.generators.some((each) => each.isAsync);
      if (async && !mayAwait(node, model))
        context.report(node, outside('An async comprehension', node));
      checkComprehension(node, context);
    } else if (node.kind === 'Yield' && node.isFrom && functionOf(node)?.isAsync === true) {
      context.report(
        node,
        'yield from is a syntax error in an async function; loop with async for and yield each.',
      );
    }
  }
};

function outside(what: string, node: Node): string {
  const fn = functionOf(node);
  return fn === undefined
    ? `${what} can only stand in an async function.`
    : `${what} can only stand in an async function, and ${fn.name} is none.`;
}

function makeAsync(node: Node) {
  const fn = functionOf(node);
  return fn === undefined || isGenerator(fn)
    ? []
    : [automatic(`Make ${fn.name} async`, [insert(fn.defStart, 'async ')])];
}

/** Notebooks await at top level; elsewhere only async functions do, and generator expressions, which are async generators then. */
function mayAwait(node: Node, model: PythonModel): boolean {
  let scope: Scope = node.scope;
  for (; scope.kind === 'comprehension' && scope.outer !== undefined; scope = scope.outer) {
    if (scope.node.kind !== 'Comprehension' || scope.node.type !== 'generator') continue;
    // The first iterable is evaluated where the generator is made.
    const first = scope.node.generators[0]?.iter;
    if (first === undefined || node.start < first.start || first.end < node.end) return true;
  }
  if (scope.node.kind === 'FunctionDef') return scope.node.isAsync;
  if (scope.kind === 'module') return model.path.includes('.ipynb');
  return false;
}

function checkWith(node: With, context: Context): void {
  const { resolver, model, report } = context;
  const start = { start: node.start, end: node.items[0]?.value.end ?? node.start + 4 };
  if (node.isAsync) {
    if (!mayAwait(node, model)) {
      report(start, outside('async with', node), { fixes: makeAsync(node) });
      return;
    }
    const kinds = node.items.map((item) => entersOnly(item, resolver));
    const at = kinds.findIndex((kind) => kind === 'sync' || kind === 'neither');
    if (at === -1) return;
    const all = kinds.every((kind) => kind === 'sync');
    report(
      node.items[at]!.value,
      kinds[at] === 'sync'
        ? 'This is no async context manager: async with raises here; use plain with.'
        : 'This is no context manager at all: async with raises here.',
      {
        fixes: all
          ? [
              automatic('Use plain with', [
                { start: node.start, end: model.text.indexOf('with', node.start), text: '' },
              ]),
            ]
          : [],
      },
    );
    return;
  }
  const wrong = node.items.filter((item) => entersOnly(item, resolver) === 'async');
  if (wrong.length === 0) {
    const unawaited = node.items.find((item) => isCoroutineOrHalf(item, resolver));
    if (unawaited !== undefined) {
      report(unawaited.value, 'This is no context manager: with raises here.');
      return;
    }
    const dual = node.items.find((item) => entersBoth(item, resolver));
    if (dual !== undefined && functionOf(node)?.isAsync === true)
      report(
        dual.value,
        'This can be entered with async with too, which lets other tasks run while it is entered and left.',
        {
          severity: 'hint',
          fixes:
            node.items.length > 1
              ? []
              : [suggestion('Use async with', [insert(node.start, 'async ')])],
        },
      );
    return;
  }
  const fixable = wrong.length === node.items.length && functionOf(node)?.isAsync === true;
  report(wrong[0]!.value, 'This can only be entered with async with; plain with raises here.', {
    fixes: fixable ? [automatic('Use async with', [insert(node.start, 'async ')])] : [],
  });
}

function entersOnly(item: WithItem, resolver: Resolver): 'sync' | 'async' | 'neither' | undefined {
  const { value } = item;
  if (/^(?:Lambda|Dict|Literal|Str|Sequence)$/.test(value.kind)) return 'neither';
  const called = value.kind === 'Call' ? resolver.value(value.func) : undefined;
  // What these are entered as has nothing to do with what they hold.
  const wrapper = called?.kind === 'library' ? WRAPPERS.get(called.path) : undefined;
  if (wrapper !== undefined) return wrapper === 'both' ? undefined : wrapper;
  if (called?.kind === 'function') {
    if (called.fn.decorators.length > 0) return contextManagerKind(called.fn, called.resolver);
    // What it gives is a coroutine or a generator, and neither can be entered.
    if (isOpen(called.fn, value)) return undefined;
    if (called.fn.isAsync || isGenerator(called.fn)) return 'neither';
  }
  const thing = resolver.value(value);
  if (thing?.kind === 'function') return thing.fn.decorators.length === 0 ? 'neither' : undefined;
  if (thing?.kind === 'class')
    return basesKnown({ ...thing, kind: 'object' }) ? 'neither' : undefined;
  const name =
    thing?.kind === 'instance'
      ? thing.type
      : value.kind === 'Call'
        ? resolver.callee(value)
        : undefined;
  if (name !== undefined && thing?.kind !== 'object') {
    if (ASYNC_ONLY.test(name)) return 'async';
    if (NOT_ENTERED.test(name)) return 'neither';
    return SYNC_ONLY.test(name) ? 'sync' : undefined;
  }
  return thing?.kind === 'object' ? managerKind(thing) : undefined;
}

/** What is async about something that plain `with` can't enter: a coroutine, an async generator, a class with half of a protocol. */
function isCoroutineOrHalf({ value }: WithItem, resolver: Resolver): boolean {
  const called = value.kind === 'Call' ? resolver.value(value.func) : undefined;
  if (called?.kind === 'function')
    return called.fn.isAsync && called.fn.decorators.length === 0 && !isOpen(called.fn, value);
  if (called?.kind === 'library') return false;
  const thing = resolver.value(value);
  if (thing?.kind !== 'object' || !basesKnown(thing)) return false;
  const has = (name: string) => thing.resolver.attribute(thing, name) !== undefined;
  return ASYNC_PAIR.some(has) && !SYNC_PAIR.some(has);
}

/** Stands for something else: still to be written, and nothing says what it will give; or the function that it is called in. */
function isOpen(fn: FunctionDef, call: Node): boolean {
  if (fn.start <= call.start && call.end <= fn.end) return true;
  const [only, ...more] = fn.body;
  return (
    fn.returns === undefined &&
    more.length === 0 &&
    only?.kind === 'ExprStmt' &&
    only.value.kind === 'Literal' &&
    only.value.text === '...'
  );
}

/** A class that can be entered one way only; one with half of a protocol can't be entered that way. */
function managerKind(
  thing: Extract<Value, { kind: 'object' }>,
): 'sync' | 'async' | 'neither' | undefined {
  if (!basesKnown(thing) || thing.cls.name.endsWith('Mixin')) return undefined;
  const inherited = givenBy(thing);
  const has = (name: string) => {
    if (inherited.has(name)) return true;
    const value = thing.resolver.attribute(thing, name);
    // What an abstract base has is told by `inherited`.
    const isAbstract = value?.kind === 'library' && ABSTRACT.has(value.path.replace(/#.*/, ''));
    return value !== undefined && !isAbstract;
  };
  const names = ['__enter__', '__exit__', '__aenter__', '__aexit__'].map(has);
  if (!names.includes(true)) return 'neither';
  const isSync = names[0] && names[1];
  const isAsync = names[2] && names[3];
  if (isSync && isAsync) return undefined;
  if (isAsync) return 'async';
  return isSync ? 'sync' : 'neither';
}

/** A class of the workspace with both protocols. */
function entersBoth(item: WithItem, resolver: Resolver): boolean {
  if (item.value.kind === 'Call' && WRAPPERS.has(resolver.callee(item.value) ?? '')) return false;
  const thing = resolver.value(item.value);
  if (thing?.kind !== 'object') return false;
  return ['__enter__', '__exit__', '__aenter__', '__aexit__'].every(
    (name) => thing.resolver.attribute(thing, name)?.kind === 'function',
  );
}

function contextManagerKind(fn: FunctionDef, resolver: Resolver): 'sync' | 'async' | undefined {
  for (const decorator of fn.decorators) {
    const path = resolver.path(decorator);
    if (path === 'contextlib.contextmanager') return 'sync';
    if (path === 'contextlib.asynccontextmanager') return 'async';
  }
  return undefined;
}

/** Which of two protocols a workspace class has, when all its bases are known and it has just one. */
function classKind(
  thing: Extract<Value, { kind: 'object' }>,
  sync: string,
  async: string,
): 'sync' | 'async' | 'neither' | undefined {
  if (!basesKnown(thing)) return undefined;
  const has = (name: string) => thing.resolver.attribute(thing, name) !== undefined;
  const isSync = has(sync);
  const isAsync = has(async);
  if (isSync && isAsync) return undefined;
  if (!isSync && !isAsync) return has('__getitem__') ? 'sync' : 'neither';
  return isSync ? 'sync' : 'async';
}

function basesKnown(thing: Extract<Value, { kind: 'object' }>, depth = 0): boolean {
  if (thing.cls.keywords.length > 0 || thing.cls.decorators.length > 0 || depth > 8) return false;
  return thing.cls.bases.every((base) => {
    if (base.kind === 'Name' && base.id === 'object') return true;
    const value = thing.resolver.value(base);
    if (value?.kind === 'library') return ABSTRACT.has(value.path);
    return (
      value?.kind === 'class' &&
      basesKnown({ kind: 'object', cls: value.cls, resolver: value.resolver }, depth + 1)
    );
  });
}

/** What a class has from the library's abstract context managers. */
function givenBy(thing: Extract<Value, { kind: 'object' }>, depth = 0): Set<string> {
  const found = new Set<string>();
  if (depth > 8) return found;
  for (const base of thing.cls.bases) {
    const value = thing.resolver.value(base);
    if (value?.kind === 'library') {
      for (const method of ABSTRACT.get(value.path) ?? []) found.add(method);
    } else if (value?.kind === 'class')
      for (const each of givenBy({ ...value, kind: 'object' }, depth + 1)) found.add(each);
  }
  return found;
}

const SYNC_ITERABLES = new Set([
  'range',
  'enumerate',
  'zip',
  'list',
  'dict',
  'set',
  'tuple',
  'sorted',
  'reversed',
  'map',
  'filter',
]);

function checkFor(node: For, { resolver, model, report }: Context): void {
  const kind = iterates(node.iter, resolver);
  if (node.isAsync) {
    const at = { start: node.start, end: node.iter.end };
    if (!mayAwait(node, model)) report(at, outside('async for', node), { fixes: makeAsync(node) });
    else if (kind === 'neither')
      report(node.iter, 'This can not be iterated: async for raises here.');
    else if (kind === 'sync') {
      const edit = { start: node.start, end: model.text.indexOf('for', node.start), text: '' };
      report(node.iter, 'This is no async iterable: async for raises here; use plain for.', {
        fixes: [automatic('Use plain for', [edit])],
      });
    }
  } else if (kind === 'async') {
    const fixes =
      functionOf(node)?.isAsync === true
        ? [automatic('Use async for', [insert(node.start, 'async ')])]
        : [];
    report(node.iter, 'This is an async iterable: plain for raises here; use async for.', {
      fixes,
    });
  }
}

function checkComprehension(node: Comprehension, { resolver, report }: Context): void {
  for (const { iter, isAsync } of node.generators) {
    // What each comprehension goes through is dear to know: outside of async functions few go through anything async.
    if (!isAsync && functionOf(node)?.isAsync !== true) continue;
    const kind = iterates(iter, resolver);
    if (isAsync && (kind === 'sync' || kind === 'neither'))
      report(iter, 'This is no async iterable: async for raises here; use plain for.');
    else if (!isAsync && kind === 'async')
      report(iter, 'This is an async iterable: plain for raises here; use async for.');
  }
}

function iterates(iter: Expr, resolver: Resolver): 'sync' | 'async' | 'neither' | undefined {
  if (iter.kind === 'Sequence' || iter.kind === 'Dict' || iter.kind === 'Str') return 'sync';
  if (iter.kind === 'Comprehension') return iter.type === 'generator' ? undefined : 'sync';
  if (iter.kind === 'Call') {
    const path = resolver.callee(iter);
    if (path !== undefined && SYNC_ITERABLES.has(path)) return 'sync';
    const target = resolver.functionCalled(iter);
    if (target !== undefined) {
      if (target.fn.decorators.length > 0 || !isGenerator(target.fn)) return undefined;
      return target.fn.isAsync ? 'async' : 'sync';
    }
  }
  const value = resolver.value(iter);
  return value?.kind === 'object' ? classKind(value, '__iter__', '__aiter__') : undefined;
}
