// thread-target-positional: Thread's first parameter is `group`, so a function given first is not run.
import type { Call } from '../python/ast.ts';
import { dotted } from '../python/children.ts';
import { automatic, insert } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { readsOf } from '../python/names.ts';
import { lookup } from '../python/scope.ts';
import { isNone } from '../python/value.ts';
import type { Check } from '../rule.ts';

export const threadTargetPositional: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path !== 'threading.Thread' && path !== 'multiprocessing.Process') continue;
    if (resolver.value(call.func)?.kind !== 'library') continue;
    const [first, second] = call.args;
    if (call.args.some((arg) => arg.star === '*')) continue;
    const isOpen = call.args.some((arg) => arg.star === '**');
    const has = (name: string) => call.args.some((arg) => arg.name === name);
    const isBare = second === undefined || second.name !== undefined || isNone(second.value);
    const isEmpty = first === undefined || first.name !== undefined || isNone(first.value);
    if (isEmpty && isBare && !has('target') && !isOpen && path === 'threading.Thread') {
      report(call, 'A Thread without target= runs nothing.', {
        ...(isOnlyLookedAt(call, model) ? { severity: 'hint' } : {}),
      });
      continue;
    }
    if (first === undefined || first.name !== undefined || first.star !== '') continue;
    if (isNone(first.value)) continue;
    if (call.args.some((arg) => arg.name === 'target')) continue;
    const positional = call.args.filter((arg) => arg.name === undefined && arg.star === '');
    const fixes =
      positional.length === 1 && !isOpen
        ? [automatic('Name it target', [insert(first.start, 'target=')])]
        : [];
    report(
      { start: call.start, end: first.end },
      `The first parameter of ${path.split('.')[1]} is group, which must be None: write target=.`,
      { fixes },
    );
  }
};

/** Kept under a name of a function that never starts it, as its tests do. */
function isOnlyLookedAt(call: Call, model: PythonModel): boolean {
  const target = call.parent.kind === 'Assign' ? call.parent.targets[0] : undefined;
  if (target?.kind !== 'Name') return false;
  const scope = lookup(target.scope, target.id);
  if (scope?.kind !== 'function') return false;
  return readsOf(model, scope, target.id).every(({ parent }) =>
    parent.kind === 'Attribute'
      ? parent.attr !== 'start'
      : parent.kind === 'Call' && /^(?:repr|str|print|bool)$/.test(dotted(parent.func) ?? ''),
  );
}
