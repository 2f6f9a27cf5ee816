// Small questions about a node of a JavaScript tree.
import type { JsNode } from './parser.ts';

export const FUNCTIONS: ReadonlySet<string> = new Set([
  'function_declaration',
  'function_expression',
  'arrow_function',
  'generator_function',
  'generator_function_declaration',
  'method_definition',
]);

const WORDS = new Set(['async', 'await', '*', 'get', 'set', 'of', 'in', 'static']);

export function isFunction(node: JsNode | undefined): node is JsNode {
  return node !== undefined && FUNCTIONS.has(node.type);
}

export function child(node: JsNode | undefined, field: string): JsNode | undefined {
  if (node === undefined) return undefined;
  // Asked more than anything else: no closure a call.
  for (const each of node.children) if (each.field === field) return each;
  return undefined;
}

/** The parts of a node without its keywords. */
export function parts(node: JsNode): readonly JsNode[] {
  return node.children.filter((each) => !WORDS.has(each.type));
}

/** The one thing inside brackets, an await, a spread, a statement. */
export function inner(node: JsNode): JsNode | undefined {
  return node.children.find((each) => !WORDS.has(each.type) && each.type !== 'type_arguments');
}

export function hasWord(node: JsNode, word: string): boolean {
  for (const each of node.children) if (each.type === word) return true;
  return false;
}

export function isAsync(fn: JsNode): boolean {
  return hasWord(fn, 'async');
}

export function isGenerator(fn: JsNode): boolean {
  return fn.type.startsWith('generator_function') || hasWord(fn, '*');
}

const WRAPPERS = new Set([
  'parenthesized_expression',
  'non_null_expression',
  'as_expression',
  'satisfies_expression',
  'type_assertion',
]);

/** Without the brackets; with `types`, without the assertions too. */
export function bare(node: JsNode, types = false): JsNode {
  let at = node;
  while (at.type === 'parenthesized_expression' || (types && WRAPPERS.has(at.type))) {
    const next = at.type === 'type_assertion' ? at.children.at(-1) : inner(at);
    if (next === undefined) break;
    at = next;
  }
  return at;
}

/** The arguments of a call or a `new`; none for a tagged template. */
export function argumentsOf(call: JsNode): readonly JsNode[] {
  const list = child(call, 'arguments');
  return list?.type === 'arguments' ? parts(list) : [];
}

/** The function whose body or parameters a node stands in. */
export function functionAround(node: JsNode): JsNode | undefined {
  let at = node.parent;
  while (at !== undefined && !FUNCTIONS.has(at.type)) {
    // A field's value and a static block run on their own.
    if (at.type === 'class_static_block' || at.type === 'public_field_definition') return undefined;
    at = at.parent;
  }
  return at;
}

export function isInside(node: JsNode, outer: JsNode): boolean {
  return outer.start <= node.start && node.end <= outer.end;
}

export function statementAround(node: JsNode): JsNode {
  let at = node;
  while (
    at.parent !== undefined &&
    !/^(?:statement_block|program|switch_case|switch_default)$/.test(at.parent.type)
  ) {
    at = at.parent;
  }
  return at;
}

/** The nodes below, without those of functions that stand in it. */
export function* within(node: JsNode): Generator<JsNode> {
  for (const each of node.children) {
    yield each;
    if (!FUNCTIONS.has(each.type)) yield* within(each);
  }
}

export function classAround(node: JsNode): JsNode | undefined {
  let at = node.parent;
  while (
    at !== undefined &&
    !/^(?:class|class_declaration|abstract_class_declaration)$/.test(at.type)
  )
    at = at.parent;
  return at;
}

/** The function in which an `await` at this place would stand, when it may stand there. */
export function asyncAround(node: JsNode): JsNode | undefined {
  const fn = functionAround(node);
  return fn !== undefined && isAsync(fn) ? fn : undefined;
}
