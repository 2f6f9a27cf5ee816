// What a variable, a parameter or a part of a pattern is, by its annotation, its value or where it comes from.
import { annotationOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { calledWith, positionOf } from './calls.ts';
import type { Binding } from './model.ts';
import { hasMark } from './names.ts';
import { child, hasWord } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  elementOf,
  itemOf,
  memberOf,
  NULLISH,
  PLAIN,
  settled,
  type Type,
  UNKNOWN,
  union,
  withoutNullish,
} from './type.ts';

/** What a name stands for; `node` is the declaration, of a part of a pattern that part. */
export function declared(resolver: Resolver, binding: Binding, node: JsNode): Type {
  if (node.type === 'enum_declaration') return PLAIN;
  if (node.type === 'internal_module') return namespace(resolver, node);
  if (/_pattern$/.test(node.parent?.type ?? '')) return fromPattern(resolver, node);
  const used = node.type === 'assignment_expression' ? child(node, 'right') : undefined;
  if (used !== undefined) return resolver.typeOf(used);
  const own = holderType(resolver, node);
  if (own !== undefined && annotation(resolver, node) !== undefined) return own;
  if (node.type === 'for_in_statement' || binding.kind === 'parameter') return own ?? UNKNOWN;
  const assigned = binding.uses
    .filter((use) => use.field === 'left' && /assignment_expression$/.test(use.parent?.type ?? ''))
    .map((use) => resolver.typeOf(child(use.parent!, 'right')!));
  if (own === undefined && assigned.length === 0) return UNKNOWN;
  // Without a value it is nothing at first.
  return union([own ?? NULLISH, ...assigned]);
}

/** The value of a declaration as a whole, whether its left side is a name or a pattern. */
function holderType(resolver: Resolver, node: JsNode): Type | undefined {
  const written = annotation(resolver, node);
  if (written !== undefined) {
    const type = readAnnotation(resolver, written);
    if (child(node, 'value') !== undefined) return type;
    const isOpen =
      node.type === 'optional_parameter' ||
      hasMark(resolver.model, node) ||
      isEmpty(resolver, node);
    return isOpen ? union([type, NULLISH]) : type;
  }
  switch (node.type) {
    case 'for_in_statement':
      return roundType(resolver, node);
    case 'required_parameter':
    case 'optional_parameter':
      return parameter(resolver, node);
    case 'identifier':
      // The one parameter of an arrow function without brackets.
      return node.field === 'parameter' ? parameter(resolver, node) : undefined;
    default: {
      const value = child(node, 'value');
      return value === undefined ? undefined : resolver.typeOf(value);
    }
  }
}

/** Of what is taken apart the JSDoc before it says nothing. */
function annotation({ model }: Resolver, node: JsNode): JsNode | undefined {
  const own = child(node, 'type');
  if (own !== undefined) return own.type === 'type_annotation' ? own : undefined;
  return model.docs === undefined ? undefined : annotationOf(model, node);
}

/** `let x: T;` of a program, which is nothing until something is written to it. */
function isEmpty(resolver: Resolver, node: JsNode): boolean {
  const statement = node.parent;
  if (node.type !== 'variable_declarator' || statement?.parent?.type === 'ambient_declaration')
    return false;
  return !/^const\b/.test(resolver.model.text.slice(statement?.start, statement?.end));
}

function roundType(resolver: Resolver, loop: JsNode): Type {
  const right = child(loop, 'right');
  const word = resolver.model.textOf(child(loop, 'operator') ?? loop);
  if (right === undefined || (!hasWord(loop, 'of') && word !== 'of')) return PLAIN;
  const element = elementOf(resolver.typeOf(right));
  return hasWord(loop, 'await') ? settled(element) : element;
}

/** A parameter without annotation: by its default, by what its function is declared to be, or by who calls it. */
function parameter(resolver: Resolver, node: JsNode): Type {
  const value = child(node, 'value');
  if (value !== undefined) return resolver.typeOf(value);
  const position = positionOf(node);
  if (position === undefined) return UNKNOWN;
  const known = calledWith(resolver, position.fn, position.index);
  if (known.kind !== 'unknown') return known;
  const wanted = alternatives(resolver.expected(position.fn)).flatMap((each) =>
    each.kind === 'function' ? (each.parameter(position.index) ?? []) : [],
  );
  return wanted.length === 0 ? UNKNOWN : union(wanted);
}

/** A part of a pattern: of what the pattern around it takes apart. */
function fromPattern(resolver: Resolver, part: JsNode): Type {
  const { model } = resolver;
  const pattern = part.parent!;
  switch (pattern.type) {
    case 'rest_pattern': {
      // `...rest` of parameters is the list itself; of a pattern it is what is left.
      const holder = pattern.parent!;
      if (!/_pattern$/.test(holder.type)) return holderType(resolver, holder) ?? UNKNOWN;
      const source = patternSource(resolver, holder);
      return holder.type === 'array_pattern' ? { kind: 'array', of: elementOf(source) } : source;
    }
    case 'array_pattern': {
      const source = patternSource(resolver, pattern);
      const item = itemOf(source, placeIn(resolver, pattern, part));
      const value = part.type === 'assignment_pattern' ? child(part, 'right') : undefined;
      return value === undefined ? item : orDefault(resolver, item, value);
    }
    case 'pair_pattern':
    case 'assignment_pattern':
    case 'object_assignment_pattern':
      return patternSource(resolver, part);
    case 'object_pattern': {
      const key = child(part, 'key') ?? child(part, 'left') ?? part;
      const type = memberOf(patternSource(resolver, pattern), model.textOf(key));
      const value = part.type === 'object_assignment_pattern' ? child(part, 'right') : undefined;
      return value === undefined ? type : orDefault(resolver, type, value);
    }
    default:
      return UNKNOWN;
  }
}

function orDefault(resolver: Resolver, type: Type, value: JsNode): Type {
  return type.kind === 'unknown'
    ? resolver.typeOf(value)
    : union([withoutNullish(type), resolver.typeOf(value)]);
}

/** Which element a part of `[, a, b]` takes: empty places count. */
function placeIn({ model }: Resolver, pattern: JsNode, part: JsNode): number {
  let place = 0;
  let end = pattern.start;
  for (const each of pattern.children) {
    place += model.text.slice(end, each.start).split(',').length - 1;
    if (each === part) break;
    end = each.end;
  }
  return place;
}

/** What a pattern, or a part of one, takes apart. */
function patternSource(resolver: Resolver, pattern: JsNode): Type {
  const owner = pattern.parent;
  if (owner === undefined) return UNKNOWN;
  switch (owner.type) {
    case 'pair_pattern': {
      const key = child(owner, 'key');
      return key === undefined || owner.parent === undefined
        ? UNKNOWN
        : memberOf(patternSource(resolver, owner.parent), resolver.model.textOf(key));
    }
    case 'assignment_pattern': {
      const value = child(owner, 'right');
      const type = /_pattern$/.test(owner.parent?.type ?? '')
        ? patternSource(resolver, owner)
        : UNKNOWN;
      return value === undefined ? type : orDefault(resolver, type, value);
    }
    case 'array_pattern':
      return itemOf(patternSource(resolver, owner), placeIn(resolver, owner, pattern));
    case 'rest_pattern':
      return fromPattern(resolver, pattern);
    default:
      return holderType(resolver, owner) ?? UNKNOWN;
  }
}

function namespace(resolver: Resolver, node: JsNode): Type {
  const body = child(node, 'body');
  const innermost: Type = {
    kind: 'object',
    member(name) {
      const binding =
        body === undefined ? undefined : resolver.model.declaredIn(body, name, 'bindings');
      return binding === undefined ? undefined : resolver.bindingType(binding);
    },
  };
  const [, ...within] = resolver.model.textOf(child(node, 'name') ?? node).split('.');
  return within.reduceRight<Type>(
    (type, key) => ({ kind: 'object', member: (name) => (name === key ? type : undefined) }),
    innermost,
  );
}
