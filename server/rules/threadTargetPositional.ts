// thread-target-positional: Thread's first parameter is `group`, so a function given first is not run.
import { automatic, insert } from '../python/fixes.ts';
import { isNone } from '../python/value.ts';
import type { Check } from '../rule.ts';

export const threadTargetPositional: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path !== 'threading.Thread' && path !== 'multiprocessing.Process') continue;
    if (resolver.value(call.func)?.kind !== 'library') continue;
    const [first] = call.args;
    if (first === undefined && path === 'threading.Thread') {
      report(call, 'A Thread without target= runs nothing.');
      continue;
    }
    if (first === undefined || first.name !== undefined || first.star !== '' || isNone(first.value))
      continue;
    if (call.args.some((arg) => arg.name === 'target')) continue;
    const positional = call.args.filter((arg) => arg.name === undefined);
    const fixes =
      positional.length === 1
        ? [automatic('Name it target', [insert(first.start, 'target=')])]
        : [];
    report(
      first,
      `The first parameter of ${path.split('.')[1]} is group, which must be None: write target=.`,
      { fixes },
    );
  }
};
