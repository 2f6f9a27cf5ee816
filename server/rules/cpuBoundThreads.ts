// cpu-bound-threads: threads are given pure computing, which the GIL runs one after another.
import type { Fix } from '../diagnostic.ts';
import type { FunctionDef } from '../python/ast.ts';
import { blockingCall } from '../python/blocking.ts';
import { within } from '../python/children.ts';
import { type Launch, launched, launches } from '../python/concurrency.ts';
import { callsIn } from '../python/effects.ts';
import { importing, replace, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';
import { isLongRange } from './cpuBoundInAsync.ts';

export const cpuBoundThreads: Check = ({ model, resolver, report }) => {
  for (const launch of launches(resolver)) {
    if (launch.where !== 'thread') continue;
    const target = launched(launch, resolver);
    if (target === undefined || !computes(target.fn, target.resolver)) continue;
    report(
      launch.call,
      `${target.fn.name} only computes, and threads compute one at a time under the GIL; processes would overlap.`,
      { fixes: processes(launch, model, resolver) },
    );
  }
};

/** The same work in processes: another executor, or a Process in place of the Thread. */
function processes(launch: Launch, model: PythonModel, resolver: Resolver): Fix[] {
  const { call } = launch;
  if (launch.by === 'start') {
    if (resolver.callee(call) !== 'threading.Thread') return [];
    const module = importing(model, 'multiprocessing');
    return [
      suggestion('Run it in a process', [
        ...module.edits,
        replace(call.func, `${module.name}.Process`),
      ]),
    ];
  }
  const pool = call.func.kind === 'Attribute' ? resolver.value(call.func.value) : undefined;
  const made = pool?.kind === 'instance' && pool.made?.kind === 'Call' ? pool.made : undefined;
  if (made === undefined || !model.calls.includes(made)) return [];
  if (resolver.callee(made) !== 'concurrent.futures.ThreadPoolExecutor') return [];
  const module = importing(model, 'concurrent.futures');
  return [
    suggestion('Use processes', [
      ...module.edits,
      replace(made.func, `${module.name}.ProcessPoolExecutor`),
    ]),
  ];
}

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
