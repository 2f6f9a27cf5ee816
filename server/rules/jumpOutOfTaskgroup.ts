// jump-out-of-taskgroup: return, break or continue leaves a task group's block, and then waits for its tasks after all.
import { around } from '../python/children.ts';
import type { Check } from '../rule.ts';
import { taskGroupOf } from './scopes.ts';

export const jumpOutOfTaskgroup: Check = ({ model, resolver, report }) => {
  if (!model.withs.some((node) => taskGroupOf(node, resolver) !== undefined)) return;
  for (const node of model.nodes) {
    const isReturn = node.kind === 'Return';
    if (!isReturn && !(node.kind === 'Jump' && node.type !== 'pass')) continue;
    for (const outer of around(node)) {
      if (!isReturn && (outer.kind === 'For' || outer.kind === 'While')) break;
      if (outer.kind !== 'With' || taskGroupOf(outer, resolver) === undefined) continue;
      const word = isReturn ? 'return' : node.type;
      report(
        node,
        `${word} leaves the block of a task group, but only after every task in it is done.`,
      );
      break;
    }
  }
};
