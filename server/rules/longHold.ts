// long-hold: something that waits for others is done while a lock is held.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { blockingCall } from '../python/blocking.ts';
import { dotted } from '../python/calls.ts';
import { indentation, lineEnd, lineStart, suggestion } from '../python/fixes.ts';
import { THREAD_LOCKS } from '../python/locks.ts';
import type { PythonModel } from '../python/model.ts';
import { moved } from '../python/reindent.ts';
import type { Check } from '../rule.ts';

export const longHold: Check = ({ model, resolver, locks, report }) => {
  const uses = locks.uses();
  if (uses.length === 0) return;
  for (const call of model.calls) {
    const held = locks
      .heldAt(call)
      .filter((use) => THREAD_LOCKS.has(use.type) && !use.type.endsWith('emaphore'));
    if (held.length === 0) continue;
    const found = blockingCall(call, resolver);
    if (
      found === undefined ||
      found.again === true ||
      found.quick === true ||
      found.starts === true ||
      found.rule === 'blocking-file-io' ||
      /\.acquire$/.test(found.name)
    )
      continue;
    // Waiting on a condition gives its lock back meanwhile.
    if (/Condition\.wait/.test(found.name)) continue;
    const name = dotted(held[0]!.expr) ?? 'a lock';
    report(
      call,
      `${found.name} waits here while ${name} is held, and everybody who wants ${name} waits along.`,
      { fixes: moveOut(call, model) },
    );
  }
};

/** What stands first in the `with` can go before it, what stands last behind it. */
function moveOut(call: Call, model: PythonModel): Fix[] {
  const statement = call.parent;
  const held = statement.parent;
  if (statement.kind !== 'ExprStmt' || held.kind !== 'With' || held.body.length < 2) return [];
  const { text } = model;
  const isFirst = held.body[0] === statement;
  if (!isFirst && held.body.at(-1) !== statement) return [];
  const at = isFirst ? lineStart(text, held.start) : lineEnd(text, held.end);
  const edits = moved(model, statement, at, indentation(text, held.start));
  return edits === undefined ? [] : [suggestion('Move it out of the with', edits)];
}
