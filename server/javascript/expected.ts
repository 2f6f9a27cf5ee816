// What the place where an expression stands is declared to take.

import { annotationOf, resultOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { typeArguments } from './generics.ts';
import { keyOf } from './names.ts';
import { tagIs } from './narrowing.ts';
import {
  argumentsOf,
  bare,
  child,
  FUNCTIONS,
  functionAround,
  isAsync,
  isGenerator,
  parts,
} from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  constructOf,
  elementOf,
  itemOf,
  memberOf,
  settled,
  type Type,
  UNKNOWN,
  union,
} from './type.ts';

/** What is expected through so many places around is not looked at. */
const DEPTH = 12;

/** UNKNOWN where nothing is declared. */
export function expectedType(resolver: Resolver, node: JsNode, depth = 0): Type {
  const up = node.parent;
  if (up === undefined || depth > DEPTH) return UNKNOWN;
  if (node.type === 'method_definition') return expectedMethod(resolver, node, depth + 1);
  const around = () => expectedType(resolver, up, depth + 1);
  switch (up.type) {
    case 'parenthesized_expression':
    case 'non_null_expression':
    case 'jsx_expression':
      return around();
    case 'variable_declarator':
    case 'public_field_definition':
    case 'required_parameter':
    case 'optional_parameter':
      return node.field === 'value'
        ? readAnnotation(resolver, annotationOf(resolver.model, up))
        : UNKNOWN;
    case 'assignment_expression':
    case 'augmented_assignment_expression':
      return node.field === 'right' ? resolver.typeOf(child(up, 'left')!) : UNKNOWN;
    case 'ternary_expression':
      return node.field === 'condition' ? UNKNOWN : around();
    case 'binary_expression': {
      const operator = resolver.model.textOf(child(up, 'operator') ?? up);
      return /^(?:&&|\|\||\?\?)$/.test(operator) ? around() : UNKNOWN;
    }
    case 'as_expression':
    case 'satisfies_expression':
      return up.children[0] === node && up.children[1] !== undefined
        ? readAnnotation(resolver, up.children[1])
        : UNKNOWN;
    case 'pair': {
      const key = child(up, 'key');
      const name = key === undefined ? undefined : keyOf(resolver.model, key);
      if (name === undefined || up.parent === undefined || node.field !== 'value') return UNKNOWN;
      return memberOf(expectedType(resolver, up.parent, depth + 1), name);
    }
    case 'array': {
      const list = around();
      const item = itemOf(list, parts(up).indexOf(node));
      return item.kind === 'unknown' ? elementOf(list) : item;
    }
    case 'arguments':
      return expectedArgument(resolver, up, node);
    case 'return_statement': {
      const fn = functionAround(up);
      return fn === undefined ? UNKNOWN : expectedResult(resolver, fn, depth + 1);
    }
    case 'arrow_function':
      return node.field === 'body' ? expectedResult(resolver, up, depth + 1) : UNKNOWN;
    case 'jsx_attribute':
      return expectedAttribute(resolver, up);
    default:
      return UNKNOWN;
  }
}

/** What a function is declared to give, of an async one what its promise resolves to. */
export function expectedResult(resolver: Resolver, fn: JsNode, depth = 0): Type {
  if (isGenerator(fn)) return UNKNOWN;
  const annotation = resultOf(resolver.model, fn);
  const all =
    annotation === undefined
      ? alternatives(expectedType(resolver, fn, depth + 1)).flatMap((each) =>
          each.kind === 'function' ? [each.returns()] : [],
        )
      : [readAnnotation(resolver, annotation)];
  if (all.length === 0) return UNKNOWN;
  return isAsync(fn) ? settled(union(all)) : union(all);
}

function expectedMethod(resolver: Resolver, fn: JsNode, depth: number): Type {
  const key = child(fn, 'name');
  const name = key === undefined ? undefined : keyOf(resolver.model, key);
  if (name === undefined || fn.parent?.type !== 'object') return UNKNOWN;
  return memberOf(expectedType(resolver, fn.parent, depth), name);
}

function expectedArgument(resolver: Resolver, list: JsNode, node: JsNode): Type {
  const call = list.parent;
  if (call === undefined) return UNKNOWN;
  const wanted = parametersOfCall(resolver, call);
  return wanted?.(argumentsOf(call).indexOf(node)) ?? UNKNOWN;
}

/** What the arguments of a call or a `new` are declared to be; undefined when nothing is known of it. */
export function parametersOfCall(
  resolver: Resolver,
  call: JsNode,
  open = false,
): ((index: number) => Type | undefined) | undefined {
  const callee = child(call, call.type === 'new_expression' ? 'constructor' : 'function');
  if (callee === undefined) return undefined;
  const type = resolver.typeOf(callee);
  const isMade = call.type === 'new_expression' || callee.type === 'super';
  const called: Type | undefined =
    isMade && type.kind === 'class'
      ? resolver.constructorOf(type.node)
      : isMade
        ? constructOf(type)
        : type;
  const functions = alternatives(called ?? UNKNOWN).filter((each) => each.kind === 'function');
  if (functions.length === 0) return undefined;
  const types = typeArguments(resolver, call);
  const args = argumentsOf(call);
  // What functions give is not asked of their own parameters; the name of an event tells what its listener is.
  const argument = (index: number) => {
    const each = args[index] === undefined ? undefined : bare(args[index], true);
    if (each === undefined || FUNCTIONS.has(each.type)) return undefined;
    return open && each.type !== 'string' ? undefined : resolver.typeOf(each);
  };
  const given = open ? ({ types, argument, open } as const) : { types, argument };
  return (index) => {
    const known = functions.flatMap((each) => each.parameter(index, given) ?? []);
    return known.length === 0 ? undefined : union(known);
  };
}

/** `<Button onClick={…} />` where Button's properties are declared in this file. */
function expectedAttribute(resolver: Resolver, attribute: JsNode): Type {
  const key = attribute.children[0];
  if (key === undefined || attribute.parent === undefined) return UNKNOWN;
  const all = alternatives(attributesOf(resolver, attribute.parent));
  const meant =
    all.length < 2 ? all : all.filter((each) => fitsElement(resolver, attribute.parent!, each));
  return memberOf(union(meant), resolver.model.textOf(key));
}

/** Of a union the properties that an element can have by its literal attributes: `<Field as="text" …>`. */
function fitsElement({ model }: Resolver, element: JsNode, type: Type): boolean {
  return element.children.every((each) => {
    const [key, value] = each.type === 'jsx_attribute' ? each.children : [];
    if (key === undefined || value?.type !== 'string') return true;
    return tagIs(type, model.textOf(key), model.textOf(value)) !== false;
  });
}

/** What the component of an element is declared to take. */
export function attributesOf(resolver: Resolver, element: JsNode): Type {
  const name = child(element, 'name');
  if (name === undefined) return UNKNOWN;
  const component = resolver.typeOf(name);
  const all = alternatives(component).flatMap((each) => {
    if (each.kind === 'class') return classAttributes(resolver.homeOf(each.node), each.node);
    return each.kind === 'function' ? (each.parameter(0) ?? []) : [];
  });
  return all.length === 0 ? UNKNOWN : union(all);
}

/** `class View extends React.Component<Props>`. */
function classAttributes(resolver: Resolver, node: JsNode): readonly Type[] {
  const heritage = node.children.find((each) => each.type === 'class_heritage');
  const clause = heritage?.children.find((each) => each.type === 'extends_clause');
  const value = child(clause, 'value');
  if (clause === undefined || value === undefined) return [];
  return isComponent(resolver.dotted(value)) ? typeArguments(resolver, clause).slice(0, 1) : [];
}

/** The class that React's classes extend, by its dotted name. */
export function isComponent(name: string | undefined): boolean {
  return /^react\.(?:pure)?component$/i.test(name ?? '');
}
