// run-instead-of-start: run() does the work in the calling thread; start() makes the thread.
import type { Call, Expr, Node } from '../python/ast.ts';
import { dotted } from '../python/calls.ts';
import { around, some } from '../python/children.ts';
import { automatic } from '../python/fixes.ts';
import { selfClass } from '../python/model.ts';
import type { Check } from '../rule.ts';

export const runInsteadOfStart: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const { func } = call;
    if (func.kind !== 'Attribute' || func.attr !== 'run' || call.args.length > 0) continue;
    const type = resolver.type(func.value);
    if (
      type !== 'threading.Thread' &&
      type !== 'multiprocessing.Process' &&
      type !== 'threading.Timer'
    )
      continue;
    // A thread's own methods may call run, and so may what stands in for the thread.
    if (func.value.kind === 'Name' && selfClass(func.value.id, call) !== undefined) continue;
    if (
      func.value.kind === 'Call' &&
      func.value.func.kind === 'Name' &&
      func.value.func.id === 'super'
    )
      continue;
    if (isChosen(call, func.value)) continue;
    const what = type.endsWith('Process') ? 'process' : 'thread';
    report(
      call,
      `run does the work right here, in the calling ${what}; start makes the new ${what}.`,
      {
        fixes: [automatic('Call start', [{ start: func.attrStart, end: func.end, text: 'start' }])],
      },
    );
  }
};

/** `if parallel: work.start()`, `else: work.run()`. */
function isChosen(call: Call, thing: Expr): boolean {
  const name = dotted(thing);
  const isStart = (each: Node) =>
    each.kind === 'Attribute' && each.attr === 'start' && dotted(each.value) === name;
  return [...around(call)].some(
    (node) => node.kind === 'If' && (some(node.body, isStart) || some(node.orelse, isStart)),
  );
}
