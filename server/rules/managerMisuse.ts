// manager-misuse: a change deep inside a manager's dict or list stays in this process; a Manager made in a loop is costly.
import type { Fix } from '../diagnostic.ts';
import type { Expr, Node } from '../python/ast.ts';
import { loopAround } from '../python/calls.ts';
import { indentation, lineEnd, lineStart, replace, source, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const CHANGES = new Set(
  'append extend insert remove pop clear update add discard setdefault sort reverse popitem'.split(
    ' ',
  ),
);

export const managerMisuse: Check = ({ model, resolver, report }) => {
  if (!model.text.includes('Manager')) return;
  const message =
    'This changes a copy: what lies inside a proxy is only sent back when it is assigned to the proxy again.';
  for (const call of model.calls) {
    const { func } = call;
    if (func.kind === 'Attribute' && CHANGES.has(func.attr) && isInsideProxy(func.value, resolver))
      report(call, message, { fixes: assignAgain(func.value, call, model) });
    if (resolver.callee(call) === 'multiprocessing.Manager' && loopAround(call) !== undefined) {
      report(call, 'Every Manager starts a process of its own; make one before the loop.');
    }
  }
  for (const node of [...model.assigns, ...model.augmented]) {
    const targets = node.kind === 'Assign' ? node.targets : [node.target];
    for (const target of targets) {
      if (target.kind === 'Subscript' && isInsideProxy(target.value, resolver))
        report(node, message, { fixes: assignAgain(target.value, node, model) });
    }
  }
};

/** Takes the copy, changes it and assigns it to the proxy, which sends it back. */
function assignAgain(copy: Expr, at: Node, model: PythonModel): Fix[] {
  const statement = at.kind === 'Call' ? at.parent : at;
  if (statement.kind === 'Call' || (at.kind === 'Call' && statement.kind !== 'ExprStmt')) return [];
  const { text } = model;
  const line = text.slice(lineStart(text, statement.start), lineEnd(text, statement.end));
  if (line.trim() !== source(model, statement)) return [];
  const indent = indentation(text, statement.start);
  const place = source(model, copy);
  const change = `changed${text.slice(copy.end, statement.end)}`;
  const lines = [`changed = ${place}`, change, `${place} = changed`].join(`\n${indent}`);
  return [suggestion('Assign it to the proxy again', [replace(statement, lines)])];
}

/** `proxy[key]`: a plain copy of what the manager holds there, unless that is a proxy itself. */
function isInsideProxy(expr: Expr, resolver: Resolver): boolean {
  if (expr.kind !== 'Subscript') return false;
  const type = resolver.type(expr.value);
  if (type !== 'multiprocessing.DictProxy' && type !== 'multiprocessing.ListProxy') return false;
  return !holdsProxies(expr, resolver);
}

function holdsProxies(expr: Extract<Expr, { kind: 'Subscript' }>, resolver: Resolver): boolean {
  const { model } = resolver;
  const name = model.text.slice(expr.value.start, expr.value.end);
  return model.assigns.some((assign) => {
    const [target] = assign.targets;
    if (target?.kind !== 'Subscript' || assign.value === undefined) return false;
    if (model.text.slice(target.value.start, target.value.end) !== name) return false;
    return /Proxy$/.test(resolver.type(assign.value) ?? '');
  });
}
