// What the methods of arrays give.
import { typeArguments } from './generics.ts';
import { hasTypes, type JavascriptModel } from './model.ts';
import { memberName } from './names.ts';
import { argumentsOf, child, isFunction } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  elementOf,
  mayBe,
  NULLISH,
  PLAIN,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

const SAME_ARRAY = new Set([
  'filter',
  'slice',
  'concat',
  'reverse',
  'toReversed',
  'sort',
  'toSorted',
  'splice',
  'toSpliced',
  'with',
  'copyWithin',
  'fill',
]);
const ELEMENT = new Set(['find', 'at', 'pop', 'shift', 'findLast']);
const ADDS = new Set(['push', 'unshift', 'add', 'fill']);

/** The methods of a list that take what it holds. Where nobody wrote a type a list takes anything. */
export function listMember(model: JavascriptModel, list: Type, name: string): Type | undefined {
  if (!ADDS.has(name) || !hasTypes(model) || !mayBe(list, 'array')) return undefined;
  const of = elementOf(list);
  return {
    kind: 'function',
    returns: () => (/^(?:add|fill)$/.test(name) ? list : PLAIN),
    parameter: () => of,
  };
}

/** Of something that may be no array at all: unknown then. */
export function arrayMethod(resolver: Resolver, call: JsNode, callee: JsNode): Type {
  const object = child(callee, 'object');
  const name = memberName(resolver.model, callee) ?? '';
  const first = argumentsOf(call)[0];
  if (object === undefined) return UNKNOWN;
  if (
    name === 'map' ||
    name === 'flatMap' ||
    (name === 'from' && resolver.dotted(callee) === 'Array.from')
  ) {
    const callback = name === 'from' ? argumentsOf(call)[1] : first;
    if (name === 'from' && callback === undefined && first !== undefined)
      return { kind: 'array', of: elementOf(resolver.typeOf(first)) };
    const type = callback === undefined ? UNKNOWN : resolver.typeOf(callback);
    const made = type.kind === 'function' ? type.returns() : UNKNOWN;
    const isList =
      name === 'from' || isFunction(callback) || mayBe(resolver.typeOf(object), 'array');
    return isList ? { kind: 'array', of: name === 'flatMap' ? flattened(made) : made } : UNKNOWN;
  }
  const type = resolver.typeOf(object);
  if (name === 'reduce' || name === 'reduceRight') return reduced(resolver, call, first, type);
  if (!mayBe(type, 'array')) return UNKNOWN;
  // In another order, or fewer, they are no tuple any more.
  if (SAME_ARRAY.has(name)) return { kind: 'array', of: elementOf(type) };
  if (name === 'flat') return { kind: 'array', of: flattened(elementOf(type)) };
  if (name === 'values') return { kind: 'array', of: elementOf(type), loose: true };
  if (name === 'entries') {
    const items = [PLAIN, elementOf(type)];
    return { kind: 'array', of: { kind: 'array', of: union(items), items }, loose: true };
  }
  if (ELEMENT.has(name)) return union([elementOf(type), NULLISH]);
  return name === 'forEach' ? VOID : UNKNOWN;
}

function flattened(made: Type): Type {
  return union(alternatives(made).map((each) => (each.kind === 'array' ? each.of : each)));
}

/** What the callback gives in the last round, or what it started from: without a start that is the first element. */
function reduced(resolver: Resolver, call: JsNode, callback: JsNode | undefined, list: Type): Type {
  const [named] = typeArguments(resolver, call);
  if (named !== undefined) return named;
  const start = argumentsOf(call)[1];
  const fn = callback === undefined ? UNKNOWN : resolver.typeOf(callback);
  if (fn.kind !== 'function') return UNKNOWN;
  const from = start === undefined ? elementOf(list) : resolver.typeOf(start);
  const types = alternatives(union([fn.returns(), from]));
  const isPromise = types.every((each) => each.kind === 'promise');
  return isPromise ? types[0]! : UNKNOWN;
}
