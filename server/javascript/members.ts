// What a member or an element of something is.
import { listMember } from './arrays.ts';
import { ownExport } from './commonjs.ts';
import { isPromiseByName } from './library.ts';
import { memberName } from './names.ts';
import { narrowed } from './narrowing.ts';
import { child, isAsync, within } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  elementOf,
  itemOf,
  mayBe,
  memberOf,
  NULLISH,
  promiseOf,
  promiseOfLater,
  settled,
  type Type,
  UNKNOWN,
  union,
} from './type.ts';

export function memberType(resolver: Resolver, node: JsNode): Type {
  const object = child(node, 'object');
  const name = memberName(resolver.model, node);
  if (object === undefined || name === undefined) return UNKNOWN;
  const exported = ownExport(resolver, object, name);
  if (exported !== undefined) return exported;
  const type = resolver.typeOf(object);
  if (type.kind === 'class') return resolver.staticMember(type.node, name) ?? UNKNOWN;
  const promise = alternatives(type).find((each) => each.kind === 'promise');
  if (promise?.kind === 'promise' && /^(?:then|catch|finally)$/.test(name))
    return chainStep(promise, name);
  if (name === 'ready' && isPromiseByName(resolver.dotted(node) ?? '')) return promiseOf(UNKNOWN);
  const found = listMember(resolver.model, type, name) ?? memberOf(type, name);
  return mayEndEarly(resolver, node) ? union([found, NULLISH]) : narrowed(resolver, node, found);
}

export function elementType(resolver: Resolver, node: JsNode): Type {
  const object = child(node, 'object');
  const index = child(node, 'index');
  if (object === undefined) return UNKNOWN;
  if (memberName(resolver.model, node) !== undefined) return memberType(resolver, node);
  const type = resolver.typeOf(object);
  if (index?.type === 'number') {
    const key = resolver.model.textOf(index);
    const item = mayBe(type, 'array') ? itemOf(type, Number(key)) : memberOf(type, key);
    if (item.kind !== 'unknown') return item;
  }
  if (index?.type === 'member_expression') {
    const item = memberOf(type, `[${resolver.model.textOf(index)}]`);
    if (item.kind !== 'unknown') return item;
  }
  const keys = index === undefined ? [] : alternatives(resolver.typeOf(index));
  const named = keys.flatMap((each) =>
    each.kind === 'plain' && each.literal?.startsWith('"') === true
      ? memberOf(type, each.literal.slice(1, -1))
      : [],
  );
  if (named.length > 0 && named.length === keys.length) return union(named);
  const element = elementOf(type);
  if (element.kind !== 'unknown') return element;
  const each = alternatives(type).flatMap((part) =>
    part.kind === 'object' ? (part.each?.() ?? []) : [],
  );
  return each.length === 0 ? UNKNOWN : union(each);
}

const CHAINED = new Set(['member_expression', 'subscript_expression', 'call_expression']);

/** Whether a chain of members and calls has a `?.` behind something that may be nothing. */
export function mayEndEarly(resolver: Resolver, node: JsNode): boolean {
  let at: JsNode | undefined = node;
  while (at !== undefined && CHAINED.has(at.type)) {
    const below: JsNode | undefined = child(
      at,
      at.type === 'call_expression' ? 'function' : 'object',
    );
    if (below === undefined) return false;
    const isOptional = resolver.model.text.startsWith('?.', below.end);
    if (isOptional && mayBe(resolver.typeOf(below), 'nullish')) return true;
    at = below;
  }
  return false;
}

/** `then`, `catch` or `finally` of a promise. */
function chainStep(promise: Type & { kind: 'promise' }, name: string): Type {
  const resultOf = (callback: Type | undefined) => {
    const fn = alternatives(callback ?? UNKNOWN).find((each) => each.kind === 'function');
    return fn?.kind === 'function' ? settled(fn.returns()) : UNKNOWN;
  };
  return {
    kind: 'function',
    parameter: () => undefined,
    returns: (given) => {
      const isCaught = name === 'catch' && handles(given?.argument(0));
      if (isCaught) return { kind: 'promise', of: promise.of, real: promise.real, settled: true };
      return promiseOfLater(
        () => (name === 'then' ? resultOf(given?.argument(0)) : promise.of),
        promise.real,
      );
    },
  };
}

/** A handler of this file that neither throws nor gives a promise itself. */
function handles(handler: Type | undefined): boolean {
  return alternatives(handler ?? UNKNOWN).every((each) => {
    if (each.kind !== 'function' || each.node === undefined || isAsync(each.node)) return false;
    const body = child(each.node, 'body');
    if (body === undefined) return false;
    if (body.type !== 'statement_block') return !mayBe(each.returns(), 'promise');
    return ![...within(body)].some((part) => /^(?:throw|return)_statement$/.test(part.type));
  });
}
