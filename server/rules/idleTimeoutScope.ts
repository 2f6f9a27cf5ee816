// idle-timeout-scope: a timeout or cancel scope around code that never awaits can't do anything.
import type { Node, With } from '../python/ast.ts';
import { within } from '../python/children.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';
import { isCancelScope, isTaskGroup } from './scopes.ts';

export const idleTimeoutScope: Check = ({ model, resolver, report }) => {
  for (const node of model.withs) {
    const scopes = node.items.filter((item) => isCancelScope(item, resolver));
    if (scopes.length === 0 || suspends(node, resolver)) continue;
    for (const item of scopes) {
      if (entersLater(node, node.items.indexOf(item), resolver)) continue;
      report(
        item.value,
        'Nothing inside this scope awaits, so it can neither time out nor be cancelled.',
      );
    }
  }
};

/** What is entered after the scope in the same `async with` is waited for inside of it. */
function entersLater(node: With, index: number, resolver: Resolver): boolean {
  return (
    node.isAsync &&
    node.items
      .slice(index + 1)
      .some((item) => !isCancelScope(item, resolver) && !isTaskGroup(item, resolver))
  );
}

function suspends(node: With, resolver: Resolver): boolean {
  let group = node.items.some((item) => isTaskGroup(item, resolver));
  for (const inner of within(node.body)) {
    if (inner.kind === 'With' && inner.isAsync) {
      const harmless = inner.items.every(
        (item) => isTaskGroup(item, resolver) || isCancelScope(item, resolver),
      );
      if (!harmless) return true;
      group = group || inner.items.some((item) => isTaskGroup(item, resolver));
    } else if (isSuspension(inner) || (group && startsTask(inner))) return true;
  }
  return false;
}

function isSuspension(node: Node): boolean {
  if (node.kind === 'Await' || node.kind === 'Yield') return true;
  if (node.kind === 'For') return node.isAsync;
  return node.kind === 'Comprehension' && node.generators.some((each) => each.isAsync);
}

function startsTask(node: Node): boolean {
  return (
    node.kind === 'Call' &&
    node.func.kind === 'Attribute' &&
    /^(?:start_soon|create_task|start)$/.test(node.func.attr)
  );
}
