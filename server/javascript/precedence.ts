// Mends what the grammar binds too tightly: it reads `await f<T>(1)` as `(await f)<T>(1)`, and `void f()!.g` as `(void f())!.g`.
import type { JsNode } from './parser.ts';

type Open = { -readonly [Key in keyof Omit<JsNode, 'children'>]: JsNode[Key] } & {
  readonly children: JsNode[];
};

const TIGHT = new Set([
  'call_expression',
  'member_expression',
  'subscript_expression',
  'non_null_expression',
]);

function isPrefixed(node: JsNode | undefined): boolean {
  return node?.type === 'await_expression' || node?.type === 'unary_expression';
}

/** Whether an operator without brackets stands inside of what binds tighter than it. */
export function isMisread(type: string, first: JsNode | undefined): boolean {
  return isPrefixed(first) && TIGHT.has(type);
}

/** The operator around the call or member that the grammar put around the operator. */
export function mended(misread: JsNode): JsNode {
  const node = misread as Open;
  const outer = node.children[0] as Open;
  let holder = outer;
  while (isPrefixed(holder.children.at(-1))) holder = holder.children.at(-1) as Open;
  const operand = holder.children.at(-1) as Open | undefined;
  if (operand === undefined) return misread;
  const { field, parent } = node;
  for (let at = outer; ; at = at.children.at(-1) as Open) {
    at.end = node.end;
    if (node.broken) at.broken = true;
    if (at === holder) break;
  }
  holder.children[holder.children.length - 1] = node;
  node.children[0] = operand;
  node.start = operand.start;
  node.field = operand.field;
  operand.field = outer.field;
  node.parent = holder;
  operand.parent = node;
  outer.field = field;
  outer.parent = parent;
  return outer;
}
