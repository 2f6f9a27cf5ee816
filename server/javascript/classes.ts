// What a class's own body says of a member.

import { hasMark, parameterType, readAnnotation, signature } from './annotations.ts';
import type { TypeSources } from './generics.ts';
import { keyOf } from './names.ts';
import { child, hasWord } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { NULLISH, type Type, UNKNOWN, union } from './type.ts';

export function classMember(
  resolver: Resolver,
  node: JsNode,
  name: string,
  isStatic: boolean,
  sources: TypeSources = resolver,
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
    return union(seen.map((each) => memberType(resolver, each, sources)));
  }
  const made = (body?.children ?? []).find(
    (each) =>
      child(each, 'name') !== undefined &&
      resolver.model.textOf(child(each, 'name')!) === 'constructor',
  );
  const parameter = (made === undefined ? [] : (child(made, 'parameters')?.children ?? [])).find(
    (each) =>
      resolver.model.textOf(child(each, 'pattern') ?? each) === name &&
      /\b(?:public|protected|private|readonly|override)\s/.test(
        resolver.model.text.slice(each.start, child(each, 'pattern')?.start),
      ),
  );
  return parameter === undefined ? undefined : readAnnotation(sources, child(parameter, 'type'));
}

function memberType(resolver: Resolver, each: JsNode, sources: TypeSources): Type {
  if (each.type === 'method_definition') {
    if (hasWord(each, 'set')) return parameterType(sources, each, 0) ?? UNKNOWN;
    const isRead = sources !== resolver && child(each, 'return_type') !== undefined;
    const fn = isRead ? signature(sources, each) : resolver.functionType(each);
    return hasWord(each, 'get') ? fn.returns() : fn;
  }
  if (each.type === 'public_field_definition') {
    const annotation = child(each, 'type');
    if (annotation !== undefined) {
      const type = readAnnotation(sources, annotation);
      return hasMark(resolver.model, each) ? union([type, NULLISH]) : type;
    }
    const value = child(each, 'value');
    return value === undefined ? UNKNOWN : resolver.typeOf(value);
  }
  const fn = signature(sources, each);
  return hasWord(each, 'get') ? fn.returns() : fn;
}
