// What the methods of arrays give.
import { argumentsOf, child, isFunction } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { elementOf, mayBe, NULLISH, type Type, UNKNOWN, union, VOID } from './type.ts';

const SAME_ARRAY = new Set([
  'filter',
  'slice',
  'concat',
  'reverse',
  'toReversed',
  'sort',
  'toSorted',
  'flat',
  'splice',
  'fill',
]);
const ELEMENT = new Set(['find', 'at', 'pop', 'shift', 'findLast']);
/** Of something that may be no array at all: unknown then. */
export function arrayMethod(resolver: Resolver, call: JsNode, callee: JsNode): Type {
  const object = child(callee, 'object');
  const name = resolver.model.textOf(child(callee, 'property') ?? callee);
  const first = argumentsOf(call)[0];
  if (object === undefined) return UNKNOWN;
  if (
    name === 'map' ||
    name === 'flatMap' ||
    (name === 'from' && resolver.dotted(callee) === 'Array.from')
  ) {
    const callback = name === 'from' ? argumentsOf(call)[1] : first;
    const type = callback === undefined ? UNKNOWN : resolver.typeOf(callback);
    const made = type.kind === 'function' ? type.returns() : UNKNOWN;
    const isList =
      name === 'from' || isFunction(callback) || mayBe(resolver.typeOf(object), 'array');
    return isList ? { kind: 'array', of: name === 'flatMap' ? elementOf(made) : made } : UNKNOWN;
  }
  const type = resolver.typeOf(object);
  if (!mayBe(type, 'array')) return UNKNOWN;
  if (SAME_ARRAY.has(name)) return type;
  if (ELEMENT.has(name)) return union([elementOf(type), NULLISH]);
  return name === 'forEach' ? VOID : UNKNOWN;
}
