// cancellation-swallowed: an except clause catches the exception that cancels a task and does not raise it again.
import type { Expr, Handler, Node, Stmt, Try } from '../python/ast.ts';
import { asyncFunctionOf, dotted } from '../python/calls.ts';
import { around, some, within } from '../python/children.ts';
import { automatic, indentation, insert, lineEnd, replace, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionOf } from '../python/scope.ts';
import type { Check } from '../rule.ts';
import {
  asksForAnother,
  awaitsCancelled,
  endsFunction,
  firstCatching,
  isForAnother,
  isNeverRun,
  isShielded,
  runFor,
  suspends,
} from './cancelled.ts';
import { alwaysRaises } from './flow.ts';

export const cancellationSwallowed: Check = (context) => {
  const { model, resolver, report } = context;
  const about = librariesOf(model);
  for (const node of model.tries) {
    const found = firstCatching(node, resolver);
    if (found === undefined) continue;
    const { handler, at, explicit } = found;
    const waits =
      !about.twisted && asyncFunctionOf(node) !== undefined && some(node.body, suspends);
    const isSeen = waits || isOpen(node, about) || raisesCaught(node, resolver);
    const sure = isSeen && !isShielded(node, resolver) && !awaitsCancelled(node);
    if (!isSeen && !explicit && !(about.any && mayBeCancelled(node))) continue;
    const use = useOf(handler, node, resolver, explicit);
    if (use === 'asks') continue;
    if (explicit && !waits && asksResult(node)) continue;
    if (explicit && endsTheTask(handler, node, resolver)) continue;
    if (raisesLater(handler, node) || isHeldBack(node, resolver)) continue;
    const isEnd = endsFunction(node, handler) || onlyOfOthers(node, explicit);
    const isMild = isEnd || some(handler.body, (each) => each.kind === 'Raise');
    const mild = sure && use === undefined ? (isMild ? INFO : {}) : HINT;
    for (const way of waysOut(handler)) {
      const fixes =
        way.kind === 'Yield' ? [] : [suggestion('Raise it again instead', [replace(way, 'raise')])];
      report(way, way.kind === 'Yield' ? STAYS : LEAVES, {
        fixes,
        ...(way.kind === 'Raise' && sure && use === undefined ? INFO : HINT),
      });
    }
    if (alwaysRaises(runFor(handler.body, handler), () => true)) continue;
    const place = at ?? { start: handler.start, end: handler.start + 'except'.length };
    const last = handler.body.at(-1);
    const fixes =
      last === undefined || endsBlock(last)
        ? []
        : [(sure ? automatic : suggestion)('Raise it again', [raiseAfter(model, handler, last)])];
    report(place, !isSeen && !explicit ? MAYBE : use === 'hands' ? HANDED : CAUGHT, {
      fixes,
      ...mild,
    });
  }
};

const INFO = { severity: 'info' } as const;
const HINT = { severity: 'hint' } as const;

const CAUGHT =
  'This catches the cancellation of the task and does not raise it again: whoever cancels it waits in vain.';
const MAYBE =
  'This catches everything, also the cancellation of a task that comes out of what is called here, and does not raise it again.';
const HANDED =
  'This hands the cancellation to somebody else and does not raise it again: this task goes on as if it had not been cancelled.';
const LEAVES =
  'This leaves with the cancellation caught above, which is lost; raise it again instead.';
const STAYS =
  'This hands a value over with the cancellation caught above still held back; who does not ask for the next value loses it.';

/** In a clause that got a cancellation already and raises that in the end. */
function isHeldBack(node: Try, resolver: Resolver): boolean {
  for (const outer of around(node)) {
    if (outer.kind !== 'Try') continue;
    const found = firstCatching(outer, resolver);
    const { handler } = found ?? {};
    if (handler === undefined || node.start < handler.start || node.end > handler.end) continue;
    if (alwaysRaises(handler.body, (value) => isSame(value, handler))) return true;
  }
  return false;
}

/** What an outer clause of an async function caught is raised again here, for a clause of this. */
function raisesCaught(node: Try, resolver: Resolver): boolean {
  if (!node.body.some((each) => each.kind === 'Raise' && each.value === undefined)) return false;
  for (const outer of around(node)) {
    if (outer.kind !== 'Try') continue;
    const handler = outer.handlers.find((each) => each.start < node.start && node.end <= each.end);
    if (handler === undefined) continue;
    return handler === firstCatching(outer, resolver)?.handler && some(outer.body, suspends);
  }
  return false;
}

/** All that is awaited are tasks and futures by name: what is caught may be that those were cancelled. */
function onlyOfOthers(node: Try, explicit: boolean): boolean {
  const waits = [...within(node.body)].filter((each) => suspends(each) && !isTimeout(each));
  return (
    explicit &&
    waits.length > 0 &&
    waits.every((each) => each.kind === 'Await' && dotted(uncast(each.value)) !== undefined)
  );
}

function isTimeout(node: Node): boolean {
  return (
    node.kind === 'With' &&
    node.items.every(
      ({ value }) =>
        value.kind === 'Call' && /(?:^|\.)timeout(?:_at)?$/.test(dotted(value.func) ?? ''),
    )
  );
}

function uncast(expr: Expr): Expr {
  if (expr.kind !== 'Call' || !/(?:^|\.)cast$/.test(dotted(expr.func) ?? '')) return expr;
  return expr.args[1]?.value ?? expr;
}

/** `task.exception()`, `future.result()`: where nothing is awaited it is their cancellation that comes out. */
function asksResult({ body }: Try): boolean {
  return some(
    body,
    (each) =>
      each.kind === 'Call' &&
      each.func.kind === 'Attribute' &&
      /^(?:exception|result)$/.test(each.func.attr),
  );
}

/** All but an exception that is known to be another one, raised again. */
function mayBeCancelled(node: Try): boolean {
  return node.body.some((each) => each.kind !== 'Raise' || each.value !== undefined);
}

interface Libraries {
  /** A file about async code, Twisted's aside, where a cancellation may come out of any call: a result that is asked for, a coroutine that is driven. */
  readonly any: boolean;
  /** Twisted alone, whose coroutines are not cancelled by an exception thrown into them. */
  readonly twisted: boolean;
}

function librariesOf({ imports }: PythonModel): Libraries {
  let any = false;
  for (const name of imports) if (/^(?:asyncio|trio|anyio)(?:\.|$)/.test(name)) any = true;
  const twisted = [...imports].some((name) => /^twisted\b/.test(name));
  return { any: any && !twisted, twisted: !any && twisted };
}

/** What leaves a clause before it raises what it caught: returns, yields, jumps to a loop outside, other exceptions. */
function waysOut(handler: Handler): Node[] {
  const found: Node[] = [];
  for (const node of within(handler.body)) {
    if (node.kind === 'Return' || (node.kind === 'Yield' && !node.isFrom)) found.push(node);
    else if (
      node.kind === 'Raise' &&
      !isSame(node.value, handler) &&
      !isSame(node.value, handlerAround(node)) &&
      !isCaught(node, handler)
    )
      found.push(node);
    else if (node.kind === 'Jump' && node.type !== 'pass' && !jumpsInside(node, handler))
      found.push(node);
  }
  return found.filter((each) => !isForAnother(each, handler) && !isNeverRun(each, handler));
}

/** `cancelled = True`, and after it `if cancelled: raise`: the cancellation is only put off. */
function raisesLater(handler: Handler, node: Try): boolean {
  const fn = functionOf(node);
  if (fn === undefined) return false;
  const flags = new Set<string>();
  for (const each of within(handler.body)) {
    const target = each.kind === 'Assign' ? each.targets[0] : undefined;
    if (target?.kind === 'Name') flags.add(target.id);
  }
  if (flags.size === 0) return false;
  return some(
    fn.body,
    (each) =>
      each.kind === 'If' &&
      each.start > handler.end &&
      some([each.test], (name) => name.kind === 'Name' && flags.has(name.id)) &&
      some(each.body, (inner) => inner.kind === 'Raise'),
  );
}

/** Raised for a clause of a try within the clause. */
function isCaught(node: Node, handler: Handler): boolean {
  for (const each of around(node)) {
    if (each.start < handler.start) return false;
    if (
      each.kind === 'Try' &&
      each.handlers.length > 0 &&
      each.body.some((s) => s.start <= node.start && node.end <= s.end)
    )
      return true;
  }
  return false;
}

/** The innermost clause around: what it caught and raises again it has not made. */
function handlerAround(node: Node): Handler | undefined {
  for (const each of around(node)) {
    if (each.kind !== 'Try') continue;
    const found = each.handlers.find((it) => it.start <= node.start && node.end <= it.end);
    if (found !== undefined) return found;
  }
  return undefined;
}

function jumpsInside(node: Node, handler: Handler): boolean {
  for (const each of around(node)) {
    if (each.kind === 'For' || each.kind === 'While') return each.start > handler.start;
  }
  return false;
}

/** A bare `raise`, or the caught exception itself; raising another one loses the cancellation all the same. */
function isSame(value: Expr | undefined, handler: Handler | undefined): boolean {
  if (value === undefined) return true;
  if (handler === undefined) return false;
  const raised =
    value.kind === 'Call' && value.func.kind === 'Attribute' && value.func.attr === 'with_traceback'
      ? value.func.value
      : value;
  return raised.kind === 'Name' && raised.id === handler.name;
}

/** Calls that only say what was caught. */
const SAYS =
  /^(?:print|pprint|str|repr|type|format|len|write|debug|info|warn|warning|error|exception|critical|log\w*)$/;

/**
 * What a clause does with what it caught: one for everything that asks which one it is, or keeps it to be raised later, has
 * thought about it; one that passes it on (to a future, a list, a caller) has in part; one that only prints or logs it has not.
 */
function useOf(
  handler: Handler,
  node: Try,
  resolver: Resolver,
  explicit: boolean,
): 'asks' | 'hands' | undefined {
  let hands = false;
  for (const each of within(handler.body)) {
    if (!explicit && each.kind === 'Call' && resolver.callee(each) === 'sys.exc_info')
      return 'asks';
    if (each.kind !== 'Name' || each.id !== handler.name) continue;
    const { parent } = each;
    if (!explicit && asksWhich(parent, handler)) return 'asks';
    if (parent.kind === 'Assign' && parent.value === each) {
      if (isRaisedLater(parent.targets, node)) return 'asks';
      hands = true;
    } else if (isHandedOn(parent, each)) hands = true;
  }
  return hands ? 'hands' : undefined;
}

/** `error is other`, `isinstance(error, CancelledError)`. */
function asksWhich(use: Node, handler: Handler): boolean {
  if (use.kind === 'Operation') return /^(?:is|is not|==|!=)$/.test(use.op);
  if (use.kind !== 'Call' || dotted(use.func) !== 'isinstance') return false;
  return !asksForAnother(use, handler);
}

/** `error = caught`, and below it `raise error`. */
function isRaisedLater(targets: readonly Expr[], node: Try): boolean {
  const names = new Set(targets.map((each) => dotted(each)));
  return some(
    functionOf(node)?.body ?? [],
    (each) => each.kind === 'Raise' && each.value !== undefined && names.has(dotted(each.value)),
  );
}

function isHandedOn(parent: Node, name: Expr): boolean {
  if (parent.kind === 'Dict' || parent.kind === 'Sequence' || parent.kind === 'Return') return true;
  if (parent.kind !== 'Call' || parent.func === name || parent.parent.kind === 'Raise')
    return false;
  if (dotted(parent.func) === 'isinstance') return false;
  if (parent.func.kind === 'Name') return !SAYS.test(parent.func.id);
  return parent.func.kind === 'Attribute' && !SAYS.test(parent.func.attr);
}

/**
 * Right uses of CancelledError: after `task.cancel()` in the same function, awaiting that task; and a clause that asks
 * whether it is the one being cancelled (`cancelling`, `uncancel`).
 */
function endsTheTask(handler: Handler, node: Try, resolver: Resolver): boolean {
  const fn = asyncFunctionOf(node);
  if (fn === undefined) return false;
  // Also handed on uncalled, to be called later.
  const isCancel = (each: Node) =>
    each.kind === 'Attribute' && /^(?:cancel|cancelling|uncancel|cancelled)$/.test(each.attr);
  if (some(handler.body, isCancel)) return true;
  const before = (each: Node) => isCancel(each) && each.end <= handler.start;
  if (!some(fn.body, before)) return false;
  return some(node.body, (each) => {
    if (each.kind !== 'Await') return false;
    if (each.value.kind !== 'Call') return true;
    const path = resolver.callee(each.value);
    return (
      path === 'asyncio.gather' ||
      path === 'asyncio.wait_for' ||
      dotted(each.value.func) === undefined
    );
  });
}

/** A body still to be written, in a file about async code: what will stand there is not known. */
function isOpen(node: Try, about: Libraries): boolean {
  const [only] = node.body;
  const isEllipsis =
    only?.kind === 'ExprStmt' && only.value.kind === 'Literal' && only.value.text === '...';
  return isEllipsis && about.any;
}

function endsBlock(last: Stmt): boolean {
  return (
    last.kind === 'Return' ||
    (last.kind === 'Jump' && last.type !== 'pass') ||
    last.kind === 'Raise'
  );
}

function raiseAfter(model: PythonModel, handler: Handler, last: Stmt) {
  // `except X: pass` on one line has no line of its own to add to.
  if (!model.text.slice(handler.start, last.start).includes('\n'))
    return insert(last.end, '; raise');
  if (last.kind === 'Jump' && last.type === 'pass')
    return { start: last.start, end: last.end, text: 'raise' };
  const end = lineEnd(model.text, last.end);
  const newline = end === model.text.length && !model.text.endsWith('\n') ? '\n' : '';
  return insert(end, `${newline}${indentation(model.text, handler.body[0]!.start)}raise\n`);
}
