// async-busy-wait: a loop that does nothing but sleep until something changes.
import type { Expr, Node, While } from '../python/ast.ts';
import { within } from '../python/children.ts';
import { functionScope, lookup } from '../python/scope.ts';
import type { Check } from '../rule.ts';
import { suspends } from './cancelled.ts';

const SLEEPS = new Set([
  'asyncio.sleep',
  'asyncio.sleep_until',
  'trio.sleep',
  'trio.sleep_until',
  'trio.lowlevel.checkpoint',
  'anyio.sleep',
  'anyio.sleep_until',
  'anyio.lowlevel.checkpoint',
]);

export const asyncBusyWait: Check = ({ model, resolver, report }) => {
  for (const loop of model.loops) {
    if (loop.kind !== 'While') continue;
    const isSleep = (expr: Node) =>
      expr.kind === 'Await' &&
      expr.value.kind === 'Call' &&
      SLEEPS.has(resolver.callee(expr.value) ?? '');
    const sleeps = loop.body.some((each) => each.kind === 'ExprStmt' && isSleep(each.value));
    // With more in the loop it is polling when only somebody else can end it, and it awaits nothing else.
    if (!(sleeps && loop.body.length === 1)) {
      if (!asksOthers(loop.test) || !waitsForThese(loop, isSleep)) continue;
    }
    const at = { start: loop.start, end: loop.test.end };
    report(at, 'This polls; an Event wakes the task the moment the condition holds.');
  }
};

/** In it are such waits, and no other. */
function waitsForThese(loop: While, isSleep: (expr: Node) => boolean): boolean {
  const waits = [...within(loop.body)].filter(suspends);
  return waits.length > 0 && waits.every(isSleep);
}

/** The condition is about plain names and what lies in them, all bound in this file and none by the function itself. */
function asksOthers(test: Expr): boolean {
  const parts = [...within([test])];
  const names = parts.filter((node) => node.kind === 'Name');
  if (names.length === 0 || parts.some((node) => node.kind === 'Call' || node.kind === 'Await'))
    return false;
  return names.every((name) => {
    const owner = name.kind === 'Name' ? lookup(name.scope, name.id) : undefined;
    return owner !== undefined && owner !== functionScope(name.scope);
  });
}
