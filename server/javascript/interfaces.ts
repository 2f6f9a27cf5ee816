// Interfaces and object types: their members, what an index leads to, and those that are called.
import { anyOf, type TypeSources, withNames } from './generics.ts';
import { hasMark, keyOf } from './names.ts';
import { child, hasWord, parts } from './node.ts';
import { overloaded } from './overloads.ts';
import type { JsNode } from './parser.ts';
import { parameterType, signature } from './signatures.ts';
import {
  alike,
  constructOf,
  literalType,
  memberOf,
  NULLISH,
  promiseWith,
  type Type,
  UNKNOWN,
  union,
} from './type.ts';

export function firstMember(all: readonly Type[], name: string): Type | undefined {
  for (const each of all) {
    const found =
      each.kind === 'object' || each.kind === 'function' ? each.member?.(name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

export function declaredInterface(
  sources: TypeSources,
  nodes: readonly JsNode[],
  depth: number,
): Type {
  const bases = nodes
    .flatMap((node) => node.children.filter((each) => each.type === 'extends_type_clause'))
    .flatMap((clause) => parts(clause))
    .map((each) => sources.read(sources, each, depth + 1));
  const own = nodes.map((node) => declaredObject(sources, child(node, 'body') ?? node, depth));
  const member = (name: string) =>
    firstMember(own, name) ??
    bases.map((base) => memberOf(base, name)).find((each) => each.kind !== 'unknown');
  const promise = bases.find((each) => each.kind === 'promise');
  if (promise !== undefined) return promiseWith(promise, member);
  const callable = [...own, ...bases].filter((each) => each.kind === 'function');
  if (callable.length > 0) return { ...callable[0], ...overloaded(callable), member };
  const all = [...own, ...bases];
  const construct = all.map(constructOf).find((each) => each !== undefined);
  const each = () => anyOf(all.map((type) => (type.kind === 'object' ? type.each?.() : undefined)));
  return { kind: 'object', member, each, ...(construct === undefined ? {} : { construct }) };
}

/** An object type; one that can be called is taken for a function. */
export function declaredObject(sources: TypeSources, body: JsNode, depth: number): Type {
  const signatures = (type: string) => {
    const found = body.children.filter((each) => each.type === type);
    return found.length === 0 ? undefined : found;
  };
  const index = signatures('index_signature')?.[0];
  const read = (name?: string) => indexed(sources, index!, depth, name);
  const each = index === undefined ? undefined : () => read();
  const member = (name: string) => {
    const own = body.children.filter((part) => {
      const key = child(part, 'name');
      return part !== index && key !== undefined && keyOf(sources.model, key) === name;
    });
    if (own.length > 0) return union(own.map((part) => declaredMember(sources, part, depth)));
    return name === 'then' || each === undefined ? undefined : read(name);
  };
  const calls = signatures('call_signature')?.map((part) => signature(sources, part, depth));
  const news = signatures('construct_signature')?.map((part) => ({
    ...signature(sources, part, depth),
    returns: () => sources.read(sources, child(part, 'type'), depth + 1),
  }));
  const made = news === undefined ? {} : { construct: overloaded(news) };
  if (calls !== undefined) return { ...overloaded(calls), member, ...made };
  // Without an index only names that are there can be asked for; where those differ it is not known which.
  const named = () => {
    const all = body.children.map((part) => namedType(sources, part, depth));
    return alike(all.filter((each) => each !== undefined));
  };
  return { kind: 'object', member, each: each ?? named, ...made };
}

/** What an index leads to: `[key: string]: T`, or `[K in keyof T]: T[K]` under one name. */
function indexed(sources: TypeSources, index: JsNode, depth: number, name?: string): Type {
  const { model } = sources;
  const clause = index.children.find((each) => each.type === 'mapped_type_clause');
  const key = child(clause, 'name');
  const isNamed = key !== undefined && name !== undefined && child(clause, 'alias') === undefined;
  const names: [string, Type][] = isNamed ? [[model.textOf(key), literalType(`"${name}"`)]] : [];
  const type = child(index, 'type');
  const found = sources.read(isNamed ? withNames(sources, names) : sources, type, depth + 1);
  return type?.type === 'opting_type_annotation' ? union([found, NULLISH]) : found;
}

function namedType(sources: TypeSources, part: JsNode, depth: number): Type | undefined {
  return child(part, 'name') === undefined ? undefined : declaredMember(sources, part, depth);
}

function declaredMember(sources: TypeSources, node: JsNode, depth: number): Type {
  if (node.type === 'property_signature') {
    const type = sources.read(sources, child(node, 'type'), depth + 1);
    return hasMark(sources.model, node) ? union([type, NULLISH]) : type;
  }
  if (hasWord(node, 'set')) return parameterType(sources, node, 0, depth) ?? UNKNOWN;
  const fn = signature(sources, node, depth);
  if (hasWord(node, 'get')) return fn.returns();
  return hasMark(sources.model, node) ? union([fn, NULLISH]) : fn;
}
