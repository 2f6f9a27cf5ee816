// gather-loses-failures: what gather collects as exceptions is never looked at, or one failure leaves the siblings alone.
import type { Call } from '../python/ast.ts';
import { isTrue, keyword } from '../python/calls.ts';
import { around } from '../python/children.ts';
import { callsIn } from '../python/effects.ts';
import { importing, replace, source, suggestion } from '../python/fixes.ts';
import { functionOf } from '../python/scope.ts';
import type { Check } from '../rule.ts';
import { removeArgument } from './deprecatedLoopAccess.ts';

export const gatherLosesFailures: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    if (resolver.callee(call) !== 'asyncio.gather' || call.parent.kind !== 'Await') continue;
    const unused = call.parent.parent.kind === 'ExprStmt';
    const collects = isTrue(keyword(call, 'return_exceptions')?.value);
    if (collects && unused) {
      if (afterCancel(call)) continue;
      const at = call.args.findIndex((arg) => arg.name === 'return_exceptions');
      report(
        call,
        'return_exceptions=True turns failures into results, and nobody looks at the results here.',
        {
          fixes: [suggestion('Let the first failure raise', [removeArgument(model, call, at)])],
        },
      );
      continue;
    }
    if (keyword(call, 'return_exceptions') !== undefined || call.args.length < 2) continue;
    const caught = [...around(call)].some(
      (node) =>
        node.kind === 'Try' &&
        node.handlers.length > 0 &&
        node.start < call.start &&
        node.body.some((s) => s.start <= call.start && call.end <= s.end),
    );
    if (!unused || !caught) continue;
    const module = importing(model, 'asyncio');
    const tasks = call.args.map((arg, index) => (arg.star === '' ? `  ${index}` : ''));
    if (tasks.includes('')) {
      report(
        call,
        'When one of these fails the others run on with nobody watching; an asyncio.TaskGroup cancels them.',
      );
      continue;
    }
    const statement = call.parent.parent;
    const indent = /[^\n]*$/.exec(model.text.slice(0, statement.start))![0];
    const lines = call.args.map((arg) => `${indent}    group.create_task(${source(model, arg)})`);
    const text = `async with ${module.name}.TaskGroup() as group:\n${lines.join('\n')}`;
    report(
      call,
      'When one of these fails the others run on with nobody watching; an asyncio.TaskGroup cancels them.',
      {
        fixes: /^\s*$/.test(indent)
          ? [suggestion('Use a TaskGroup', [...module.edits, replace(statement, text)])]
          : [],
      },
    );
  }
};

/** Cancelled tasks are gathered to let them end; that they failed with the cancellation is no news. */
function afterCancel(call: Call): boolean {
  const fn = functionOf(call);
  return (
    fn !== undefined &&
    callsIn(fn).some(
      (each) =>
        each.end < call.start && each.func.kind === 'Attribute' && each.func.attr === 'cancel',
    )
  );
}
