// wait-not-in-loop: Condition.wait returns without the condition being true; only a loop around it asks again.
import type { Fix } from '../diagnostic.ts';
import type { Call, Node, WithItem } from '../python/ast.ts';
import { dotted, isStatementCall } from '../python/calls.ts';
import { around } from '../python/children.ts';
import { automatic } from '../python/fixes.ts';
import { functionOf } from '../python/scope.ts';
import type { Check } from '../rule.ts';

const WAIT = /^(?:threading|multiprocessing|asyncio|anyio|trio)\.Condition#wait$/;

export const waitNotInLoop: Check = ({ resolver, model, report }) => {
  for (const call of model.calls) {
    if (!WAIT.test(resolver.callee(call) ?? '')) continue;
    if (isInLoop(call)) continue;
    // Whoever calls this in a loop asks again there.
    const fn = functionOf(call);
    const isAskedAgain = (each: Call) => resolver.functionCalled(each)?.fn === fn && isInLoop(each);
    if (fn !== undefined && (isInLoop(fn) || model.calls.some(isAskedAgain))) continue;
    // With a timeout or a used result the caller may well look at the outcome itself.
    if (call.args.length > 0 || !isLoneStatement(call) || isLimited(call)) continue;
    report(
      call,
      'wait also returns when nobody made the condition true; ask again in a while, or use wait_for.',
      { fixes: loop(call, model.text) },
    );
  }
};

function isInLoop(node: Node): boolean {
  for (const each of around(node)) if (each.kind === 'While' || each.kind === 'For') return true;
  return false;
}

/** `with move_on_after(…):`, asyncio's and trio's way to say how long. */
function isLimited(call: Call): boolean {
  for (const each of around(call)) {
    if (each.kind !== 'With') continue;
    const isLimit = ({ value }: WithItem) =>
      value.kind === 'Call' && LIMIT.test(dotted(value.func) ?? '');
    if (each.items.some(isLimit)) return true;
  }
  return false;
}

const LIMIT = /(?:^|\.)(?:timeout|timeout_at|move_on_after|move_on_at|fail_after|fail_at)$/;

function isLoneStatement(call: Call): boolean {
  return (
    isStatementCall(call) ||
    (call.parent.kind === 'Await' && call.parent.parent.kind === 'ExprStmt')
  );
}

/** `if not ready: cond.wait()` becomes `while not ready: cond.wait()`. */
function loop(call: Call, text: string): Fix[] {
  const statement = call.parent.kind === 'Await' ? call.parent.parent : call.parent;
  const outer = statement.parent;
  if (outer.kind !== 'If' || outer.orelse.length > 0 || outer.body.length !== 1) return [];
  if (!text.startsWith('if', outer.start)) return [];
  return [
    automatic('Ask again in a while', [
      { start: outer.start, end: outer.start + 2, text: 'while' },
    ]),
  ];
}
