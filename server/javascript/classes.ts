// What a class's own body says of a member.
import { keyOf, readAnnotation, signature } from './annotations.ts';
import { child, hasWord } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { type Type, UNKNOWN, union } from './type.ts';

export function classMember(
  resolver: Resolver,
  node: JsNode,
  name: string,
  isStatic: boolean,
): Type | undefined {
  const body = child(node, 'body');
  const own = (body?.children ?? []).filter((each) => {
    const key = child(each, 'name');
    return (
      key !== undefined &&
      hasWord(each, 'static') === isStatic &&
      keyOf(resolver.model, key) === name
    );
  });
  if (own.length > 0) {
    const method = own.find((each) => each.type !== 'method_definition') === undefined;
    const seen = method ? own : own.filter((each) => each.type !== 'method_definition');
    return union(seen.map((each) => memberType(resolver, each)));
  }
  const made = (body?.children ?? []).find(
    (each) =>
      child(each, 'name') !== undefined &&
      resolver.model.textOf(child(each, 'name')!) === 'constructor',
  );
  const parameter = (made === undefined ? [] : (child(made, 'parameters')?.children ?? [])).find(
    (each) =>
      each.children.some((part) => part.type === 'accessibility_modifier') &&
      resolver.model.textOf(child(each, 'pattern') ?? each) === name,
  );
  return parameter === undefined ? undefined : readAnnotation(resolver, child(parameter, 'type'));
}

function memberType(resolver: Resolver, each: JsNode): Type {
  if (each.type === 'method_definition') {
    if (hasWord(each, 'get')) return resolver.functionType(each).returns();
    return hasWord(each, 'set') ? UNKNOWN : resolver.functionType(each);
  }
  if (each.type === 'public_field_definition') {
    const annotation = child(each, 'type');
    if (annotation !== undefined) return readAnnotation(resolver, annotation);
    const value = child(each, 'value');
    return value === undefined ? UNKNOWN : resolver.typeOf(value);
  }
  return signature(resolver, each);
}
