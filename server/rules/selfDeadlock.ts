// self-deadlock: a lock that can't be taken twice is taken again while held, by the same code or something it calls.
import type { Related } from '../diagnostic.ts';
import { suggestion } from '../python/fixes.ts';
import type { LockUse } from '../python/locks.ts';
import { functionOf } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';
import { shortName } from './lockOrderInversion.ts';

/** Not RLock; a Condition is made on an RLock unless told otherwise; a Semaphore may have room for both. */
const NOT_REENTRANT = /^(?:threading|multiprocessing|asyncio|anyio|trio)\.Lock$/;

export const selfDeadlock: Check = (context) => {
  const { model, resolver, locks, effects, report } = context;
  const uses = locks.uses();
  if (uses.length === 0) return;
  for (const use of uses) {
    if (!use.waits || !NOT_REENTRANT.test(use.type) || use.owner === 'other') continue;
    const held = locks
      .heldAt(use.at)
      .find(
        (each) => each.key === use.key && each.owner === use.owner && sameText(each, use, context),
      );
    if (held === undefined || (!held.viaWith && releasedElsewhere(held, context))) continue;
    report(
      use.at,
      `${shortName(use.key)} is already held here, and a Lock can't be taken twice: this waits for itself for ever.`,
      {
        fixes: reentrant(use, context),
        related: [place(model.path, held, 'taken here first')],
      },
    );
  }
  for (const call of model.calls) {
    const held = locks
      .heldAt(call)
      .filter(
        (use) => NOT_REENTRANT.test(use.type) && (use.owner === 'self' || use.owner === 'global'),
      );
    if (held.length === 0) continue;
    for (const chain of effects.acquiredBy(call, functionOf(call), resolver)) {
      const again = held.find((use) => use.key === chain.use.key && use.owner === chain.owner);
      if (again === undefined || !chain.use.waits) continue;
      const names = chain.steps.slice(0, -1).map((step) => step.name);
      const last = chain.steps.at(-1)!;
      const related: Related[] = [
        { path: last.path, start: last.at.start, end: last.at.end, message: 'taken again here' },
        place(model.path, again, 'held since here'),
      ];
      report(
        call,
        `${shortName(again.key)} is held here, and ${names.join(', which calls ')} takes it again: a Lock can't be taken twice, so this waits for itself for ever.`,
        { related, fixes: reentrant(again, context) },
      );
      break;
    }
  }
};

/** A lock that other functions release is a signal: acquiring it twice waits for them. */
function releasedElsewhere(use: LockUse, { model, locks }: Context): boolean {
  return model.nodes.some(
    (node) =>
      node.kind === 'Attribute' &&
      node.attr === 'release' &&
      functionOf(node) !== use.fn &&
      locks.identity(node.value)?.key === use.key,
  );
}

function place(path: string, use: LockUse, message: string): Related {
  return { path, start: use.at.start, end: use.at.end, message };
}

/** Locks in a list or dict share a name but not an identity. */
function sameText(a: LockUse, b: LockUse, { model }: Context): boolean {
  return model.text.slice(a.expr.start, a.expr.end) === model.text.slice(b.expr.start, b.expr.end);
}

function reentrant(use: LockUse, { resolver, model }: Context) {
  const value = resolver.value(use.expr);
  if (
    value?.kind !== 'instance' ||
    value.made?.kind !== 'Call' ||
    !use.type.startsWith('threading.')
  )
    return [];
  const { func } = value.made;
  const text = model.text.slice(func.start, func.end);
  if (!/(?:^|\.)Lock$/.test(text) || (func.kind === 'Name' && !model.scope.bindings.has('RLock')))
    return [];
  return [
    suggestion('Make it an RLock', [
      { start: func.end - 'Lock'.length, end: func.end, text: 'RLock' },
    ]),
  ];
}
