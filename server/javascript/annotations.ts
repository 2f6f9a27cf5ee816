// Reads TypeScript's type annotations into what the rules need to know of a type.
import type { JavascriptModel } from './model.ts';
import { parametersOf } from './model.ts';
import { child, inner, parts } from './node.ts';
import type { JsNode } from './parser.ts';
import {
  ASYNC_GENERATOR,
  alternatives,
  type FunctionType,
  memberOf,
  NULLISH,
  PLAIN,
  promiseOf,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

export interface TypeSources {
  readonly model: JavascriptModel;
  /** What the parameters of the generic type being read stand for, by name. */
  readonly given?: ReadonlyMap<string, Type>;
  typeOf(expression: JsNode): Type;
  instanceOf(classNode: JsNode): Type;
}

const ARRAYS = new Set(['Array', 'ReadonlyArray', 'Set', 'ReadonlySet']);
const TRANSPARENT = new Set(['Readonly', 'Partial', 'Required', 'NonNullable']);
/** Types that name themselves round and round are cut off here. */
const DEPTH = 12;

export function readAnnotation(sources: TypeSources, node: JsNode | undefined, depth = 0): Type {
  const { model } = sources;
  if (node === undefined || depth > DEPTH) return UNKNOWN;
  const read = (each: JsNode | undefined) => readAnnotation(sources, each, depth + 1);
  switch (node.type) {
    case 'type_annotation':
    case 'parenthesized_type':
    case 'readonly_type':
    case 'optional_type':
    case 'constraint':
    case 'default_type':
      return read(inner(node));
    case 'predefined_type': {
      const name = model.textOf(node);
      if (name === 'void') return VOID;
      return name === 'any' || name === 'unknown' || name === 'object' ? UNKNOWN : PLAIN;
    }
    case 'literal_type':
      return /^(?:null|undefined)$/.test(model.textOf(node)) ? NULLISH : PLAIN;
    case 'undefined':
    case 'null':
      return NULLISH;
    case 'type_predicate':
    case 'type_predicate_annotation':
    case 'asserts_annotation':
    case 'template_literal_type':
      return PLAIN;
    case 'array_type': {
      return { kind: 'array', of: read(node.children[0]) };
    }
    case 'tuple_type':
      return {
        kind: 'array',
        of: union(parts(node).map((each) => read(child(each, 'type') ?? each))),
      };
    case 'rest_type':
      return read(inner(node));
    case 'union_type':
      return union(parts(node).map(read));
    case 'intersection_type': {
      const all = parts(node).map(read);
      const promises = all.filter((each) => each.kind === 'promise');
      const promise = promises.find((each) => each.real) ?? promises[0];
      if (promise !== undefined) return promise;
      const fn = all.find((each) => each.kind === 'function');
      return fn ?? { kind: 'object', member: (name) => firstMember(all, name) };
    }
    case 'function_type':
      return signature(sources, node, depth);
    case 'generic_type':
      return generic(sources, node, depth);
    case 'type_identifier':
    case 'identifier':
      return named(sources, node, depth);
    case 'object_type':
    case 'interface_body':
      return members(sources, node, depth);
    case 'lookup_type': {
      const [owner, key] = parts(node);
      const name = key === undefined ? undefined : model.textOf(key);
      return name !== undefined && /^['"]/.test(name)
        ? memberOf(read(owner), name.slice(1, -1))
        : UNKNOWN;
    }
    case 'type_query': {
      const name = inner(node);
      return name === undefined ? UNKNOWN : sources.typeOf(name);
    }
    default:
      return UNKNOWN;
  }
}

function firstMember(all: readonly Type[], name: string): Type | undefined {
  for (const each of all) {
    const found = each.kind === 'object' ? each.member(name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A function as its parameters and return type declare it; `node` is a signature, a function type or a method. */
export function signature(sources: TypeSources, node: JsNode, depth = 0): FunctionType {
  return {
    kind: 'function',
    returns: () => readAnnotation(sources, child(node, 'return_type'), depth + 1),
    parameter: (index) => parameterType(sources, node, index, depth),
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
  const type = readAnnotation(sources, child(at, 'type'), depth + 1);
  if (!isRest(at)) return type;
  return union(alternatives(type).map((each) => (each.kind === 'array' ? each.of : UNKNOWN)));
}

function isRest(parameter: JsNode | undefined): boolean {
  return parameter !== undefined && child(parameter, 'pattern')?.type === 'rest_pattern';
}

function generic(sources: TypeSources, node: JsNode, depth: number): Type {
  const { model } = sources;
  const name = child(node, 'name');
  const list = child(node, 'type_arguments');
  const args = list === undefined ? [] : parts(list);
  if (name === undefined) return UNKNOWN;
  const text = model.textOf(name);
  const first = () => readAnnotation(sources, args[0], depth + 1);
  if (model.typeNamed(text, node) === undefined) {
    if (text === 'Promise') return promiseOf(first());
    if (/^Async(?:Generator|Iterator|IterableIterator)$/.test(text)) return ASYNC_GENERATOR;
    if (text === 'PromiseLike') return { kind: 'promise', of: settled(first()), real: false };
    if (ARRAYS.has(text)) return { kind: 'array', of: first() };
    if (TRANSPARENT.has(text)) return first();
    if (text === 'Awaited') return settled(first());
    if (text === 'Record') {
      const value = () => readAnnotation(sources, args[1], depth + 1);
      return { kind: 'object', member: value };
    }
    if (/^(?:Readonly|Weak)?Map$/.test(text)) {
      const value = () => union([readAnnotation(sources, args[1], depth + 1), NULLISH]);
      const get: Type = { kind: 'function', returns: value, parameter: () => undefined };
      return { kind: 'object', member: (member) => (member === 'get' ? get : undefined) };
    }
    if (text === 'ReturnType') {
      const fn = first();
      return fn.kind === 'function' ? fn.returns() : UNKNOWN;
    }
  }
  return named(withArguments(sources, name, args, depth), name, depth);
}

/** The same sources for reading the alias behind a name with its parameters filled in. */
function withArguments(
  sources: TypeSources,
  name: JsNode,
  args: readonly JsNode[],
  depth: number,
): TypeSources {
  const { model } = sources;
  const alias = model.typeNamed(model.textOf(name), name)?.nodes[0];
  const list =
    alias?.type === 'type_alias_declaration' ? child(alias, 'type_parameters') : undefined;
  if (list === undefined) return sources;
  const given = new Map(sources.given);
  for (const [index, parameter] of parts(list).entries()) {
    const arg = args[index];
    const key = child(parameter, 'name');
    if (arg !== undefined && key !== undefined)
      given.set(model.textOf(key), readAnnotation(sources, arg, depth + 1));
  }
  return {
    model,
    given,
    typeOf: (node) => sources.typeOf(node),
    instanceOf: (node) => sources.instanceOf(node),
  };
}

function named(sources: TypeSources, name: JsNode, depth: number): Type {
  const { model } = sources;
  const text = model.textOf(name);
  const binding = model.typeNamed(text, name);
  if (binding === undefined)
    return sources.given?.get(text) ?? (text === 'Promise' ? promiseOf(UNKNOWN) : UNKNOWN);
  const node = binding.nodes[0]!;
  switch (node.type) {
    case 'type_alias_declaration':
      return readAnnotation(sources, child(node, 'value'), depth + 1);
    case 'interface_declaration':
      return declaredInterface(sources, binding.nodes, depth);
    case 'class_declaration':
    case 'abstract_class_declaration':
      return sources.instanceOf(node);
    case 'type_parameter':
      return readAnnotation(sources, child(node, 'constraint'), depth + 1);
    case 'enum_declaration':
      return PLAIN;
    default:
      return UNKNOWN;
  }
}

function declaredInterface(sources: TypeSources, nodes: readonly JsNode[], depth: number): Type {
  const bases = nodes
    .flatMap((node) => node.children.filter((each) => each.type === 'extends_type_clause'))
    .flatMap((clause) => parts(clause))
    .map((each) => readAnnotation(sources, each, depth + 1));
  const promise = bases.find((each) => each.kind === 'promise');
  if (promise !== undefined) return promise;
  const own = nodes.map((node) => members(sources, child(node, 'body') ?? node, depth));
  const callable = own.find((each) => each.kind === 'function');
  if (callable !== undefined) return callable;
  return {
    kind: 'object',
    member: (name) =>
      firstMember(own, name) ??
      bases.map((base) => memberOf(base, name)).find((each) => each.kind !== 'unknown'),
  };
}

/** An object type; one that can be called is taken for a function. */
function members(sources: TypeSources, body: JsNode, depth: number): Type {
  const call = body.children.filter((each) => each.type === 'call_signature');
  if (call.length > 0) {
    const all = call.map((each) => signature(sources, each, depth));
    return {
      kind: 'function',
      returns: () => union(all.map((each) => each.returns())),
      parameter: (index) => {
        const known = all.flatMap((each) => each.parameter(index) ?? []);
        return known.length === 0 ? undefined : union(known);
      },
    };
  }
  return {
    kind: 'object',
    member(name) {
      const own = body.children.filter((each) => {
        const key = child(each, 'name');
        return key !== undefined && keyOf(sources.model, key) === name;
      });
      if (own.length === 0) return undefined;
      return union(
        own.map((each) =>
          each.type === 'property_signature'
            ? readAnnotation(sources, child(each, 'type'), depth + 1)
            : signature(sources, each, depth),
        ),
      );
    },
  };
}

/** The name of a property; undefined when it is computed. */
export function keyOf(model: JavascriptModel, key: JsNode): string | undefined {
  const text = model.textOf(key);
  if (key.type === 'string') return text.slice(1, -1);
  if (key.type !== 'computed_property_name') return text;
  const name = inner(key);
  return name?.type === 'string' ? model.textOf(name).slice(1, -1) : undefined;
}
