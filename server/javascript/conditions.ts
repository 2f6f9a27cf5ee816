// Promises where true or false is asked for: a promise is always true.
import { asyncAround, bare, child } from './node.ts';
import type { JsNode } from './parser.ts';
import { type Context, insert, shown, suggestion } from './rule.ts';
import { isAlwaysThenable } from './type.ts';

const TESTS: Readonly<Record<string, string>> = {
  if_statement: 'condition',
  while_statement: 'condition',
  do_statement: 'condition',
  for_statement: 'condition',
  ternary_expression: 'condition',
};

/** Reports every condition that is a promise, each once. */
export function checkTests(context: Context): void {
  const seen = new Set<JsNode>();
  for (const [type, field] of Object.entries(TESTS)) {
    for (const node of context.model.byType.get(type) ?? [])
      test(context, child(node, field), true, seen);
  }
  for (const node of context.model.byType.get('unary_expression') ?? []) {
    const operator = child(node, 'operator');
    if (operator !== undefined && context.model.textOf(operator) === '!')
      test(context, child(node, 'argument'), true, seen);
  }
  for (const node of context.model.byType.get('binary_expression') ?? [])
    test(context, node, false, seen);
}

function test(
  context: Context,
  node: JsNode | undefined,
  isTest: boolean,
  seen: Set<JsNode>,
): void {
  if (node === undefined) return;
  const { model, resolver, report } = context;
  const at = bare(node.type === 'expression_statement' ? (node.children[0] ?? node) : node);
  if (at.type === 'binary_expression') {
    const operator = model.textOf(child(at, 'operator') ?? at);
    if (!/^(?:&&|\|\||\?\?)$/.test(operator)) return;
    if (operator !== '??' || isTest) test(context, child(at, 'left'), true, seen);
    if (isTest) test(context, child(at, 'right'), true, seen);
    return;
  }
  if (seen.has(at) || /^(?:assignment_expression|await_expression)$/.test(at.type)) return;
  if (!isAlwaysThenable(resolver.typeOf(at))) return;
  seen.add(at);
  const simple = /^(?:call_expression|identifier|member_expression|new_expression)$/.test(at.type);
  const inList = at.parent?.type === 'parenthesized_expression';
  const fixes =
    asyncAround(at) !== undefined && simple
      ? [
          suggestion('Await it', [
            insert(at.start, inList ? 'await ' : '(await '),
            ...(inList ? [] : [insert(at.end, ')')]),
          ]),
        ]
      : [];
  report(
    at,
    `${shown(model, at)} is a promise, which is always true; what it resolves to is not looked at.`,
    { fixes },
  );
}
