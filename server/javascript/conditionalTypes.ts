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
  const left = alternatives(sources.read(sources, child(node, 'left')));
  const wanted = sources.read(sources, right);
  const held = left.map((each) => extendsType(each, wanted));
  const sides: (JsNode | undefined)[] = [];
  if (held.some((each) => each !== false)) sides.push(child(node, 'consequence'));
  if (held.some((each) => each !== true)) sides.push(child(node, 'alternative'));
  const open = sides.filter((each) => each !== undefined && model.textOf(each) !== 'never');
  return union(open.map((each) => sources.read(sources, each)));
}

/** Kinds of which none can stand for another. */
const APART: ReadonlySet<Type['kind']> = new Set(['promise', 'nullish', 'void', 'plain']);

/** Undefined when it may or may not. */
function extendsType(type: Type, wanted: Type): boolean | undefined {
  if (!APART.has(type.kind) || !APART.has(wanted.kind)) return undefined;
  if (type.kind !== wanted.kind) return false;
  if (type.kind !== 'plain' || wanted.kind !== 'plain') return undefined;
  if (type.literal === undefined || wanted.literal === undefined) return undefined;
  return type.literal === wanted.literal;
}

/** `T extends (…) => infer R ? A : B`, where it is plain which of the two is meant. */
function inferring(sources: TypeSources, node: JsNode, right: JsNode): Type {
  const all = alternatives(sources.read(sources, child(node, 'left')));
  if (right.type !== 'function_type' || all.some((each) => each.kind === 'unknown')) return UNKNOWN;
  const functions = all.filter((each) => each.kind === 'function').length;
  if (functions > 0 && functions < all.length) return UNKNOWN;
  return sources.read(sources, child(node, functions > 0 ? 'consequence' : 'alternative'));
}
