// Which clause of a `try` gets the exception that cancels a task, and which questions it asks of it.
import type { Expr, Handler, Node, Stmt, Try, WithItem } from '../python/ast.ts';
import { blocksOf, dotted, isTrue, keyword } from '../python/calls.ts';
import { around, some } from '../python/children.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf, lookup } from '../python/scope.ts';
import { isLeft } from './flow.ts';

const CANCELLED = new Set([
  'asyncio.CancelledError',
  'trio.Cancelled',
  'anyio.Cancelled',
  'anyio.get_cancelled_exc_class',
]);

/** Called so wherever it comes from: asyncio's own modules and trio's import it from each other. */
const NAMED = /(?:^|\.)(?:CancelledError|get_cancelled_exc_class)$/;

/** The first clause that gets the cancellation. */
export function firstCatching(
  node: Try,
  resolver: Resolver,
): { handler: Handler; at: Expr | undefined; explicit: boolean } | undefined {
  for (const handler of node.handlers) {
    if (handler.type === undefined) return { handler, at: undefined, explicit: false };
    const types = handler.type.kind === 'Sequence' ? handler.type.elements : [handler.type];
    for (const type of types) {
      const named = type.kind === 'Call' ? type.func : type;
      const path = resolver.path(named);
      // That one says that somebody else's work was cancelled, not this task.
      if (path === 'concurrent.futures.CancelledError') continue;
      if (NAMED.test(dotted(named) ?? '')) return { handler, at: type, explicit: true };
      if (path === 'BaseException') return { handler, at: type, explicit: false };
      if (path !== undefined && CANCELLED.has(path)) return { handler, at: type, explicit: true };
      if (standsForCancelled(named)) return { handler, at: type, explicit: true };
    }
  }
  return undefined;
}

/** `gone = anyio.get_cancelled_exc_class()` further up. */
function standsForCancelled(name: Expr): boolean {
  if (name.kind !== 'Name') return false;
  const bindings = lookup(name.scope, name.id)?.bindings.get(name.id) ?? [];
  const value = bindings.length === 1 ? bindings[0]!.value : undefined;
  return value?.kind === 'Call' && NAMED.test(dotted(value.func) ?? '');
}

/** `isinstance(error, KeyError)`: a question that a cancellation answers with no. */
export function asksForAnother(test: Expr, { name }: Handler): boolean {
  if (test.kind !== 'Call' || dotted(test.func) !== 'isinstance') return false;
  const [error, types] = test.args.map(({ value }) => value);
  if (error?.kind !== 'Name' || error.id !== name || types === undefined) return false;
  const each = types.kind === 'Sequence' ? types.elements : [types];
  return each.every((type) => ANOTHER.test(dotted(type) ?? ''));
}

/** Named like an exception, and none of those that a cancellation is. */
const ANOTHER = /^(?!.*(?:Cancelled|BaseException|GeneratorExit)).*\w(?:Error|Interrupt|Exit)$/;

/** What stands here runs only for another exception than the cancellation. */
export function isForAnother(node: Node, handler: Handler): boolean {
  for (const outer of around(node)) {
    if (outer.start < handler.start) return false;
    if (
      outer.kind === 'If' &&
      asksForAnother(outer.test, handler) &&
      outer.body.some((each) => each.start <= node.start && node.end <= each.end)
    )
      return true;
  }
  return false;
}

/** What of a clause runs when it got a cancellation: of questions for another exception only their `else`. */
export function runFor(body: readonly Stmt[], handler: Handler): Stmt[] {
  return body.flatMap((each) =>
    each.kind === 'If' && asksForAnother(each.test, handler)
      ? runFor(each.orelse, handler)
      : [each],
  );
}

/** Nothing is done after the clause: the task ends, if not as one that was cancelled. */
export function endsFunction(node: Try, handler: Handler): boolean {
  const last = handler.body.at(-1);
  if (last?.kind === 'Return' && !some([last], suspends)) return true;
  let leaves = last?.kind === 'Jump' && last.type === 'break';
  let inside: Node = node;
  for (const outer of [...around(node), functionOf(node)]) {
    if (outer === undefined) return false;
    const isLoop = outer.kind === 'For' || outer.kind === 'While';
    if (isLoop && !leaves) return false;
    if (isLoop) leaves = false;
    if (isLoop || leaves) {
      inside = outer;
      continue;
    }
    for (const block of blocksOf(outer)) {
      const at = block.indexOf(inside as Stmt);
      const rest = at === -1 ? [] : block.slice(at + 1);
      if (rest.some((each) => each.kind !== 'Return' || some([each], suspends))) return false;
    }
    inside = outer;
  }
  return true;
}

/** Behind a statement that every way leaves, in its own block or in one around it: never run. */
export function isNeverRun(node: Node, handler: Handler): boolean {
  let inside: Node = node;
  for (const outer of around(node)) {
    const isOwner = outer.start < handler.start;
    // What a `try` raises may be caught, so what follows in it may run.
    const blocks = isOwner ? [handler.body] : outer.kind === 'Try' ? [] : blocksOf(outer);
    for (const block of blocks) {
      if (block.slice(0, Math.max(0, block.indexOf(inside as Stmt))).some(isLeft)) return true;
    }
    if (isOwner) return false;
    inside = outer;
  }
  return false;
}

export function suspends(node: Node): boolean {
  if (node.kind === 'Await') return true;
  if (node.kind === 'For' || node.kind === 'With') return node.isAsync;
  if (node.kind === 'Comprehension') return node.generators.some((each) => each.isAsync);
  return node.kind === 'ExprStmt' && node.value.kind === 'Literal' && node.value.text === '...';
}

/** In a scope that lets no cancellation in from outside, and has no deadline of its own. */
export function isShielded(node: Node, resolver: Resolver): boolean {
  const shields = ({ value }: WithItem) =>
    value.kind === 'Call' &&
    /^(?:trio|anyio)\.CancelScope$/.test(resolver.callee(value) ?? '') &&
    isTrue(keyword(value, 'shield')?.value) &&
    value.args.length === 1;
  for (const outer of around(node))
    if (outer.kind === 'With' && outer.items.some(shields)) return true;
  return false;
}

/** `task.cancel()`, and then nothing but `await task`: what comes out of it is most of all that. */
export function awaitsCancelled(node: Try): boolean {
  const [only, more] = node.body;
  const waits = only?.kind === 'ExprStmt' && only.value.kind === 'Await' ? only.value : undefined;
  const task = waits === undefined || more !== undefined ? undefined : dotted(waits.value);
  if (task === undefined) return false;
  return some(
    functionOf(node)?.body ?? [],
    (each) =>
      each.kind === 'Call' && each.end <= node.start && dotted(each.func) === `${task}.cancel`,
  );
}
