// no-overlap: a loop awaits one independent call after another, so nothing overlaps.
import type { Await, Call, Expr, For, Stmt } from '../python/ast.ts';
import { asyncFunctionOf, dotted } from '../python/calls.ts';
import { some } from '../python/children.ts';
import { asyncLibrary, importing, replace, source, suggestion } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

export const noOverlap: Check = ({ model, resolver, report }) => {
  for (const loop of model.loops) {
    if (loop.kind !== 'For' || loop.isAsync || loop.body.length !== 1 || loop.orelse.length > 0)
      continue;
    if (asyncFunctionOf(loop) === undefined) continue;
    const found = independent(loop.body[0]!);
    if (found === undefined || found.await.value.kind !== 'Call') continue;
    const path = resolver.callee(found.await.value);
    if (path !== undefined && /\.sleep$|#(?:put|get|acquire|join|wait|drain|start)$/.test(path))
      continue;
    if (ORDERED.test(dotted(found.await.value.func) ?? '')) continue;
    if (!usesTarget(found.await.value, loop)) continue;
    const fixes = [];
    if (asyncLibrary(model) === 'asyncio' && !source(model, loop).includes('#')) {
      const module = importing(model, 'asyncio');
      const call = source(model, found.await.value);
      const head = `${module.name}.gather(*(${call} for ${source(model, loop.target)} in ${source(model, loop.iter)}))`;
      const text =
        found.list === undefined
          ? `await ${head}`
          : `${source(model, found.list)}.extend(await ${head})`;
      fixes.push(
        suggestion('Gather them (mind the limit)', [...module.edits, replace(loop, text)]),
      );
    }
    report(
      { start: loop.start, end: loop.iter.end },
      'Each round waits for the one before; if they are independent, gather them with a limit.',
      { fixes },
    );
  }
};

/** What goes out or comes in one after another: in another order it would be something else. */
const ORDERED =
  /(?:^|\.)_*(?:send|write|push|emit|put|feed|reply|respond|print|yield|receive|recv|read|step|advance)(?:_|$)/;

/** `await f(x)` and `results.append(await f(x))`. */
function independent(statement: Stmt): { await: Await; list: Expr | undefined } | undefined {
  if (statement.kind !== 'ExprStmt') return undefined;
  const { value } = statement;
  if (value.kind === 'Await') return { await: value, list: undefined };
  if (value.kind !== 'Call' || value.func.kind !== 'Attribute' || value.func.attr !== 'append')
    return undefined;
  const [arg] = value.args;
  return arg?.value.kind === 'Await' && value.args.length === 1
    ? { await: arg.value, list: value.func.value }
    : undefined;
}

function usesTarget(call: Call, loop: For): boolean {
  const names = new Set<string>();
  for (const part of loop.target.kind === 'Sequence' ? loop.target.elements : [loop.target])
    if (part.kind === 'Name') names.add(part.id);
  return call.args.some((arg) =>
    some([arg.value], (node) => node.kind === 'Name' && names.has(node.id)),
  );
}
