// task-dropped: the task that create_task or ensure_future gives is not kept, so it may be collected before it is done.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { isDiscarded } from '../python/calls.ts';
import {
  automatic,
  beginsLine,
  indentation,
  insert,
  lineEnd,
  replace,
  source,
} from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { readsOf } from '../python/names.ts';
import { functionScope, lookup } from '../python/scope.ts';
import type { Check } from '../rule.ts';

const MAKERS = new Set([
  'asyncio.create_task',
  'asyncio.ensure_future',
  'asyncio.Loop#create_task',
]);

export const taskDropped: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined || !MAKERS.has(path) || !isDropped(call, model)) continue;
    report(
      call,
      'Nobody keeps this task: the loop holds it only weakly, so it may vanish unfinished, and its failure goes unseen.',
      { fixes: keep(call, model) },
    );
  }
};

function isDropped(call: Call, model: PythonModel): boolean {
  if (isDiscarded(call)) return true;
  if (call.parent.kind !== 'Assign' || call.parent.value !== call) return false;
  const [target, ...more] = call.parent.targets;
  if (target?.kind !== 'Name' || more.length > 0) return false;
  const scope = functionScope(target.scope);
  if (scope.kind !== 'function' || lookup(target.scope, target.id) !== scope) return false;
  return readsOf(model, scope, target.id).length === 0;
}

/** Keeps the task in a set of the module, as the asyncio documentation does. */
function keep(call: Call, model: PythonModel): Fix[] {
  const statement = call.parent;
  if (statement.kind !== 'ExprStmt' && statement.kind !== 'Assign') return [];
  const indent = indentation(model.text, statement.start);
  const target =
    statement.kind === 'Assign' && statement.targets[0]?.kind === 'Name'
      ? statement.targets[0].id
      : 'task';
  const known = model.scope.bindings.has('background_tasks');
  const lines = [
    `${target} = ${source(model, call)}`,
    `background_tasks.add(${target})`,
    `${target}.add_done_callback(background_tasks.discard)`,
  ];
  const between = beginsLine(model.text, statement.start) ? `\n${indent}` : '; ';
  const edits = [replace(statement, lines.join(between))];
  if (!known) edits.unshift(insert(afterImports(model), 'background_tasks = set()\n'));
  return [automatic('Keep the task in a set until it is done', edits)];
}

/** Just past the last import at the top of the file. */
export function afterImports(model: PythonModel): number {
  let at = 0;
  for (const [index, statement] of model.module.body.entries()) {
    const isDocstring =
      index === 0 && statement.kind === 'ExprStmt' && statement.value.kind === 'Str';
    if (statement.kind !== 'Import' && !isDocstring) break;
    at = lineEnd(model.text, statement.end);
  }
  return at;
}
