// global-across-processes: a function that runs in another process changes a global that this process reads.
import type { Assign, AugAssign } from '../python/ast.ts';
import { within } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import { readsOf } from '../python/names.ts';
import { functionOf, moduleScope } from '../python/scope.ts';
import type { Check } from '../rule.ts';
import { shareValue } from './sharedValueFix.ts';

export const globalAcrossProcesses: Check = (context) => {
  const { model, resolver, report } = context;
  const remote = new Set(
    launches(resolver)
      .filter((each) => each.where === 'process')
      .map((each) => launched(each, resolver)?.fn),
  );
  const local = new Set(
    launches(resolver)
      .filter((each) => each.where === 'thread')
      .map((each) => launched(each, resolver)?.fn),
  );
  for (const fn of remote) {
    if (fn === undefined || local.has(fn) || fn.scope !== model.scope) continue;
    for (const node of within(fn.body)) {
      if (node.kind !== 'Assign' && node.kind !== 'AugAssign') continue;
      const name = globalTarget(node);
      if (name === undefined) continue;
      const readHere = readsOf(model, moduleScope(fn.scope), name).some((read) => {
        const reader = functionOf(read);
        return reader !== fn && !remote.has(reader as typeof fn);
      });
      if (!readHere) continue;
      report(
        node,
        `${fn.name} runs in another process and changes its own copy of ${name}; the one read in this process stays as it is.`,
        { fixes: shareValue(fn, name, context) },
      );
    }
  }
};

function globalTarget(node: Assign | AugAssign): string | undefined {
  const target = node.kind === 'AugAssign' ? node.target : node.targets[0];
  if (target?.kind !== 'Name') return undefined;
  return target.scope.globals.has(target.id) ? target.id : undefined;
}
