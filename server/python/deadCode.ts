// Branches that never run, by what their condition says: one source of a synchronous and an async library is written so.
import type { Expr, If } from './ast.ts';
import type { PythonModel } from './model.ts';
import { lookup } from './scope.ts';

/** Stretches of source that no run gets to. */
export function neverRun(model: PythonModel): (at: number) => boolean {
  const stretches: { from: number; to: number }[] = [];
  for (const node of model.nodes) {
    if (node.kind !== 'If') continue;
    const truth = truthOf(node.test, node);
    const dead = truth === true ? node.orelse : truth === false ? node.body : [];
    const [first] = dead;
    if (first !== undefined) stretches.push({ from: first.start, to: dead.at(-1)!.end });
  }
  return (at) => stretches.some(({ from, to }) => from <= at && at < to);
}

function truthOf(test: Expr, node: If): boolean | undefined {
  if (test.kind === 'Literal')
    return test.text === 'True' ? true : test.text === 'False' ? false : undefined;
  if (test.kind === 'Operation' && test.op === 'not' && test.operands[0] !== undefined) {
    const truth = truthOf(test.operands[0], node);
    return truth === undefined ? undefined : !truth;
  }
  if (test.kind !== 'Name') return undefined;
  if (test.id === 'TYPE_CHECKING') return false;
  // A switch of the module chooses between two ways; with one alone, as `if DEBUG:`, it is there to be turned.
  const scope = node.orelse.length === 0 ? undefined : lookup(test.scope, test.id);
  const [binding, ...more] = scope?.kind === 'module' ? (scope.bindings.get(test.id) ?? []) : [];
  const value = binding?.kind === 'assign' && more.length === 0 ? binding.value : undefined;
  return value?.kind === 'Literal' ? truthOf(value, node) : undefined;
}
