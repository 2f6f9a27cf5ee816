// What a class's own body says of a member.

import { annotationOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import type { TypeSources } from './generics.ts';
import { hasTypes, type JavascriptModel } from './model.ts';
import { hasMark, keyOf, memberName } from './names.ts';
import { child, hasWord, isFunction } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { parameterType, signature } from './signatures.ts';
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
  if (parameter !== undefined) return readAnnotation(sources, child(parameter, 'type'));
  return isStatic ? undefined : writtenField(resolver, node, name);
}

interface Written {
  readonly values: JsNode[];
  /** The constructor writes it, so it is there from the start. */
  isMade: boolean;
}

/** What the methods of each class write to `this`, by name. */
const written = new WeakMap<JavascriptModel, ReadonlyMap<JsNode, ReadonlyMap<string, Written>>>();

/** `this.done = load();` where nothing declares the field. */
function writtenField(resolver: Resolver, node: JsNode, name: string): Type | undefined {
  const { model } = resolver;
  // With types every field is declared, if not here then in the class above.
  if (hasTypes(model)) return undefined;
  let known = written.get(model);
  if (known === undefined) {
    known = fieldsWritten(model);
    written.set(model, known);
  }
  const field = known.get(node)?.get(name);
  if (field === undefined) return undefined;
  const types = field.values.map((each) => resolver.typeOf(each));
  return union(field.isMade ? types : [...types, NULLISH]);
}

function fieldsWritten(model: JavascriptModel) {
  const classes = new Map<JsNode, Map<string, Written>>();
  for (const each of model.byType.get('assignment_expression') ?? []) {
    const left = child(each, 'left');
    const right = child(each, 'right');
    if (left?.type !== 'member_expression' || right === undefined) continue;
    const method = child(left, 'object')?.type === 'this' ? methodAround(each) : undefined;
    const owner = method?.parent?.type === 'class_body' ? method.parent.parent : undefined;
    const name = memberName(model, left);
    if (method === undefined || owner === undefined || name === undefined) continue;
    const fields = classes.get(owner) ?? new Map<string, Written>();
    classes.set(owner, fields);
    const field = fields.get(name) ?? { values: [], isMade: false };
    fields.set(name, field);
    field.values.push(right);
    const key = child(method, 'name');
    if (key !== undefined && model.textOf(key) === 'constructor') field.isMade = true;
  }
  return classes;
}

/** The method whose `this` it is. */
function methodAround(node: JsNode): JsNode | undefined {
  let at = node.parent;
  while (at !== undefined && (!isFunction(at) || at.type === 'arrow_function')) at = at.parent;
  return at?.type === 'method_definition' && !hasWord(at, 'static') ? at : undefined;
}

function memberType(resolver: Resolver, each: JsNode, sources: TypeSources): Type {
  if (each.type === 'method_definition') {
    if (hasWord(each, 'set')) return parameterType(sources, each, 0) ?? UNKNOWN;
    const own = resolver.functionType(each);
    const read = sources === resolver ? own : signature(sources, each);
    const isTold = child(each, 'return_type') !== undefined;
    const fn = isTold ? read : { ...own, parameter: read.parameter };
    return hasWord(each, 'get') ? fn.returns() : fn;
  }
  if (each.type === 'public_field_definition') {
    const annotation = annotationOf(resolver.model, each);
    if (annotation !== undefined) {
      const type = readAnnotation(sources, annotation);
      return hasMark(resolver.model, each) ? union([type, NULLISH]) : type;
    }
    const value = child(each, 'value');
    return value === undefined ? UNKNOWN : resolver.typeOf(value);
  }
  if (hasWord(each, 'set')) return parameterType(sources, each, 0) ?? UNKNOWN;
  const fn = signature(sources, each);
  return hasWord(each, 'get') ? fn.returns() : fn;
}
