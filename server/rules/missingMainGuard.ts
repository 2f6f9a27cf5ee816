// missing-main-guard: processes are started when the file is imported, and every child that spawns imports it again.
import type { Fix } from '../diagnostic.ts';
import type { Call, If, Stmt } from '../python/ast.ts';
import { around, statementOf, within } from '../python/children.ts';
import { callsIn } from '../python/effects.ts';
import { automatic, insert } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { indented } from '../python/reindent.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const STARTS = new Set([
  'multiprocessing.Process#start',
  'multiprocessing.Pool',
  'multiprocessing.Manager',
  'multiprocessing.SyncManager#start',
  'concurrent.futures.ProcessPoolExecutor#submit',
  'concurrent.futures.ProcessPoolExecutor#map',
]);

export const missingMainGuard: Check = ({ model, resolver, report }) => {
  if (!/Process|Pool|Manager/.test(model.text)) return;
  for (const call of model.calls) {
    if (call.scope.kind !== 'module' || isGuarded(call)) continue;
    if (!startsProcess(call, resolver)) continue;
    const statement = topStatement(call);
    if (statement === undefined) continue;
    report(
      call,
      'This starts a process whenever the file is imported, and children import it: guard it with if __name__ == "__main__".',
      {
        fixes: guard(statement, model),
      },
    );
    return;
  }
};

function startsProcess(call: Call, resolver: Resolver): boolean {
  const path = resolver.callee(call);
  if (path !== undefined && STARTS.has(path)) return true;
  // `main()` at the bottom of a script is as good as its body.
  const target = resolver.functionCalled(call);
  if (target === undefined || target.resolver !== resolver || target.fn.isAsync) return false;
  return callsIn(target.fn).some((inner) => STARTS.has(resolver.callee(inner) ?? ''));
}

/** Under `if __name__ …`, or any other condition: somebody thought about it. */
function isGuarded(call: Call): boolean {
  for (const node of around(call)) {
    if (node.kind === 'If') return true;
    if (node.kind === 'Try') continue;
  }
  return false;
}

function topStatement(call: Call): Stmt | undefined {
  let statement = statementOf(call);
  while (statement !== undefined && statement.parent.kind !== 'Module') {
    statement =
      statement.parent.kind === 'FunctionDef' || statement.parent.kind === 'ClassDef'
        ? undefined
        : (statement.parent as Stmt);
  }
  return statement;
}

/** Puts everything from here to the end of the file, or to an existing guard, under a guard. */
function guard(statement: Stmt, model: PythonModel): Fix[] {
  const { body } = model.module;
  const from = body.indexOf(startOf(statement, model));
  const existing = body.findIndex((each, index) => index >= from && isMainGuard(each));
  const rest = body.slice(from, existing === -1 ? undefined : existing);
  if (
    rest.some(
      (each) => each.kind === 'Import' || each.kind === 'FunctionDef' || each.kind === 'ClassDef',
    )
  )
    return [];
  const inside = indented(model, rest);
  if (inside === undefined) return [];
  const head = insert(rest[0]!.start, "if __name__ == '__main__':\n");
  return [
    automatic('Guard it', [{ ...head, text: head.text + inside[0]!.text }, ...inside.slice(1)]),
  ];
}

/** The statements right before that only make what is started belong inside as well. */
function startOf(statement: Stmt, model: PythonModel): Stmt {
  const { body } = model.module;
  let at = body.indexOf(statement);
  while (at > 0 && body[at - 1]!.kind === 'Assign' && usesProcess(body[at - 1]!)) at--;
  return body[at]!;
}

function usesProcess(statement: Stmt): boolean {
  for (const node of within([statement]))
    if (
      node.kind === 'Call' &&
      /Process|Pool|Queue|Manager/.test(
        node.func.kind === 'Attribute'
          ? node.func.attr
          : node.func.kind === 'Name'
            ? node.func.id
            : '',
      )
    )
      return true;
  return false;
}

function isMainGuard(statement: Stmt): statement is If {
  return (
    statement.kind === 'If' &&
    statement.test.kind === 'Operation' &&
    statement.test.operands.some((o) => o.kind === 'Name' && o.id === '__name__')
  );
}
