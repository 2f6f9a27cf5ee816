// Which of several signatures a call can mean: by how many arguments it gives, and by those that stand there as literals.
import { anyOf } from './generics.ts';
import { type JavascriptModel, parametersOf } from './model.ts';
import { bare, child, inner, isFunction } from './node.ts';
import type { JsNode } from './parser.ts';
import { type Arguments, type FunctionType, type Type, union } from './type.ts';

/** Several signatures as one function. */
export function overloaded(all: readonly FunctionType[]): FunctionType {
  if (all.length === 1) return all[0]!;
  return {
    kind: 'function',
    returns: (given) => union(takers(all, given?.args).map((each) => each.returns(given))),
    parameter: (index, given) => anyOf(all.map((each) => each.parameter(index, given))),
  };
}

/** The functions of a union or of overloads that take these arguments; all when none seems to. */
export function takers(
  functions: readonly FunctionType[],
  args: Arguments | undefined,
): readonly FunctionType[] {
  if (functions.length < 2 || args === undefined) return functions;
  const able = functions.filter((each) => each.takes?.(args) !== false);
  return able.length === 0 ? functions : able;
}

/** Whether a signature takes these arguments, as far as literals tell. */
export function fits(model: JavascriptModel, signature: JsNode, args: Arguments): boolean {
  const { nodes } = args;
  if (nodes.some((each) => each.type === 'spread_element')) return true;
  const all = parametersOf(signature);
  const isOpen = child(all.at(-1), 'pattern')?.type === 'rest_pattern';
  const fixed = isOpen ? all.slice(0, -1) : all;
  const needed = fixed.filter(
    (each) => each.type === 'required_parameter' && child(each, 'value') === undefined,
  );
  if (nodes.length < needed.length || (nodes.length > fixed.length && !isOpen)) return false;
  return nodes.every((each, at) => canBe(model, child(fixed[at], 'type'), bare(each), args.model));
}

const LITERALS: Readonly<Record<string, string>> = {
  string: 'string',
  template_string: 'string',
  number: 'number',
  true: 'boolean',
  false: 'boolean',
  object: 'object',
  array: 'object',
};

/** `from` is the file that the value is of. */
function canBe(
  model: JavascriptModel,
  annotation: JsNode | undefined,
  value: JsNode,
  from: JavascriptModel,
): boolean {
  const wanted = annotation === undefined ? undefined : inner(annotation);
  const type: string = value.type;
  const kind = isFunction(value) ? 'function' : LITERALS[type];
  if (wanted === undefined) return true;
  const isMember = type === 'member_expression' && wanted.type === 'nested_type_identifier';
  if (kind === undefined && !isMember) return true;
  const text = model.textOf(wanted);
  switch (wanted.type) {
    case 'predefined_type':
      return !/^(?:string|number|boolean)$/.test(text) || text === kind;
    case 'function_type':
      return kind === 'function';
    case 'literal_type':
      return wanted.children[0]?.type !== 'string' || type !== 'string'
        ? true
        : text.slice(1, -1) === from.textOf(value).slice(1, -1);
    case 'nested_type_identifier':
      return !isOther(text, from.textOf(value));
    default:
      return true;
  }
}

/** `Kind.B` where `Kind.A` is asked for. */
function isOther(wanted: string, value: string): boolean {
  const dot = wanted.lastIndexOf('.');
  return (
    value !== wanted && value.lastIndexOf('.') === dot && value.startsWith(wanted.slice(0, dot + 1))
  );
}

/** The longest list of parameters that is looked at. */
const PARAMETERS = 8;

export function parameterList(fn: FunctionType): Type {
  const items: Type[] = [];
  for (let at = 0; at < PARAMETERS; at++) {
    const type = fn.parameter(at);
    if (type === undefined) break;
    items.push(type);
  }
  return { kind: 'array', of: union(items), items };
}
