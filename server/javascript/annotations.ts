// Reads TypeScript's type annotations into what the rules need to know of a type.

import { conditional } from './conditionalTypes.ts';
import { anyOf, filledIn, type TypeSources } from './generics.ts';
import { declaredInterface, declaredObject, firstMember } from './interfaces.ts';
import type { Binding } from './model.ts';
import { child, classAround, inner, parts } from './node.ts';
import { ownGeneric, ownNamed } from './ownTypes.ts';
import type { JsNode } from './parser.ts';
import { signature } from './signatures.ts';
import {
  elementOf,
  itemOf,
  literalType,
  memberOf,
  NULLISH,
  PLAIN,
  promiseWith,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

/** Types that name themselves round and round are cut off here. */
const DEPTH = 12;
const NESTING = 60;
const STEPS = 2000;

/** Annotations being read within each other, through what parameters of types stand for as well. */
let nesting = 0;
/** How many were read for the outermost of them: types can double at each turn. */
let steps = 0;

export function readAnnotation(sources: TypeSources, node: JsNode | undefined, depth = 0): Type {
  if (nesting === 0) steps = 0;
  if (node === undefined || depth > DEPTH || nesting > NESTING || steps > STEPS) return UNKNOWN;
  nesting++;
  steps++;
  try {
    return readWhole(sources, node, depth);
  } finally {
    nesting--;
  }
}

function readWhole(sources: TypeSources, node: JsNode, depth: number): Type {
  const { model } = sources;
  const read = (each: JsNode | undefined) => readAnnotation(sources, each, depth + 1);
  switch (node.type) {
    case 'type_annotation':
    case 'opting_type_annotation':
    case 'omitting_type_annotation':
    case 'adding_type_annotation':
    case 'parenthesized_type':
    case 'readonly_type':
    case 'optional_type':
    case 'constraint':
    case 'default_type':
      return read(inner(node));
    case 'predefined_type': {
      const name = model.textOf(node);
      if (name === 'void') return VOID;
      if (name === 'object') return { kind: 'object', member: () => undefined };
      return name === 'any' || name === 'unknown' ? UNKNOWN : PLAIN;
    }
    case 'literal_type':
      return /^(?:null|undefined)$/.test(model.textOf(node))
        ? NULLISH
        : literalType(model.textOf(node));
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
    case 'tuple_type': {
      const all = parts(node);
      const items = all.map((each) => read(child(each, 'type') ?? each));
      const isRestOf = (each: JsNode | undefined) =>
        each?.type === 'rest_type' || child(each, 'name')?.type === 'rest_pattern';
      if (!all.some(isRestOf)) return { kind: 'array', of: union(items), items };
      return {
        kind: 'array',
        of: union(items.map((each, at) => (isRestOf(all[at]) ? elementOf(each) : each))),
      };
    }
    case 'rest_type':
      return read(inner(node));
    case 'this_type': {
      const owner = classAround(node);
      return owner === undefined ? interfaceAround(sources, node) : sources.instanceOf(owner);
    }
    case 'conditional_type':
      return conditional(sources, node);
    case 'constructor_type':
      return {
        kind: 'object',
        member: () => undefined,
        construct: { ...signature(sources, node, depth), returns: () => read(child(node, 'type')) },
      };
    case 'nested_type_identifier': {
      const owner = child(node, 'module');
      const name = child(node, 'name');
      const own = ownNamed(model.textOf(node));
      if (own !== undefined) return own;
      const space =
        owner?.type === 'identifier' ? model.lookup(model.textOf(owner), node) : undefined;
      if (space?.kind === 'import' && name !== undefined)
        return importedFrom(sources, space, model.textOf(name), []);
      const body = space === undefined ? undefined : child(space.nodes[0]!, 'body');
      if (body === undefined || name === undefined) return UNKNOWN;
      const binding = model.declaredIn(body, model.textOf(name), 'types');
      return binding === undefined ? UNKNOWN : declaredType(sources, binding, depth);
    }
    case 'union_type': {
      const all = parts(node);
      const isAny = all.some((each) => /^(?:any|unknown)$/.test(model.textOf(each)));
      return isAny ? UNKNOWN : union(all.map(read));
    }
    case 'intersection_type': {
      const all = parts(node).map(read);
      const promises = all.filter((each) => each.kind === 'promise');
      const promise = promises.find((each) => each.real) ?? promises[0];
      if (promise !== undefined)
        return promiseWith(promise, (name) => anyOf(all.map((each) => firstMember([each], name))));
      const list = all.find((each) => each.kind === 'array');
      if (list !== undefined) return list;
      const fn = all.find((each) => each.kind === 'function');
      const member = (name: string) => anyOf(all.map((each) => firstMember([each], name)));
      return fn?.kind === 'function' ? { ...fn, member } : { kind: 'object', member };
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
      return declaredObject(sources, node, depth);
    case 'lookup_type': {
      const [owner, key] = parts(node);
      const name = key === undefined ? undefined : model.textOf(key);
      if (name === undefined) return UNKNOWN;
      if (/^['"]/.test(name)) return memberOf(read(owner), name.slice(1, -1));
      const given = sources.given?.get(name);
      if (given?.kind === 'plain' && given.literal?.startsWith('"') === true)
        return memberOf(read(owner), given.literal.slice(1, -1));
      return /^\d+$/.test(name) ? itemOf(read(owner), Number(name)) : elementOf(read(owner));
    }
    case 'type_query':
      return queried(sources, inner(node));
    default:
      return UNKNOWN;
  }
}

/** `space.Name` of an imported namespace or module. */
function importedFrom(
  sources: TypeSources,
  space: Binding,
  name: string,
  args: readonly Type[],
): Type {
  const imported = space.imported === '*' ? name : `${space.imported}.${name}`;
  return sources.importedType({ ...space, imported }, args) ?? UNKNOWN;
}

/** `this` as the type of a member of an interface. */
function interfaceAround(sources: TypeSources, node: JsNode): Type {
  let at = node.parent;
  while (at !== undefined && at.type !== 'interface_declaration') at = at.parent;
  const name = at === undefined ? undefined : child(at, 'name');
  return name === undefined ? UNKNOWN : named(sources, name, 0);
}

function generic(sources: TypeSources, node: JsNode, depth: number): Type {
  const { model } = sources;
  const name = child(node, 'name');
  const list = child(node, 'type_arguments');
  const args = list === undefined ? [] : parts(list);
  if (name === undefined) return UNKNOWN;
  const text = model.textOf(name).replace(/^globalThis\./, '');
  const one = () => readAnnotation(sources, args[0], depth + 1);
  if (model.typeNamed(text, node) === undefined) {
    const second = () => readAnnotation(sources, args[1], depth + 1);
    const own = ownGeneric(sources, text, one, second);
    if (own !== undefined) return own;
  }
  const binding = model.typeNamed(text, name);
  const from = binding === undefined ? model.lookup(text, name) : undefined;
  const [outer = '', ...inside] = text.split('.');
  const space = inside.length === 0 ? undefined : model.lookup(outer, name);
  if (binding === undefined && from === undefined && space?.kind !== 'import')
    return ownNamed(text) ?? UNKNOWN;
  if (sources.given?.has(text) === true) return UNKNOWN;
  const given = args.map((each) => readAnnotation(sources, each, depth + 1));
  if (from?.kind === 'import') return sources.importedType(from, given) ?? UNKNOWN;
  if (space?.kind === 'import') return importedFrom(sources, space, inside.join('.'), given);
  if (binding === undefined) return UNKNOWN;
  return declaredType(sources, binding, depth, given);
}

/** `typeof x`, `typeof x.y`, `typeof x.y.z`. */
function queried(sources: TypeSources, node: JsNode | undefined): Type {
  if (node === undefined) return UNKNOWN;
  const owner = child(node, 'object');
  const name = child(node, 'property');
  if (owner === undefined || name === undefined) return sources.typeOf(node);
  const type = queried(sources, owner);
  const member = sources.model.textOf(name);
  if (type.kind === 'class') return sources.staticMember(type.node, member) ?? UNKNOWN;
  return memberOf(type, member);
}

function named(sources: TypeSources, name: JsNode, depth: number): Type {
  const { model } = sources;
  const text = model.textOf(name);
  const known = sources.given?.get(text);
  if (known !== undefined) return known;
  const binding = model.typeNamed(text, name);
  if (binding !== undefined) return declaredType(sources, binding, depth);
  const from = model.lookup(text, name);
  const other = from?.kind === 'import' ? sources.importedType(from, []) : undefined;
  if (other !== undefined) return other;
  // A library's own promises are promises too.
  const isOther = from?.kind === 'import' && text !== 'Promise';
  const full = isOther ? `${from.module}.${from.imported}` : text;
  return ownNamed(full) ?? UNKNOWN;
}

export function declaredType(
  sources: TypeSources,
  binding: Binding,
  depth: number,
  args: readonly Type[] = [],
): Type {
  const node = binding.nodes[0]!;
  switch (node.type) {
    case 'type_alias_declaration':
      return readAnnotation(filledIn(sources, node, args), child(node, 'value'), depth + 1);
    case 'interface_declaration':
      return declaredInterface(filledIn(sources, node, args), binding.nodes, depth);
    case 'class_declaration':
    case 'abstract_class_declaration':
      return sources.instanceOf(node, args);
    case 'type_parameter':
      return readAnnotation(sources, child(node, 'constraint'), depth + 1);
    case 'enum_declaration':
      return PLAIN;
    default:
      return UNKNOWN;
  }
}
