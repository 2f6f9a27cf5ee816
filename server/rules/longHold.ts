// long-hold: something that waits for others is done while a lock is held.
import { blockingCall } from '../python/blocking.ts';
import { dotted } from '../python/calls.ts';
import { THREAD_LOCKS } from '../python/locks.ts';
import type { Check } from '../rule.ts';

export const longHold: Check = ({ model, resolver, locks, report }) => {
  const uses = locks.uses();
  if (uses.length === 0) return;
  for (const call of model.calls) {
    const held = locks
      .heldAt(call)
      .filter((use) => THREAD_LOCKS.has(use.type) && !use.type.endsWith('emaphore'));
    if (held.length === 0) continue;
    const found = blockingCall(call, resolver);
    if (found === undefined || found.rule === 'blocking-file-io' || /\.acquire$/.test(found.name))
      continue;
    // Waiting on a condition gives its lock back meanwhile.
    if (/Condition\.wait/.test(found.name)) continue;
    const name = dotted(held[0]!.expr) ?? 'a lock';
    report(
      call,
      `${found.name} waits here while ${name} is held, and everybody who wants ${name} waits along.`,
    );
  }
};
