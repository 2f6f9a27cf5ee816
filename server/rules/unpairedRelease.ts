// unpaired-release: a lock is released that nothing in the file acquires.
import type { Check } from '../rule.ts';

const RELEASE =
  /^(?:threading|multiprocessing|asyncio)\.(?:Lock|RLock|Semaphore|BoundedSemaphore)#release$/;

export const unpairedRelease: Check = ({ model, resolver, locks, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined || !RELEASE.test(path) || call.func.kind !== 'Attribute') continue;
    const named = locks.identity(call.func.value);
    if (named === undefined || named.owner === 'other') continue;
    // Semaphores are released by others than took them, often from elsewhere: as signals.
    if (named.type.endsWith('.Semaphore')) continue;
    if (locks.uses().some((use) => use.key === named.key)) continue;
    if (model.calls.some((c) => c.args.some((a) => locks.identity(a.value)?.key === named.key)))
      continue;
    report(
      call,
      'Nothing in this file acquires what is released here; releasing a free lock raises.',
    );
  }
};
