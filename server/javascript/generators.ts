// What a generator gives: by its annotation, else by what it yields.
import { readAnnotation } from './annotations.ts';
import { child, hasWord, inner, isAsync, within } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { asyncGeneratorOf, elementOf, settled, type Type, UNKNOWN, union, VOID } from './type.ts';

export function generated(resolver: Resolver, fn: JsNode, annotation: JsNode | undefined): Type {
  const said = annotation === undefined ? UNKNOWN : readAnnotation(resolver, annotation);
  if (said.kind === 'object' && said.rounds !== undefined) return said;
  if (isAsync(fn)) return asyncGeneratorOf(() => settled(yielded(resolver, fn)));
  return { kind: 'object', member: () => undefined, rounds: () => yielded(resolver, fn) };
}

/** What the rounds over it get. */
function yielded(resolver: Resolver, fn: JsNode): Type {
  const all = [...within(child(fn, 'body') ?? fn)].flatMap((each) => {
    if (each.type !== 'yield_expression') return [];
    const value = inner(each);
    if (value === undefined) return VOID;
    return hasWord(each, '*') ? elementOf(resolver.typeOf(value)) : resolver.typeOf(value);
  });
  return all.length === 0 ? UNKNOWN : union(all);
}
