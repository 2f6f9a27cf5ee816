// A promise as a statement that nobody awaits, returns or catches: its failure ends the process or is never seen.
import { catchesItself } from '../completion.ts';
import type { JavascriptModel } from '../model.ts';
import { memberName } from '../names.ts';
import {
  argumentsOf,
  asyncAround,
  bare,
  child,
  FUNCTIONS,
  isFunction,
  parts,
  within,
} from '../node.ts';
import type { JsNode } from '../parser.ts';
import type { Resolver } from '../resolve.ts';
import { type Check, type Context, insert, shown, suggestion } from '../rule.ts';
import { alternatives, mayBeArrayOfPromises, mayBePromise, type Type } from '../type.ts';

const CHAIN = /^(?:then|catch|finally)$/;

type Fault = 'floating' | 'many' | 'handler';

const MESSAGES: Readonly<Record<Fault, (what: string) => string>> = {
  floating: (what) =>
    `${what} gives a promise that nobody awaits, returns or catches: its failure is lost.`,
  many: (what) =>
    `${what} gives an array of promises that nobody awaits; Promise.all waits for them.`,
  handler: (what) =>
    `${what} is given something that is no function to handle the failure, so it is not handled.`,
};

export const floatingPromise: Check = (context) => {
  const { model, report } = context;
  for (const statement of model.byType.get('expression_statement') ?? []) {
    const value = statement.children[0];
    if (value === undefined || statement.broken) continue;
    const fault = faultOf(context, value);
    if (fault === undefined) continue;
    const fixes =
      asyncAround(statement) === undefined && fault !== 'floating' ? [] : fixesFor(value, fault);
    const kind = sureness(context, value);
    if (kind === 'callback') continue;
    report(value, MESSAGES[fault](shown(model, bare(value))), {
      fixes,
      ...(kind === 'sure' ? {} : { severity: 'info' }),
    });
  }
};

/**
 * A call that gives a promise on some ways only; with a function to call back it is none of them, by Node's habit.
 * Where the function catches what fails in it, or the promise has its value from the start, little is lost.
 */
function sureness({ resolver }: Context, value: JsNode): 'sure' | 'perhaps' | 'callback' {
  const node = bare(value, true);
  if (node.type !== 'call_expression') return 'sure';
  const all = alternatives(resolver.typeOf(node));
  const callee = bare(child(node, 'function') ?? node, true);
  if (
    alternatives(resolver.typeOf(callee)).some(
      (each) => each.kind === 'function' && each.node !== undefined && catchesItself(each.node),
    )
  )
    return 'perhaps';
  if (isMicrotask(resolver, callee) || argumentsOf(node).some((each) => keeps(resolver, each)))
    return 'perhaps';
  if (all.every((each) => each.kind === 'unknown'))
    return isEmptyFunction(argumentsOf(node)[0]) ? 'perhaps' : 'sure';
  const isSure = (each: Type) =>
    each.kind === 'promise' ? each.settled !== true : /^(?:nullish|array)$/.test(each.kind);
  if (all.every(isSure)) return 'sure';
  const callsBack =
    all.some((each) => each.kind === 'void' || each.kind === 'unknown') &&
    argumentsOf(node).some((each) => isFunction(bare(each, true)));
  return callsBack ? 'callback' : 'perhaps';
}

/** `map((x) => { const made = start(x); all.push(made); return made; })`: what it gives is handed on as well. */
function keeps({ model }: Resolver, argument: JsNode): boolean {
  const body = isFunction(bare(argument, true)) ? child(bare(argument, true), 'body') : undefined;
  const given = body?.children.findLast((each) => each.type === 'return_statement')?.children[0];
  const kept = given?.type === 'identifier' ? model.bindingOf(given) : undefined;
  if (body === undefined || kept === undefined) return false;
  return [...within(body)].some(
    (each) =>
      each.type === 'call_expression' &&
      argumentsOf(each).some((arg) => arg.type === 'identifier' && model.bindingOf(arg) === kept),
  );
}

/** `Promise.resolve().then(…)`, the old `queueMicrotask`. */
function isMicrotask(resolver: Resolver, callee: JsNode): boolean {
  const object = child(callee, 'object');
  if (object === undefined || memberName(resolver.model, callee) !== 'then') return false;
  return alternatives(resolver.typeOf(object)).every(
    (each) => each.kind === 'promise' && each.settled === true,
  );
}

/** `then(() => {})` of something unknown asks for nothing but to be done. */
function isEmptyFunction(argument: JsNode | undefined): boolean {
  const body = argument === undefined ? undefined : child(bare(argument, true), 'body');
  return body?.type === 'statement_block' && body.children.length === 0;
}

function faultOf(context: Context, expression: JsNode): Fault | undefined {
  const { model, resolver } = context;
  const node = bare(expression, true);
  const cast = castOf(context, expression);
  if (cast !== undefined && lost(cast) === undefined) return undefined;
  switch (node.type) {
    case 'sequence_expression':
      for (const each of parts(node)) {
        const fault = faultOf(context, each);
        if (fault !== undefined) return fault;
      }
      return undefined;
    case 'assignment_expression':
    case 'augmented_assignment_expression':
    case 'unary_expression':
    case 'update_expression':
    case 'yield_expression':
      return undefined;
    case 'ternary_expression':
      return (
        fault(context, child(node, 'consequence')) ?? fault(context, child(node, 'alternative'))
      );
    case 'binary_expression': {
      const operator = model.textOf(child(node, 'operator') ?? node);
      if (!/^(?:&&|\|\||\?\?)$/.test(operator)) return undefined;
      const left = child(node, 'left');
      // A name before `&&` is only asked whether it is there.
      const isAsked =
        left !== undefined &&
        !isMade(left) &&
        (operator === '&&' || isFilledIn(context, left, child(node, 'right')));
      const first = isAsked ? undefined : fault(context, left);
      if (operator === '??' && left !== undefined && isThere(resolver.typeOf(left))) return first;
      return first ?? fault(context, child(node, 'right'));
    }
    case 'await_expression':
      // It waits for a promise, but not for those in a list.
      return mayBeArrayOfPromises(resolver.typeOf(node)) ? 'many' : undefined;
    case 'call_expression': {
      const chained = chain(context, node);
      if (chained !== 'none') return chained;
      break;
    }
    default:
  }
  return lost(cast ?? resolver.typeOf(node));
}

function lost(type: Type): Fault | undefined {
  if (mayBeArrayOfPromises(type)) return 'many';
  return mayBePromise(type) ? 'floating' : undefined;
}

/** By its type never null or undefined. */
function isThere(type: Type): boolean {
  return alternatives(type).every((each) => !/^(?:nullish|unknown|void)$/.test(each.kind));
}

/** `kept ?? (kept = load())`. */
function isFilledIn({ model }: Context, name: JsNode, right: JsNode | undefined): boolean {
  const made = right === undefined ? undefined : bare(right, true);
  const target = made?.type === 'assignment_expression' ? child(made, 'left') : undefined;
  return target !== undefined && model.textOf(target) === model.textOf(bare(name));
}

function isMade(value: JsNode): boolean {
  return !/^(?:identifier|member_expression|subscript_expression)$/.test(bare(value, true).type);
}

/** What it is cast to, which is taken at its word. */
function castOf({ resolver }: Context, expression: JsNode): Type | undefined {
  let at = bare(expression);
  while (/^(?:non_null|satisfies)_expression$/.test(at.type) && at.children[0] !== undefined)
    at = bare(at.children[0]);
  const isCast = at.type === 'as_expression' || at.type === 'type_assertion';
  return isCast ? resolver.typeOf(at) : undefined;
}

function fault(context: Context, node: JsNode | undefined): Fault | undefined {
  return node === undefined ? undefined : faultOf(context, node);
}

/** Decides by how a chain of then, catch and finally ends; `none` when the call is no part of one. */
function chain(context: Context, call: JsNode): Fault | undefined | 'none' {
  const { model, resolver } = context;
  const callee = bare(child(call, 'function') ?? call, true);
  const object = child(callee, 'object');
  const name = memberName(model, callee);
  if (object === undefined || name === undefined || !CHAIN.test(name)) return 'none';
  const isPromise =
    mayBePromise(resolver.typeOf(object)) ||
    mayBePromise(resolver.typeOf(call)) ||
    looksLikeChain(context, call, object, name);
  if (!isPromise) return 'none';
  const args = argumentsOf(call);
  if (args.some((each) => each.type === 'spread_element')) return undefined;
  if (name === 'finally') {
    const before = faultOf(context, object);
    return before ?? (isHandled(context, object) ? undefined : 'floating');
  }
  const handler = name === 'catch' ? args[0] : args[1];
  if (handler === undefined) return 'floating';
  return canBeCalled(resolver.typeOf(handler), handler) ? undefined : 'handler';
}

/** Whether a chain has a handler for failures. */
function isHandled(context: Context, node: JsNode): boolean {
  const at = bare(node, true);
  if (at.type !== 'call_expression') return false;
  return chain(context, at) === undefined;
}

/** `x.then(() => …)` of something unknown: what takes functions under this name is a promise by the language's own habit. */
function looksLikeChain(context: Context, call: JsNode, object: JsNode, name: string): boolean {
  const { model, resolver } = context;
  const inside = bare(object, true);
  const callee =
    inside.type === 'call_expression' ? bare(child(inside, 'function')!, true) : undefined;
  const link = callee === undefined ? undefined : memberName(model, callee);
  const from = callee === undefined ? undefined : child(callee, 'object');
  if (link !== undefined && from !== undefined && CHAIN.test(link))
    return looksLikeChain(context, inside, from, link);
  if (!isCallback(model, argumentsOf(call)[0]) || rootOf(model.textOf(object)) === 'cy')
    return false;
  // Other things than promises have `catch`; only what follows such a chain is taken for one.
  if (name === 'catch' && call.parent?.type !== 'member_expression') return false;
  const type = resolver.typeOf(object);
  return (
    alternatives(type).every((each) => each.kind === 'unknown') && !isDeclared(context, object)
  );
}

/** What can be called back by its looks: a function, a name, a method, `f.bind(…)`. */
function isCallback(model: JavascriptModel, argument: JsNode | undefined): boolean {
  if (argument === undefined) return false;
  const at: JsNode = bare(argument, true);
  if (at.type === 'call_expression') {
    const callee = child(at, 'function');
    return callee !== undefined && memberName(model, callee) === 'bind';
  }
  return FUNCTIONS.has(at.type) || /^(?:identifier|member_expression)$/.test(at.type);
}

/** Something the file itself declares with a type that could not be read is left alone. */
function isDeclared({ model, resolver }: Context, object: JsNode): boolean {
  let at = bare(object, true);
  while (at.type === 'call_expression' || at.type === 'member_expression') {
    const next = child(at, at.type === 'call_expression' ? 'function' : 'object');
    if (next === undefined) break;
    at = bare(next, true);
  }
  if (at.type !== 'identifier') return false;
  const binding = model.bindingOf(at);
  if (binding === undefined || binding.kind === 'import') return false;
  return (
    binding.nodes.some((each) => child(each, 'type') !== undefined) ||
    resolver.bindingType(binding).kind !== 'unknown'
  );
}

function rootOf(text: string): string {
  return /^\w+/.exec(text)?.[0] ?? '';
}

/** A handler that may be something else than a function handles nothing then. */
function canBeCalled(type: Type, handler: JsNode): boolean {
  const all = alternatives(type);
  if (all.length > 0 && all.every((each) => each.kind === 'function')) return true;
  if (
    /^(?:undefined|null|string|number|object|array|true|false|template_string)$/.test(
      bare(handler, true).type,
    )
  )
    return false;
  return all.some((each) => each.kind === 'unknown');
}

function fixesFor(value: JsNode, fault: Fault) {
  const inner = bare(value);
  const simple = /^(?:call_expression|new_expression|identifier|member_expression)$/.test(
    inner.type,
  );
  const open = simple ? '' : '(';
  const close = simple ? '' : ')';
  if (fault === 'handler') return [];
  const operand = inner.type === 'await_expression' ? inner.children.at(-1) : undefined;
  if (operand !== undefined)
    return [
      suggestion('Wait for all with Promise.all', [
        insert(operand.start, 'Promise.all('),
        insert(operand.end, ')'),
      ]),
    ];
  if (fault === 'many')
    return inner.type === 'call_expression' || inner.type === 'identifier' || inner.type === 'array'
      ? [
          suggestion('Wait for all with Promise.all', [
            insert(value.start, 'await Promise.all('),
            insert(value.end, ')'),
          ]),
        ]
      : [];
  const mark = [insert(value.start, `void ${open}`), insert(value.end, close)];
  // A statement that starts with a bracket could join the line before it, so it gets a word before it.
  const spare = suggestion('Mark as not waited for with void', mark);
  if (asyncAround(value) === undefined) return [spare];
  const awaited = [insert(value.start, `await ${open}`), insert(value.end, close)];
  return [suggestion('Await it', awaited), spare];
}
