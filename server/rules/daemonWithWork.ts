// daemon-with-work: a daemon thread writes or commits something, and is killed in the middle when the program ends.
import type { Node } from '../python/ast.ts';
import { isTrue, keyword } from '../python/calls.ts';
import { launched, launches } from '../python/concurrency.ts';
import { callsIn } from '../python/effects.ts';
import { suggestion } from '../python/fixes.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';
import { removeArgument } from './deprecatedLoopAccess.ts';

export const daemonWithWork: Check = ({ model, resolver, report }) => {
  for (const launch of launches(resolver)) {
    if (launch.by !== 'start' || !isTrue(keyword(launch.call, 'daemon')?.value)) continue;
    const target = launched(launch, resolver);
    if (target === undefined) continue;
    const work = callsIn(target.fn).find((call) => writes(call, target.resolver));
    if (work === undefined) continue;
    report(
      launch.call,
      `${target.fn.name} writes, and a daemon is killed wherever it is when the program ends; join it first.`,
      {
        fixes: [
          suggestion('Let the program wait for it', [
            removeArgument(
              model,
              launch.call,
              launch.call.args.findIndex((arg) => arg.name === 'daemon'),
            ),
          ]),
        ],
      },
    );
  }
};

function writes(call: Extract<Node, { kind: 'Call' }>, resolver: Resolver): boolean {
  const path = resolver.callee(call) ?? '';
  if (/#(?:commit|executemany|write_text|write_bytes|writelines)$|^io\.File#write$/.test(path))
    return true;
  if (path !== 'open') return false;
  const mode = call.args[1]?.value;
  return mode?.kind === 'Str' && /[wax+]/.test(mode.value);
}
