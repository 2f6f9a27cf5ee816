// idle-timeout-scope: a timeout or cancel scope around code that never awaits can't do anything.
import type { Node, With } from '../python/ast.ts';
import { evaluated } from '../python/children.ts';
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

/** What is entered after the scope in the same `async with`, and left before it, is waited for inside of it. */
function entersLater(node: With, index: number, resolver: Resolver): boolean {
  return node.isAsync && node.items.slice(index + 1).some((item) => !isCancelScope(item, resolver));
}

function suspends(node: With, resolver: Resolver): boolean {
  let group = false;
  for (const inner of evaluated(node.body)) {
    if (inner.kind === 'With' && inner.isAsync) {
      // A scope within that has nothing to wait for is reported itself.
      if (!inner.items.every((item) => isTaskGroup(item, resolver))) return true;
      group = true;
    } else if (isSuspension(inner) || (group && startsTask(inner))) return true;
  }
  return false;
}

function isSuspension(node: Node): boolean {
  if (runsLater(node)) return false;
  if (node.kind === 'Await' || node.kind === 'Yield') return true;
  if (node.kind === 'For') return node.isAsync;
  // A generator expression waits for nothing before somebody goes through it.
  return (
    node.kind === 'Comprehension' &&
    node.type !== 'generator' &&
    node.generators.some((each) => each.isAsync)
  );
}

/** Inside a generator expression, but for the first iterable, which is evaluated on the spot. */
function runsLater(node: Node): boolean {
  const within = node.scope.node;
  if (within.kind !== 'Comprehension' || within.type !== 'generator') return false;
  const first = within.generators[0]?.iter;
  return first === undefined || node.start < first.start || first.end < node.end;
}

function startsTask(node: Node): boolean {
  return (
    node.kind === 'Call' &&
    node.func.kind === 'Attribute' &&
    /^(?:start_soon|create_task|start)$/.test(node.func.attr)
  );
}
