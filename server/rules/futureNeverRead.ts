// future-never-read: what submit, map or apply_async gives back is dropped, and with it every exception of the work.
import type { Call, FunctionDef, Node, Stmt } from '../python/ast.ts';
import { dotted, isDiscarded, isStatementCall, keyword } from '../python/calls.ts';
import { everything } from '../python/children.ts';
import { insert, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { readsOf } from '../python/names.ts';
import type { Resolver } from '../python/resolve.ts';
import { lookup } from '../python/scope.ts';
import type { Check } from '../rule.ts';

const LAZY =
  /^(?:concurrent\.futures\.(?:Thread|Process)PoolExecutor#(?:submit|map)|multiprocessing\.(?:Pool|ThreadPool)#(?:apply_async|map_async|starmap_async|imap|imap_unordered))$/;

export const futureNeverRead: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined || !LAZY.test(path) || !isDropped(call, model)) continue;
    if (keyword(call, 'callback') !== undefined || keyword(call, 'error_callback') !== undefined)
      continue;
    if (handlesItself(call, resolver) || isPrint(call, resolver)) continue;
    const method = path.slice(path.indexOf('#') + 1);
    const asks =
      method === 'submit' && isStatementCall(call)
        ? [suggestion('Ask for the result', [insert(call.end, '.result()')])]
        : [];
    report(
      call,
      `Nobody asks for the result of this ${method}, so when the work fails nobody learns of it.`,
      { fixes: asks },
    );
  }
};

function isDropped(call: Call, model: PythonModel): boolean {
  if (isDiscarded(call)) return true;
  const { parent } = call;
  const target = parent.kind === 'Assign' && parent.value === call ? parent.targets[0] : undefined;
  if (target?.kind !== 'Name') return false;
  const scope = lookup(target.scope, target.id);
  return scope?.kind === 'function' && readsOf(model, scope, target.id).length === 0;
}

/** `pool.submit(print, item)`: nothing to ask for, and hardly anything that could fail. */
function isPrint(call: Call, resolver: Resolver): boolean {
  const work = call.args[0]?.value;
  return work !== undefined && resolver.path(work) === 'print';
}

/** Work that catches everything itself has nothing to tell. */
function handlesItself(call: Call, resolver: Resolver): boolean {
  const work = call.args[0]?.value;
  const value = work === undefined ? undefined : resolver.value(work);
  if (value?.kind !== 'function') return false;
  if (handles(value.fn)) return true;
  // A decorator may log what the work raises, and a function of one call has that handle it.
  for (const each of value.fn.decorators) {
    const wrapper = resolver.value(each.kind === 'Call' ? each.func : each);
    if (wrapper?.kind === 'function' && [...everything(wrapper.fn.body)].some(isHandling))
      return true;
  }
  const [only, ...more] = statementsOf(value.fn);
  const inner = only?.kind === 'ExprStmt' && more.length === 0 ? only.value : undefined;
  const called = inner?.kind === 'Call' ? resolver.functionCalled(inner) : undefined;
  return called !== undefined && handles(called.fn);
}

function statementsOf({ body }: FunctionDef): Stmt[] {
  return body.filter((s) => !(s.kind === 'ExprStmt' && s.value.kind === 'Str'));
}

/** The work is a `try`, save for what prepares it. */
function handles(fn: FunctionDef): boolean {
  const body = statementsOf(fn);
  const at = body.findIndex((s) => s.kind === 'Try' && s.handlers.length > 0);
  if (at === -1 || body.some((s, index) => index !== at && LONG.test(s.kind))) return false;
  return body.length <= 2 || (at === body.length - 1 && isHandling(body[at]!));
}

/** What takes its time, or raises. */
const LONG = /^(?:For|While|With|Try|Raise)$/;

/** A `try` that catches whatever its body raises. */
function isHandling(node: Node): boolean {
  return (
    node.kind === 'Try' &&
    node.handlers.some(
      ({ type }) => type === undefined || /^(?:Base)?Exception$/.test(dotted(type) ?? ''),
    )
  );
}
