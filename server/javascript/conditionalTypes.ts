// What a condition on types, `T extends U ? A : B`, can be.
import { match, type TypeSources, withNames } from './generics.ts';
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
  const wanted = kindOf(sources, right);
  const type = sources.read(sources, child(node, 'left'));
  const all = alternatives(type);
  if (wanted === undefined || all.some((each) => each.kind === 'unknown')) return UNKNOWN;
  const fitting = all.filter((each) => each.kind === wanted);
  if (fitting.length > 0 && fitting.length < all.length) return UNKNOWN;
  if (fitting.length === 0) return sources.read(sources, child(node, 'alternative'));
  const found = inferredNames(right).map((name) => {
    const key = sources.model.textOf(name);
    return [key, match(sources, right, type, key) ?? UNKNOWN] as const;
  });
  return sources.read(withNames(sources, found), child(node, 'consequence'));
}

function kindOf({ model }: TypeSources, right: JsNode): Type['kind'] | undefined {
  if (right.type === 'function_type') return 'function';
  if (right.type === 'array_type') return 'array';
  const isPromise = /^Promise(?:Like)?</.test(model.textOf(right));
  return right.type === 'generic_type' && isPromise ? 'promise' : undefined;
}

function inferredNames(node: JsNode): readonly JsNode[] {
  return node.children.flatMap((each) =>
    each.type === 'infer_type' ? each.children.slice(0, 1) : inferredNames(each),
  );
}
