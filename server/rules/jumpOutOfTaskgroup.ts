// jump-out-of-taskgroup: return, break or continue leaves a task group's block, and then waits for its tasks after all.
import type { Node } from '../python/ast.ts';
import { around } from '../python/children.ts';
import type { Check } from '../rule.ts';
import { taskGroupOf } from './scopes.ts';

export const jumpOutOfTaskgroup: Check = ({ model, resolver, report }) => {
  if (!model.withs.some((node) => taskGroupOf(node, resolver) !== undefined)) return;
  for (const node of model.nodes) {
    const isReturn = node.kind === 'Return';
    if (!isReturn && !(node.kind === 'Jump' && node.type !== 'pass')) continue;
    let inside: Node = node;
    for (const outer of around(node)) {
      const isLoop = outer.kind === 'For' || outer.kind === 'While';
      // In a loop's else they are for the loop around that.
      if (!isReturn && isLoop && !(outer.orelse as readonly Node[]).includes(inside)) break;
      inside = outer;
      // Plain `with` opens none: it raises, and its rule says so.
      if (outer.kind !== 'With' || !outer.isAsync || taskGroupOf(outer, resolver) === undefined)
        continue;
      const word = isReturn ? 'return' : node.type;
      report(
        node,
        `${word} leaves the block of a task group, but only after every task in it is done.`,
      );
      break;
    }
  }
};
