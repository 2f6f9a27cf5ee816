// What `this` and `super` are, by the class, the object or the declared parameter around them.
import { readAnnotation } from './annotations.ts';
import { child, classAround, hasWord, isFunction, parts } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { type Type, UNKNOWN } from './type.ts';

export function selfType(resolver: Resolver, node: JsNode): Type {
  let at: JsNode | undefined = node.parent;
  let isStatic = false;
  while (at !== undefined) {
    if (at.type === 'method_definition') {
      if (at.parent?.type === 'object') return resolver.typeOf(at.parent);
      isStatic = hasWord(at, 'static');
      break;
    }
    isStatic = at.type === 'class_static_block' || hasWord(at, 'static');
    if (at.type === 'public_field_definition' || at.type === 'class_static_block') break;
    if (isFunction(at) && at.type !== 'arrow_function') {
      const object = at.parent?.type === 'pair' ? at.parent.parent : undefined;
      return object === undefined ? declaredSelf(resolver, at) : resolver.typeOf(object);
    }
    at = at.parent;
  }
  const owner = at?.parent?.parent;
  if (owner === undefined) return UNKNOWN;
  return isStatic ? { kind: 'class', node: owner } : resolver.instanceOf(owner);
}

/** `function f(this: T)`. */
function declaredSelf(resolver: Resolver, fn: JsNode): Type {
  const list = child(fn, 'parameters');
  const first = list === undefined ? undefined : parts(list)[0];
  const pattern = child(first, 'pattern');
  return pattern?.type === 'this' ? readAnnotation(resolver, child(first, 'type')) : UNKNOWN;
}

/** `super`: what a method of the class extended would be asked of. */
export function aboveType(resolver: Resolver, node: JsNode): Type {
  const around = classAround(node);
  if (around === undefined) return UNKNOWN;
  let at: JsNode | undefined = node.parent;
  while (at !== undefined && at.type !== 'method_definition' && at !== around) at = at.parent;
  const above = resolver.baseClass(around);
  const isStatic = at !== undefined && hasWord(at, 'static');
  if (above !== undefined && (isStatic || node.parent?.type === 'call_expression'))
    return { kind: 'class', node: above };
  return resolver.baseInstance(around) ?? UNKNOWN;
}
