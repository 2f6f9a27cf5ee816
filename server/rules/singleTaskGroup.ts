// single-task-group: a task group that starts one task only; awaiting it does the same.
import type { Expr } from '../python/ast.ts';
import { some } from '../python/children.ts';
import type { Check } from '../rule.ts';
import { isTaskGroup } from './scopes.ts';

export const singleTaskGroup: Check = ({ model, resolver, report }) => {
  for (const node of model.withs) {
    const [only] = node.body;
    // A task that is kept by name is wanted as a task.
    if (node.body.length !== 1 || only?.kind !== 'ExprStmt') continue;
    const call = only.value.kind === 'Await' ? only.value.value : only.value;
    if (call.kind !== 'Call' || call.func.kind !== 'Attribute' || call.func.value.kind !== 'Name')
      continue;
    if (!/^(?:start_soon|start|create_task)$/.test(call.func.attr)) continue;
    const group = call.func.value.id;
    if (call.args.some((arg) => names(arg.value, group))) continue;
    for (const item of node.items) {
      if (item.target?.kind !== 'Name' || item.target.id !== group || !isTaskGroup(item, resolver))
        continue;
      report(
        item.value,
        'This group starts one task and waits for it; awaiting the call does the same without a group.',
      );
    }
  }
};

function names(expr: Expr, id: string): boolean {
  return (
    some([expr], (node) => node.kind === 'Name' && node.id === id) ||
    (expr.kind === 'Lambda' && names(expr.body, id))
  );
}
