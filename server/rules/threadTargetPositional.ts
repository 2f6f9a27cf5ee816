// thread-target-positional: Thread's first parameter is `group`, so a function given first is not run.
import { automatic, insert } from '../python/fixes.ts';
import { isNone } from '../python/value.ts';
import type { Check } from '../rule.ts';

export const threadTargetPositional: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path !== 'threading.Thread' && path !== 'multiprocessing.Process') continue;
    if (resolver.value(call.func)?.kind !== 'library') continue;
    const [first, second] = call.args;
    if (call.args.some((arg) => arg.star !== '')) continue;
    const has = (name: string) => call.args.some((arg) => arg.name === name);
    const isBare = second === undefined || second.name !== undefined || isNone(second.value);
    const isEmpty = first === undefined || first.name !== undefined || isNone(first.value);
    if (isEmpty && isBare && !has('target') && path === 'threading.Thread') {
      report(call, 'A Thread without target= runs nothing.');
      continue;
    }
    if (first === undefined || first.name !== undefined) continue;
    if (isNone(first.value)) {
      if (second === undefined || second.name !== undefined || isNone(second.value)) continue;
      const alone = call.args.filter((arg) => arg.name === undefined).length === 2;
      report(second, 'Without its name nobody sees that this is the target: write target=.', {
        severity: 'hint',
        fixes: alone ? [automatic('Name it target', [insert(second.start, 'target=')])] : [],
      });
      continue;
    }
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
