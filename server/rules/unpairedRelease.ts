// unpaired-release: a lock is released that nothing in the file acquires, or a Semaphore would not tell.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { blockOf } from '../python/calls.ts';
import { automatic, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { removedLine } from '../python/reindent.ts';
import { functionOf } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const RELEASE =
  /^(?:threading|multiprocessing|asyncio)\.(?:Lock|RLock|Semaphore|BoundedSemaphore)#release$/;

export const unpairedRelease: Check = (context) => {
  unbounded(context);
  const { model, resolver, locks, report } = context;
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined || !RELEASE.test(path) || call.func.kind !== 'Attribute') continue;
    const named = locks.identity(call.func.value);
    if (named === undefined || named.owner === 'other') continue;
    // Semaphores are released by others than took them, often from elsewhere: as signals.
    if (named.type.endsWith('.Semaphore')) continue;
    if (locks.uses().some((use) => use.key === named.key)) continue;
    if (model.calls.some((c) => c.args.some((a) => locks.identity(a.value)?.key === named.key)))
      continue;
    report(
      call,
      'Nothing in this file acquires what is released here; releasing a free lock raises.',
      { fixes: remove(call, model) },
    );
  }
};

function remove(call: Call, model: PythonModel): Fix[] {
  const statement = call.parent;
  const gone = statement.kind === 'ExprStmt' ? removedLine(model, statement) : undefined;
  if (gone === undefined || statement.kind !== 'ExprStmt' || blockOf(statement).length === 1)
    return [];
  return [suggestion('Remove the release', [gone])];
}

/** A semaphore that each function gives back itself guards a number of places: one release too many adds a place for ever. */
function unbounded({ model, resolver, locks, report }: Context): void {
  for (const made of model.calls) {
    const path = resolver.callee(made);
    if (path === undefined || !/^(?:threading|asyncio|multiprocessing)\.Semaphore$/.test(path))
      continue;
    const target = made.parent.kind === 'Assign' ? made.parent.targets[0] : undefined;
    const key = target === undefined ? undefined : locks.identity(target)?.key;
    if (key === undefined) continue;
    const releases = model.calls.filter(
      (call) =>
        call.func.kind === 'Attribute' &&
        call.func.attr === 'release' &&
        locks.identity(call.func.value)?.key === key,
    );
    const takers = new Set(
      locks
        .uses()
        .filter((use) => use.key === key && !use.viaWith)
        .map((use) => use.fn),
    );
    // As a signal between functions it is meant to grow.
    if (releases.length === 0 || !releases.every((call) => takers.has(functionOf(call)))) continue;
    const module = path.slice(0, path.indexOf('.'));
    const fixes =
      made.func.kind === 'Attribute'
        ? [
            automatic('Use BoundedSemaphore', [
              { start: made.func.attrStart, end: made.func.end, text: 'BoundedSemaphore' },
            ]),
          ]
        : [];
    report(
      made.func,
      `A release too many of this Semaphore adds a place for ever; ${module}.BoundedSemaphore raises then.`,
      { fixes },
    );
  }
}
