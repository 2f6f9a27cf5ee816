// Promise.all whose failure is swallowed: the first one to fail hides how the others ended, and they run on.
import { argumentsOf, child, FUNCTIONS, inner, isInside, parts, within } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, replace, shown, suggestion } from '../rule.ts';

export const promiseAllFailsFast: Check = (context) => {
  const { model, resolver, report } = context;
  for (const call of model.byType.get('call_expression') ?? []) {
    const callee = child(call, 'function');
    if (callee === undefined || resolver.dotted(callee) !== 'Promise.all') continue;
    const awaited = call.parent;
    // Where the results are used, all are needed and failing at once is right.
    if (awaited?.type !== 'await_expression' || awaited.parent?.type !== 'expression_statement')
      continue;
    const list = argumentsOf(call)[0];
    if (list === undefined || (list.type === 'array' && parts(list).length < 2)) continue;
    if (!isSwallowed(context, awaited)) continue;
    const property = callee.type === 'member_expression' ? child(callee, 'property') : undefined;
    const fixes =
      property === undefined
        ? []
        : [suggestion('Wait for all with Promise.allSettled', [replace(property, 'allSettled')])];
    report(
      call,
      `The first failure ends ${shown(model, callee)}: the others run on unseen while the catch goes on without them.`,
      { fixes },
    );
  }
};

/** In a try whose catch neither throws nor ends what was going on. */
function isSwallowed({ model }: Context, node: JsNode): boolean {
  for (let at = node.parent; at !== undefined && !FUNCTIONS.has(at.type); at = at.parent) {
    if (at.type !== 'try_statement') continue;
    const body = child(at, 'body');
    const handler = child(at, 'handler');
    if (body === undefined || handler === undefined || !isInside(node, body)) continue;
    const caught = child(handler, 'body');
    if (caught === undefined) return false;
    for (const each of within(caught)) {
      if (/^(?:throw_statement|return_statement|break_statement)$/.test(each.type)) return false;
      if (
        each.type === 'call_expression' &&
        /\b(?:exit|abort|reject|next|rollback|cancel)\b/i.test(
          model.textOf(child(each, 'function') ?? each),
        )
      )
        return false;
      if (each.type === 'identifier' && /abort|controller/i.test(model.textOf(inner(each) ?? each)))
        return false;
    }
    return true;
  }
  return false;
}
