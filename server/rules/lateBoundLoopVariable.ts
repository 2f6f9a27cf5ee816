// late-bound-loop-variable: a function handed over to run later reads a loop variable, which has moved on by then.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, For, FunctionDef, Lambda, Name } from '../python/ast.ts';
import { loopAround } from '../python/calls.ts';
import { everything } from '../python/children.ts';
import { launchOf } from '../python/concurrency.ts';
import { automatic, insert } from '../python/fixes.ts';
import { lookup } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const LATER =
  /#(?:call_soon|call_later|call_at|call_soon_threadsafe|add_done_callback|start_soon|submit|apply_async|append|put|put_nowait)$|^threading\.(?:Thread|Timer)$|^multiprocessing\.Process$|^asyncio\.(?:create_task|ensure_future|to_thread)$/;

export const lateBoundLoopVariable: Check = (context) => {
  for (const call of context.model.calls) {
    const loop = loopAround(call);
    if (loop?.kind !== 'For' && call.scope.kind !== 'comprehension') continue;
    if (waitedFor(call)) continue;
    for (const closure of closuresIn(call, context)) {
      const captured = capturedIn(closure, call);
      if (captured.size === 0) continue;
      const names = [...captured.keys()];
      const [first] = captured.values();
      context.report(
        first!,
        `By the time this runs, ${names.join(' and ')} may be that of a later round; bind it as a default.`,
        {
          fixes: bind(closure, names),
        },
      );
    }
  }
};

/** Awaited on the spot, the work is done before the next round begins. */
function waitedFor(call: Call): boolean {
  const { parent } = call;
  if (parent.kind === 'Await') return true;
  return parent.kind === 'Attribute' && /^(?:result|get|join|wait)$/.test(parent.attr);
}

function closuresIn(call: Call, { resolver }: Context): (Lambda | FunctionDef)[] {
  const path = resolver.callee(call) ?? '';
  const launch = launchOf(call, path, undefined);
  if (launch === undefined && !LATER.test(path)) return [];
  if (launch?.by === 'map') return [];
  const parts: Expr[] = launch === undefined ? call.args.map((arg) => arg.value) : [launch.work];
  const found: (Lambda | FunctionDef)[] = [];
  for (const part of parts) {
    if (part.kind === 'Lambda') found.push(part);
    else if (part.kind === 'Name') {
      const value = resolver.value(part);
      const loop = loopAround(call);
      if (
        value?.kind === 'function' &&
        loop !== undefined &&
        loop.start < value.fn.start &&
        value.fn.end < loop.end
      )
        found.push(value.fn);
    }
  }
  return found;
}

/** Loop variables that the closure reads without having bound them itself. */
function capturedIn(closure: Lambda | FunctionDef, call: Call): Map<string, Name> {
  const names = loopNames(call);
  const found = new Map<string, Name>();
  const own = new Set(closure.params.map((param) => param.name));
  const body = closure.kind === 'Lambda' ? [closure.body] : closure.body;
  for (const node of everything(body)) {
    if (node.kind !== 'Name' || own.has(node.id) || found.has(node.id) || !names.has(node.id))
      continue;
    const owner = lookup(node.scope, node.id);
    if (owner !== undefined && owner === lookup(call.scope, node.id)) found.set(node.id, node);
  }
  return found;
}

function loopNames(call: Call): Set<string> {
  const names = new Set<string>();
  const add = (target: Expr) => {
    if (target.kind === 'Name') names.add(target.id);
    else if (target.kind === 'Sequence') for (const each of target.elements) add(each);
  };
  let loop = loopAround(call);
  while (loop !== undefined) {
    if (loop.kind === 'For') add((loop as For).target);
    loop = loopAround(loop);
  }
  if (call.scope.node.kind === 'Comprehension')
    for (const each of call.scope.node.generators) add(each.target);
  return names;
}

function bind(closure: Lambda | FunctionDef, names: readonly string[]): Fix[] {
  if (closure.params.some((param) => param.star !== '' || param.name === '')) return [];
  const text = names.map((name) => `${name}=${name}`).join(', ');
  const last = closure.params.at(-1);
  if (last !== undefined)
    return [automatic('Bind it as a default', [insert(last.end, `, ${text}`)])];
  if (closure.kind === 'Lambda')
    return [
      automatic('Bind it as a default', [insert(closure.start + 'lambda'.length, ` ${text}`)]),
    ];
  return [
    automatic('Bind it as a default', [insert(closure.nameStart + closure.name.length + 1, text)]),
  ];
}
