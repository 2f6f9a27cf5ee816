// A value read before an await and written after it: what others wrote meanwhile is lost.
import { child, isAsync, isGenerator } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, shown } from '../rule.ts';
import { staleWrites } from '../staleReads.ts';

export const nonAtomicUpdate: Check = ({ model, report }) => {
  for (const fn of model.functions) {
    if (!isAsync(fn) && !isGenerator(fn)) continue;
    for (const { assignment, target, binding, isSame } of staleWrites(model, fn)) {
      const pause = isAsync(fn) ? 'an await' : 'a yield';
      report(
        assignment,
        isSame
          ? `${shown(model, target)} is written from what ${binding.name} was before ${pause}: a change made meanwhile is lost.`
          : `${binding.name} was asked before ${pause}, and ${shown(model, target)} is written after it: the answer may have changed meanwhile.`,
        isSame && !isPlainValue(assignment) ? {} : { severity: 'hint' },
      );
    }
  }
};

/** `busy = false` after `if (busy)`: often the end of what the test began. */
function isPlainValue(assignment: JsNode): boolean {
  const right = child(assignment, 'right');
  return (
    assignment.type === 'assignment_expression' &&
    right !== undefined &&
    /^(?:true|false|null|undefined|number|string)$/.test(right.type)
  );
}
