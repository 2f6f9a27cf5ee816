// blocking-wait: an async function waits synchronously for a socket, a database, a queue, a lock, a thread or a future.
import { blockingCall } from '../python/blocking.ts';
import { asyncFunctionOf, canAwait, dotted, isAwaited } from '../python/calls.ts';
import { toThread } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

export const blockingWait: Check = ({ model, resolver, blockingNames, report }) => {
  for (const call of model.calls) {
    if (asyncFunctionOf(call) === undefined) continue;
    const found = blockingCall(call, resolver);
    const fix = () =>
      dotted(call.func) === undefined || call.parent.kind === 'With' || !canAwait(call)
        ? undefined
        : toThread(model, call);
    if (found?.rule === 'blocking-wait') {
      const fixes = [fix()].filter((each) => each !== undefined);
      report(call, `${found.name} may wait for long, and the event loop stands still as long.`, {
        fixes,
      });
    } else if (found === undefined && blockingNames.size > 0 && !isAwaited(call)) {
      const name = resolver.callee(call)?.replace('#', '.') ?? dotted(call.func) ?? '';
      const pattern = matching(name, blockingNames);
      if (pattern === undefined) continue;
      const fixes = [fix()].filter((each) => each !== undefined);
      const other = pattern.split('->')[1]?.trim();
      const instead = other === undefined ? '' : ` Use ${other}.`;
      report(
        call,
        `Your settings call ${name} blocking, and it runs on the event loop here.${instead}`,
        { fixes },
      );
    }
  }
};

/** The pattern, in which `*` stands for anything, that names this; what stands after its `->` is for the reader. */
function matching(name: string, patterns: ReadonlySet<string>): string | undefined {
  for (const each of patterns) {
    const pattern = each.split('->')[0]!.trim();
    if (pattern === name) return each;
    if (!pattern.includes('*')) continue;
    const parts = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
    if (new RegExp(`^${parts.join('.*')}$`).test(name)) return each;
  }
  return undefined;
}
