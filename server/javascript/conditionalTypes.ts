// What a condition on types, `T extends U ? A : B`, can be.
import type { TypeSources } from './generics.ts';
import { child } from './node.ts';
import type { JsNode } from './parser.ts';
import { alternatives, type Type, UNKNOWN, union } from './type.ts';

/** Either side of it; the one that can't be is left out. */
export function conditional(sources: TypeSources, node: JsNode): Type {
  const { model } = sources;
  const right = child(node, 'right');
  if (right !== undefined && /\binfer\b/.test(model.textOf(right)))
    return inferring(sources, node, right);
  const sides = [child(node, 'consequence'), child(node, 'alternative')].filter(
    (each) => each !== undefined && model.textOf(each) !== 'never',
  );
  return union(sides.map((each) => sources.read(sources, each)));
}

/** `T extends (…) => infer R ? A : B`, where it is plain which of the two is meant. */
function inferring(sources: TypeSources, node: JsNode, right: JsNode): Type {
  const all = alternatives(sources.read(sources, child(node, 'left')));
  if (right.type !== 'function_type' || all.some((each) => each.kind === 'unknown')) return UNKNOWN;
  const functions = all.filter((each) => each.kind === 'function').length;
  if (functions > 0 && functions < all.length) return UNKNOWN;
  return sources.read(sources, child(node, functions > 0 ? 'consequence' : 'alternative'));
}
