// What a generic's parameters stand for: named arguments, defaults, or what a call gives where the parameter stands.

import type { Binding, JavascriptModel } from './model.ts';
import { child, inner, parts } from './node.ts';
import type { JsNode } from './parser.ts';
import {
  alternatives,
  elementOf,
  type Given,
  memberOf,
  settled,
  type Type,
  UNKNOWN,
  union,
} from './type.ts';

/** What annotations are read with. */
export interface TypeSources {
  readonly model: JavascriptModel;
  /** What the parameters of the generic type being read stand for, by name. */
  readonly given?: ReadonlyMap<string, Type>;
  /** What an annotation says; `depth` is how many it is within already. */
  readonly read: (sources: TypeSources, annotation: JsNode | undefined, depth?: number) => Type;
  typeOf(expression: JsNode): Type;
  instanceOf(classNode: JsNode, args?: readonly Type[]): Type;
  staticMember(classNode: JsNode, name: string): Type | undefined;
  /** A type of another module of the workspace. */
  importedType(binding: Binding, args: readonly Type[]): Type | undefined;
}

/** The same sources with the type parameters of a declaration filled in. */
export function filledIn(
  sources: TypeSources,
  declaration: JsNode,
  args: readonly Type[],
): TypeSources {
  const list = child(declaration, 'type_parameters');
  const given = new Map<string, Type>();
  if (list === undefined) return sources.given === undefined ? sources : withGiven(sources, given);
  const filled = withGiven(sources, given);
  for (const [index, parameter] of parts(list).entries()) {
    const key = child(parameter, 'name');
    if (key === undefined) continue;
    const type = args[index] ?? fallback(filled, parameter);
    given.set(sources.model.textOf(key), type);
  }
  return filled;
}

function fallback(sources: TypeSources, parameter: JsNode): Type {
  return sources.read(sources, child(parameter, 'value') ?? child(parameter, 'constraint'));
}

/** The same sources with more names that stand for types. */
export function withNames(
  sources: TypeSources,
  names: Iterable<readonly [string, Type]>,
): TypeSources {
  return withGiven(sources, new Map([...(sources.given ?? []), ...names]));
}

function withGiven(sources: TypeSources, given: ReadonlyMap<string, Type>): TypeSources {
  return {
    model: sources.model,
    given,
    read: sources.read,
    typeOf: (node) => sources.typeOf(node),
    instanceOf: (node, args) => sources.instanceOf(node, args),
    staticMember: (node, name) => sources.staticMember(node, name),
    importedType: (binding, args) => sources.importedType(binding, args),
  };
}

/** The same sources with a generic function's parameters filled in by what a call gives it. */
export function inferred(sources: TypeSources, fn: JsNode, call: Given | undefined): TypeSources {
  const list = child(fn, 'type_parameters');
  return list === undefined ? sources : matched(sources, list, fn, call);
}

/** What a class's parameters stand for by what its constructor is given. */
export function inferredArguments(
  sources: TypeSources,
  node: JsNode,
  maker: JsNode | undefined,
  call: Given,
): readonly Type[] {
  const list = child(node, 'type_parameters');
  if (list === undefined || maker === undefined) return [];
  const { given } = matched(sources, list, maker, call);
  return parts(list).map((each) => {
    const name = child(each, 'name');
    return (name === undefined ? undefined : given?.get(sources.model.textOf(name))) ?? UNKNOWN;
  });
}

function matched(
  sources: TypeSources,
  list: JsNode,
  fn: JsNode,
  call: Given | undefined,
): TypeSources {
  const given = new Map(sources.given);
  const filled = withGiven(sources, given);
  const formal = parts(child(fn, 'parameters') ?? list);
  for (const [index, parameter] of parts(list).entries()) {
    const key = child(parameter, 'name');
    if (key === undefined) continue;
    const name = sources.model.textOf(key);
    given.delete(name);
    let found = call?.types[index];
    for (const [at, each] of formal.entries()) {
      const argument = found === undefined ? call?.argument(at) : undefined;
      if (argument === undefined) continue;
      // A rest parameter is declared as the list of what is given.
      const isRest = child(each, 'pattern')?.type === 'rest_pattern';
      const type: Type = isRest ? { kind: 'array', of: argument } : argument;
      found = match(sources, child(each, 'type'), type, name);
    }
    given.set(name, found ?? (call?.open === true ? UNKNOWN : fallback(filled, parameter)));
  }
  return filled;
}

/** What `name` must be for an annotation to fit a type. */
export function match(
  sources: TypeSources,
  annotation: JsNode | undefined,
  type: Type,
  name: string,
): Type | undefined {
  if (annotation === undefined || type.kind === 'unknown') return undefined;
  const { model } = sources;
  switch (annotation.type) {
    case 'type_annotation':
    case 'parenthesized_type':
    case 'readonly_type':
    case 'optional_type':
    case 'infer_type':
      return match(sources, inner(annotation), type, name);
    case 'type_identifier':
      return model.textOf(annotation) === name ? type : undefined;
    case 'array_type':
      return known(match(sources, annotation.children[0], elementOf(type), name));
    case 'function_type': {
      const fn = alternatives(type).find((each) => each.kind === 'function');
      const result = child(annotation, 'return_type');
      return fn?.kind === 'function' ? match(sources, result, fn.returns(), name) : undefined;
    }
    case 'union_type':
      return first(parts(annotation), (each) => match(sources, each, type, name));
    case 'object_type':
      return first(annotation.children, (each) => {
        const key = child(each, 'name');
        if (key === undefined || each.type !== 'property_signature') return undefined;
        return known(match(sources, child(each, 'type'), memberOf(type, model.textOf(key)), name));
      });
    case 'generic_type': {
      const [arg] = parts(child(annotation, 'type_arguments') ?? annotation);
      const outer = model.textOf(child(annotation, 'name') ?? annotation);
      if (/^(?:Readonly)?(?:Array|Set)$|^Iterable$/.test(outer))
        return known(match(sources, arg, elementOf(type), name));
      if (!/^Promise(?:Like)?$/.test(outer)) return undefined;
      const isPromise = alternatives(type).some((each) => each.kind === 'promise');
      return isPromise ? known(match(sources, arg, settled(type), name)) : undefined;
    }
    default:
      return undefined;
  }
}

function known(type: Type | undefined): Type | undefined {
  return type?.kind === 'unknown' ? undefined : type;
}

function first(
  nodes: readonly JsNode[],
  find: (node: JsNode) => Type | undefined,
): Type | undefined {
  for (const node of nodes) {
    const found = find(node);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The type arguments written at a call, a `new` or a heritage clause. */
export function typeArguments(sources: TypeSources, node: JsNode): readonly Type[] {
  const list = node.children.find((each) => each.type === 'type_arguments');
  return list === undefined ? [] : parts(list).map((each) => sources.read(sources, each));
}

/** A union of what is known of several. */
export function anyOf(types: readonly (Type | undefined)[]): Type | undefined {
  const found = types.filter((each) => each !== undefined);
  return found.length === 0 ? undefined : union(found);
}
