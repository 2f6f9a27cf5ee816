// What each kind of expression is.
import { castIn } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { callResult, constructed } from './calls.ts';
import { functionByName } from './library.ts';
import { elementType, memberType } from './members.ts';
import { narrowed } from './narrowing.ts';
import { child, inner, parts } from './node.ts';
import { objectType } from './objects.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { aboveType, selfType } from './self.ts';
import {
  alternatives,
  elementOf,
  isAlwaysTrue,
  literalType,
  NULLISH,
  PLAIN,
  settled,
  type Type,
  UNKNOWN,
  union,
  withoutNullish,
} from './type.ts';

export function evaluate(resolver: Resolver, node: JsNode): Type {
  const { model } = resolver;
  switch (node.type) {
    case 'identifier':
    case 'shorthand_property_identifier': {
      const binding = model.bindingOf(node) ?? model.lookup(model.textOf(node), node);
      if (binding === undefined) return functionByName(model.textOf(node));
      return narrowed(resolver, node, resolver.bindingType(binding));
    }
    case 'undefined':
    case 'null':
      return NULLISH;
    case 'this':
      return selfType(resolver, node);
    case 'super':
      return aboveType(resolver, node);
    case 'parenthesized_expression':
    case 'sequence_expression': {
      const cast = castIn(model, node);
      if (cast !== undefined) return readAnnotation(resolver, cast);
      const last = parts(node).at(-1);
      return last === undefined ? UNKNOWN : resolver.typeOf(last);
    }
    case 'non_null_expression': {
      const value = inner(node);
      return value === undefined ? UNKNOWN : withoutNullish(resolver.typeOf(value));
    }
    case 'as_expression': {
      const type = node.children[1];
      if (type === undefined || model.textOf(node).endsWith(' const'))
        return resolver.typeOf(node.children[0]!);
      return readAnnotation(resolver, type);
    }
    case 'satisfies_expression':
    case 'instantiation_expression':
      return resolver.typeOf(node.children[0]!);
    case 'type_assertion':
      return readAnnotation(
        resolver,
        child(node, 'type_arguments')?.children[0] ?? node.children[0]?.children[0],
      );
    case 'await_expression': {
      const value = inner(node);
      return value === undefined ? UNKNOWN : settled(resolver.typeOf(value));
    }
    case 'assignment_expression': {
      const right = child(node, 'right');
      return right === undefined ? UNKNOWN : resolver.typeOf(right);
    }
    case 'ternary_expression': {
      const sides = [child(node, 'consequence'), child(node, 'alternative')];
      return union(sides.map((each) => (each === undefined ? UNKNOWN : resolver.typeOf(each))));
    }
    case 'binary_expression':
    case 'augmented_assignment_expression':
      return joined(resolver, node);
    case 'unary_expression':
      return model.textOf(child(node, 'operator') ?? node) === 'void' ? NULLISH : PLAIN;
    case 'array':
      return listType(resolver, node);
    case 'object':
      return objectType(resolver, node);
    case 'arrow_function':
    case 'function_expression':
    case 'generator_function':
      return resolver.functionType(node);
    case 'class':
      return { kind: 'class', node };
    case 'new_expression':
      return constructed(resolver, node, child(node, 'constructor'));
    case 'member_expression':
      return memberType(resolver, node);
    case 'subscript_expression':
      return elementType(resolver, node);
    case 'call_expression':
      return callResult(resolver, node);
    case 'string':
    case 'number':
    case 'true':
    case 'false':
      return literalType(model.textOf(node));
    case 'regex':
    case 'template_string':
    case 'update_expression':
      return PLAIN;
    default:
      return UNKNOWN;
  }
}

function listType(resolver: Resolver, node: JsNode): Type {
  let isPlain = true;
  const items = parts(node).map((each) => {
    if (each.type !== 'spread_element') return resolver.typeOf(each);
    isPlain = false;
    return elementOf(resolver.typeOf(inner(each) ?? each));
  });
  const of = items.length === 0 ? UNKNOWN : union(items);
  return isPlain && items.length > 0 ? { kind: 'array', of, items } : { kind: 'array', of };
}

/** What `&&`, `||` and `??` join. */
function joined(resolver: Resolver, node: JsNode): Type {
  const operator = resolver.model.textOf(child(node, 'operator') ?? node);
  if (!/^(?:&&|\|\||\?\?)=?$/.test(operator)) return PLAIN;
  const left = resolver.typeOf(child(node, 'left')!);
  const right = resolver.typeOf(child(node, 'right') ?? node);
  const all = alternatives(left);
  if (operator.startsWith('&&')) {
    const falsy = all.filter((each) => !isAlwaysTrue(each));
    return union([...falsy, right]);
  }
  const isThere = all.every((each) => isAlwaysTrue(each));
  return isThere ? left : union([withoutNullish(left), right]);
}
