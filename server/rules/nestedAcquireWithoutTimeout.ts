// nested-acquire-without-timeout: a second lock is waited for without limit while one is held.
import { insert, suggestion } from '../python/fixes.ts';
import { THREAD_LOCKS } from '../python/locks.ts';
import type { Check } from '../rule.ts';

export const nestedAcquireWithoutTimeout: Check = ({ locks, report }) => {
  for (const use of locks.uses()) {
    if (use.viaWith || use.at.kind !== 'Call' || !use.waits || !THREAD_LOCKS.has(use.type))
      continue;
    const held = locks
      .heldAt(use.at)
      .filter((other) => other.key !== use.key && THREAD_LOCKS.has(other.type));
    if (held.length === 0) continue;
    const fixes =
      use.at.args.length === 0
        ? [suggestion('Wait with a timeout', [insert(use.at.close, 'timeout=1')])]
        : [];
    report(
      use.at,
      'This waits without limit while another lock is held; a timeout turns a deadlock into an error one can see.',
      { fixes },
    );
  }
};
