// A value read before an await and written after it: what others wrote meanwhile is lost.
import { isAsync, isGenerator } from '../node.ts';
import { type Check, shown } from '../rule.ts';
import { staleWrites } from '../staleReads.ts';

export const nonAtomicUpdate: Check = ({ model, report }) => {
  for (const fn of model.functions) {
    if (!isAsync(fn) && !isGenerator(fn)) continue;
    for (const { assignment, target, binding } of staleWrites(model, fn)) {
      const pause = isAsync(fn) ? 'an await' : 'a yield';
      report(
        assignment,
        `${shown(model, target)} is written from what ${binding.name} was before ${pause}: a change made meanwhile is lost.`,
      );
    }
  }
};
