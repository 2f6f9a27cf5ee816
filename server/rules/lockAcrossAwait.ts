// lock-across-await: a threading lock is held while the coroutine waits, so other tasks that want it stop the loop.
import type { Node } from '../python/ast.ts';
import { asyncFunctionOf } from '../python/calls.ts';
import { some } from '../python/children.ts';
import { insert, shown, suggestion } from '../python/fixes.ts';
import { THREAD_LOCKS, withAround } from '../python/locks.ts';
import type { Check } from '../rule.ts';

export const lockAcrossAwait: Check = ({ model, locks, report }) => {
  for (const use of locks.uses()) {
    if (!THREAD_LOCKS.has(use.type) || asyncFunctionOf(use.at) === undefined) continue;
    const fn = asyncFunctionOf(use.at)!;
    const waits = (node: Node) =>
      use.from <= node.start && node.end <= use.to && (node.kind === 'Await' || ((node.kind === 'For' || node.kind === 'With') && node.isAsync));
    if (!some(fn.body, waits)) continue;
    const held = withAround(use);
    const fixes = held === undefined ? [] : [suggestion('Write async with (and make it an asyncio.Lock)', [insert(held.start, 'async ')])];
    report(
      use.at,
      `${shown(model, use.expr)} is a thread lock and stays held while this task awaits; the next task that wants it stops the whole loop.`,
      { fixes },
    );
  }
};
