// unlocked-shared-value: `value.value += 1` reads and writes in two steps, and another process comes between.
import type { AugAssign } from '../python/ast.ts';
import { around } from '../python/children.ts';
import { automatic, indentation, source } from '../python/fixes.ts';
import { indented } from '../python/reindent.ts';
import type { Check, Context } from '../rule.ts';

export const unlockedSharedValue: Check = (context) => {
  const { model, resolver, locks, report } = context;
  for (const node of model.augmented) {
    const { target } = node;
    const shared =
      target.kind === 'Attribute' && target.attr === 'value'
        ? target.value
        : target.kind === 'Subscript'
          ? target.value
          : undefined;
    if (shared === undefined) continue;
    const type = resolver.type(shared);
    if (type !== 'multiprocessing.Value' && type !== 'multiprocessing.Array') continue;
    if (
      target.kind === 'Attribute'
        ? type !== 'multiprocessing.Value'
        : type !== 'multiprocessing.Array'
    )
      continue;
    if (locks.heldAt(node).length > 0 || isGuarded(node, context)) continue;
    const name = source(model, shared);
    const inside = indented(model, [node]);
    const indent = indentation(model.text, node.start);
    const first = inside?.[0];
    const head = first && { ...first, text: `${indent}with ${name}.get_lock():\n${first.text}` };
    const fixes =
      head === undefined ? [] : [automatic('Take its lock', [head, ...inside!.slice(1)])];
    report(
      node,
      `${node.op} reads and writes in two steps, and another process may come between: hold ${name}.get_lock().`,
      { fixes },
    );
  }
};

/** Inside `with x.get_lock()` or any `with` over something unknown. */
function isGuarded(node: AugAssign, { resolver }: Context): boolean {
  for (const outer of around(node)) {
    if (outer.kind !== 'With') continue;
    for (const { value } of outer.items) {
      if (
        value.kind === 'Call' &&
        value.func.kind === 'Attribute' &&
        value.func.attr === 'get_lock'
      )
        return true;
      if (resolver.value(value) === undefined) return true;
    }
  }
  return false;
}
