// What functions say they take and give: their parameters and the type behind them.
import { annotationOf } from './annotated.ts';
import { inferred, type TypeSources } from './generics.ts';
import { hasTypes, parametersOf } from './model.ts';
import { child, isFunction } from './node.ts';
import { fits } from './overloads.ts';
import type { JsNode } from './parser.ts';
import { alternatives, type FunctionType, itemOf, type Type, UNKNOWN, union } from './type.ts';

/** A function as its parameters and return type declare it; `node` is a signature, a function type or a method. */
export function signature(sources: TypeSources, node: JsNode, depth = 0): FunctionType {
  return {
    kind: 'function',
    returns: (given) =>
      sources.read(inferred(sources, node, given), child(node, 'return_type'), depth + 1),
    parameter: (index, given) =>
      parameterType(
        given === undefined ? sources : inferred(sources, node, given),
        node,
        index,
        depth,
      ),
    takes: (args) => fits(sources.model, node, args),
  };
}

export function parameterType(
  sources: TypeSources,
  fn: JsNode,
  index: number,
  depth = 0,
): Type | undefined {
  const all = parametersOf(fn);
  const last = all.at(-1);
  const at = all[index] ?? (isRest(last) ? last : undefined);
  if (at === undefined) return undefined;
  const annotation = annotationOf(sources.model, at);
  const value = child(at, 'value');
  // Without types a default says nothing of what else may be given.
  if (annotation === undefined && value !== undefined && isFunction(value))
    return hasTypes(sources.model) ? sources.typeOf(value) : UNKNOWN;
  const type = sources.read(sources, annotation, depth + 1);
  if (!isRest(at)) return type;
  const past = index - all.length + 1;
  return union(
    alternatives(type).map((each) => (each.kind === 'array' ? itemOf(each, past) : UNKNOWN)),
  );
}

function isRest(parameter: JsNode | undefined): boolean {
  return parameter !== undefined && child(parameter, 'pattern')?.type === 'rest_pattern';
}
