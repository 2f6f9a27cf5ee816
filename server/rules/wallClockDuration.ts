// wall-clock-duration: a duration is measured with time.time(), which jumps when the clock is set.
import type { Expr, Name, Operation } from '../python/ast.ts';
import { automatic, replace } from '../python/fixes.ts';
import { namesOf } from '../python/names.ts';
import type { Resolver } from '../python/resolve.ts';
import { lookup } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

export const wallClockDuration: Check = (context) => {
  if (!/\btime\s*\(\s*\)/.test(context.model.text)) return;
  for (const node of context.model.nodes) {
    if (node.kind !== 'Operation' || node.op !== '-' || node.operands.length !== 2) continue;
    const [left, right] = node.operands as [Expr, Expr];
    if (!fromClock(left, context.resolver) || !fromClock(right, context.resolver)) continue;
    context.report(
      node,
      'time.time jumps when the clock is set; perf_counter is made for durations.',
      { fixes: fix(node, context) },
    );
  }
};

/** `time.time()`, or a local name bound to nothing else. */
function fromClock(expr: Expr, resolver: Resolver): boolean {
  if (isClock(expr, resolver)) return true;
  if (expr.kind !== 'Name') return false;
  const scope = lookup(expr.scope, expr.id);
  const bindings = scope?.bindings.get(expr.id) ?? [];
  return (
    bindings.length > 0 &&
    bindings.every(
      (b) => b.kind === 'assign' && b.value !== undefined && isClock(b.value, resolver),
    )
  );
}

function isClock(expr: Expr, resolver: Resolver): boolean {
  return expr.kind === 'Call' && expr.args.length === 0 && resolver.callee(expr) === 'time.time';
}

/** Changes all clock reads the duration is made of, when they serve nothing else. */
function fix(node: Operation, { model, resolver }: Context) {
  const clocks: Expr[] = [];
  for (const operand of node.operands) {
    if (isClock(operand, resolver)) clocks.push(operand);
    else if (operand.kind === 'Name') {
      const scope = lookup(operand.scope, operand.id)!;
      for (const name of namesOf(model, scope, operand.id))
        if (!servesDurations(name, resolver)) return [];
      for (const binding of scope.bindings.get(operand.id) ?? []) clocks.push(binding.value!);
    }
  }
  const edits = clocks.flatMap((clock) => {
    if (clock.kind !== 'Call' || clock.func.kind !== 'Attribute') return [];
    return [replace({ start: clock.func.attrStart, end: clock.func.end }, 'perf_counter')];
  });
  return edits.length === clocks.length ? [automatic('Use time.perf_counter', edits)] : [];
}

function servesDurations(name: Name, resolver: Resolver): boolean {
  const { parent } = name;
  if (parent.kind === 'Assign') return parent.targets.includes(name);
  return (
    parent.kind === 'Operation' &&
    parent.op === '-' &&
    parent.operands.every((each) => fromClock(each, resolver))
  );
}
