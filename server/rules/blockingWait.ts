// blocking-wait: an async function waits synchronously for a socket, a database, a queue, a lock, a thread or a future.
import { blockingCall } from '../python/blocking.ts';
import { asyncFunctionOf, dotted, isAwaited } from '../python/calls.ts';
import { toThread } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

export const blockingWait: Check = ({ model, resolver, blockingNames, report }) => {
  for (const call of model.calls) {
    if (asyncFunctionOf(call) === undefined) continue;
    const found = blockingCall(call, resolver);
    const fix = () =>
      dotted(call.func) === undefined || call.parent.kind === 'With'
        ? undefined
        : toThread(model, call);
    if (found?.rule === 'blocking-wait') {
      const fixes = [fix()].filter((each) => each !== undefined);
      report(call, `${found.name} may wait for long, and the event loop stands still as long.`, {
        fixes,
      });
    } else if (found === undefined && blockingNames.size > 0 && !isAwaited(call)) {
      const name = resolver.callee(call)?.replace('#', '.') ?? dotted(call.func) ?? '';
      if (!matches(name, blockingNames)) continue;
      const fixes = [fix()].filter((each) => each !== undefined);
      report(call, `Your settings call ${name} blocking, and it runs on the event loop here.`, {
        fixes,
      });
    }
  }
};

/** Whether a pattern in which `*` stands for anything names this; what stands after `->` is for the reader. */
function matches(name: string, names: ReadonlySet<string>): boolean {
  if (names.has(name)) return true;
  for (const each of names) {
    const pattern = each.split('->')[0]!.trim();
    if (pattern === name) return true;
    if (!pattern.includes('*')) continue;
    const parts = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
    if (new RegExp(`^${parts.join('.*')}$`).test(name)) return true;
  }
  return false;
}
