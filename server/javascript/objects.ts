// What an object literal holds, under a name and all together.
import { annotationOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { keyOf } from './names.ts';
import { child, hasWord, inner } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { parameterType } from './signatures.ts';
import { alike, memberOf, type Type, UNKNOWN } from './type.ts';

export function objectType(resolver: Resolver, node: JsNode): Type {
  return {
    kind: 'object',
    member: (name) => property(resolver, node, name),
    each: () => values(resolver, node),
  };
}

function property(resolver: Resolver, object: JsNode, name: string): Type | undefined {
  // Of what can be written alone.
  let written: Type | undefined;
  for (const each of object.children.toReversed()) {
    if (each.type === 'spread_element') {
      const found = spreadMember(resolver, each, name);
      if (found.kind !== 'unknown') return found;
      continue;
    }
    const key = keyAt(each);
    if (key === undefined || keyOf(resolver.model, key) !== name) continue;
    if (!hasWord(each, 'set')) return partType(resolver, each);
    written = parameterType(resolver, each, 0);
  }
  return written;
}

/** What any of its names leads to; of what else is spread into it nobody knows. */
function values(resolver: Resolver, object: JsNode): Type | undefined {
  if (object.children.some((each) => each.type === 'spread_element')) return undefined;
  return alike(object.children.map((each) => partType(resolver, each)));
}

function keyAt(part: JsNode): JsNode | undefined {
  if (part.type === 'shorthand_property_identifier') return part;
  return child(part, part.type === 'pair' ? 'key' : 'name');
}

function partType(resolver: Resolver, part: JsNode): Type {
  if (part.type === 'pair') {
    const said = annotationOf(resolver.model, part);
    return said === undefined
      ? resolver.typeOf(child(part, 'value') ?? part)
      : readAnnotation(resolver, said);
  }
  if (part.type !== 'method_definition') return resolver.typeOf(part);
  const fn = resolver.functionType(part);
  return hasWord(part, 'get') ? fn.returns() : fn;
}

const spreading = new Set<JsNode>();

/** `x = { ...x }` would ask itself for ever. */
function spreadMember(resolver: Resolver, spread: JsNode, name: string): Type {
  if (spreading.has(spread)) return UNKNOWN;
  spreading.add(spread);
  const found = memberOf(resolver.typeOf(inner(spread) ?? spread), name);
  spreading.delete(spread);
  return found;
}
