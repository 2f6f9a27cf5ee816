// cpu-bound-threads: threads are given pure computing, which the GIL runs one after another.
import type { FunctionDef } from '../python/ast.ts';
import { blockingCall } from '../python/blocking.ts';
import { within } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import { callsIn } from '../python/effects.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';
import { isLongRange } from './cpuBoundInAsync.ts';

export const cpuBoundThreads: Check = ({ resolver, report }) => {
  for (const launch of launches(resolver)) {
    if (launch.where !== 'thread') continue;
    const target = launched(launch, resolver);
    if (target === undefined || !computes(target.fn, target.resolver)) continue;
    report(
      launch.call,
      `${target.fn.name} only computes, and threads compute one at a time under the GIL; processes would overlap.`,
    );
  }
};

function computes(fn: FunctionDef, resolver: Resolver): boolean {
  if (callsIn(fn).some((call) => blockingCall(call, resolver) !== undefined)) return false;
  for (const node of within(fn.body)) {
    if (node.kind === 'For' && isLongRange(node.iter, resolver)) return true;
    if (
      node.kind === 'Comprehension' &&
      node.generators.some((each) => isLongRange(each.iter, resolver))
    )
      return true;
  }
  return false;
}
