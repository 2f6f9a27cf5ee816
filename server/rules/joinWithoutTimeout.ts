// join-without-timeout: a thread is started and never joined, so nobody notices when it fails or hangs.
import type { Fix } from '../diagnostic.ts';
import type { Assign, Name } from '../python/ast.ts';
import { blockOf, isTrue, keyword } from '../python/calls.ts';
import { statementOf } from '../python/children.ts';
import { indentation, insert, lineEnd, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { readsOf } from '../python/names.ts';
import { type functionScope, lookup } from '../python/scope.ts';
import type { Check } from '../rule.ts';

export const joinWithoutTimeout: Check = ({ model, resolver, report }) => {
  for (const assign of model.assigns) {
    const call = assign.value;
    if (call?.kind !== 'Call' || isTrue(keyword(call, 'daemon')?.value)) continue;
    const path = resolver.callee(call);
    if (path !== 'threading.Thread' && path !== 'multiprocessing.Process') continue;
    const uses = usesOf(assign);
    if (uses === undefined) continue;
    const names = readsOf(model, uses.scope, uses.name.id);
    if (names.length === 0 || !names.every((name) => method(name) !== undefined)) continue;
    const methods = new Set(names.map(method));
    if (
      !methods.has('start') ||
      methods.has('join') ||
      methods.has('daemon') ||
      methods.has('setDaemon')
    )
      continue;
    report(
      call,
      `${uses.name.id} is started and never joined: nothing here notices when it fails or never ends.`,
      { fixes: joinIt(names, uses.name.id, model) },
    );
  }
};

/** At the end of the block in which it is started. */
function joinIt(names: readonly Name[], id: string, model: PythonModel): Fix[] {
  const start = names.find((name) => method(name) === 'start');
  const statement = start === undefined ? undefined : statementOf(start);
  if (statement === undefined) return [];
  const last = blockOf(statement).at(-1)!;
  if (last.kind === 'Return' || last.kind === 'Raise' || last.kind === 'Jump') return [];
  const at = lineEnd(model.text, last.end);
  const newline = model.text[at - 1] === '\n' ? '' : '\n';
  const text = `${newline}${indentation(model.text, statement.start)}${id}.join()\n`;
  return [suggestion('Join it', [insert(at, text)])];
}

function usesOf(
  assign: Assign,
): { name: Name; scope: ReturnType<typeof functionScope> } | undefined {
  const [target] = assign.targets;
  if (target?.kind !== 'Name' || assign.targets.length > 1) return undefined;
  const scope = lookup(target.scope, target.id);
  return scope === undefined || scope.kind === 'class' ? undefined : { name: target, scope };
}

function method(name: Name): string | undefined {
  return name.parent.kind === 'Attribute' ? name.parent.attr : undefined;
}
