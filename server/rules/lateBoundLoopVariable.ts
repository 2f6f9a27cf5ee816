// late-bound-loop-variable: a function kept to run later reads a variable of the loop, which has moved on by then.
import type { Fix } from '../diagnostic.ts';
import type {
  Call,
  Comprehension,
  Expr,
  For,
  FunctionDef,
  Lambda,
  Name,
  Node,
  While,
} from '../python/ast.ts';
import { dotted, loopAround } from '../python/calls.ts';
import { everything } from '../python/children.ts';
import { launchOf } from '../python/concurrency.ts';
import { automatic, insert } from '../python/fixes.ts';
import type { Resolver } from '../python/resolve.ts';
import { lookup, type Scope } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

/** Methods that keep what they are given beyond the round of the loop. */
const KEEPS =
  /^(?:append|add|insert|appendleft|put|put_nowait|submit|apply_async|call_soon|call_later|call_at|call_soon_threadsafe|add_done_callback|start_soon)$/;
const LATER =
  /^(?:threading\.(?:Thread|Timer)|multiprocessing\.Process|asyncio\.(?:to_thread|Task))$/;

interface Round {
  readonly node: For | While | Comprehension;
  readonly scope: Scope;
}

export const lateBoundLoopVariable: Check = (context) => {
  for (const node of context.model.nodes) {
    if (node.kind === 'Lambda') {
      if (isKept(node, context.resolver)) checkClosure(node, roundOf(node), context);
    } else if (node.kind === 'FunctionDef') {
      const round = roundOf(node);
      if (round !== undefined && handedOn(node, round, context)) checkClosure(node, round, context);
    }
  }
};

/** The loop or comprehension that makes this anew in every round. */
function roundOf(node: Lambda | FunctionDef): Round | undefined {
  const loop = loopAround(node);
  if (loop !== undefined) return { node: loop, scope: node.scope };
  const around = node.scope.node;
  return around.kind === 'Comprehension' ? { node: around, scope: node.scope } : undefined;
}

/** Whether the place a function is put at keeps it: an element of a comprehension, an argument of what keeps its arguments. */
function isKept(expr: Expr, resolver: Resolver): boolean {
  const { parent } = expr;
  if (parent.kind === 'Comprehension') return parent.element === expr || parent.value === expr;
  if (parent.kind === 'Assign')
    return parent.targets.every((target) => target.kind === 'Subscript');
  if (parent.kind !== 'Call' || parent.func === expr || waitedFor(parent)) return false;
  const path = resolver.callee(parent);
  const launch = launchOf(parent, path, undefined);
  if (launch !== undefined) return launch.by !== 'map' && launch.work === expr;
  if (path !== undefined && LATER.test(path)) return true;
  return parent.func.kind === 'Attribute' && KEEPS.test(parent.func.attr);
}

/** Awaited or asked for on the spot, the work is done before the next round begins. */
function waitedFor(call: Call): boolean {
  const { parent } = call;
  if (parent.kind === 'Await') return true;
  return (
    parent.kind === 'Attribute' &&
    /^(?:result|get|join|wait|start)$/.test(parent.attr) &&
    parent.attr !== 'start'
  );
}

function handedOn(fn: FunctionDef, round: Round, { model, resolver }: Context): boolean {
  return model.nodes.some(
    (node) =>
      node.kind === 'Name' &&
      node.id === fn.name &&
      node.start > fn.end &&
      node.end <= round.node.end &&
      lookup(node.scope, node.id) === fn.scope &&
      isKept(node, resolver),
  );
}

function checkClosure(
  closure: Lambda | FunctionDef,
  round: Round | undefined,
  context: Context,
): void {
  if (round === undefined || leavesAtOnce(closure)) return;
  const names = changing(round);
  const seen = new Set(closure.params.map((param) => param.name));
  const body: readonly Node[] = closure.kind === 'Lambda' ? [closure.body] : closure.body;
  for (const node of everything(body)) {
    if (node.kind !== 'Name' || seen.has(node.id) || !names.has(node.id)) continue;
    const owner = lookup(node.scope, node.id);
    if (owner === undefined || owner !== lookup(round.scope, node.id)) continue;
    seen.add(node.id);
    context.report(
      node,
      `By the time this runs, ${node.id} may be that of a later round; bind it as a default.`,
      {
        fixes: bind(closure, node),
      },
    );
  }
}

/** The last thing done in the loop: `return lambda: i` sees no later round. */
function leavesAtOnce(closure: Node): boolean {
  return closure.parent.kind === 'Return';
}

/** Names that every round binds anew: the loop's own, and what its body assigns. */
function changing(round: Round): Set<string> {
  const names = new Set<string>();
  const add = (target: Expr) => {
    if (target.kind === 'Name') names.add(target.id);
    else if (target.kind === 'Sequence') for (const each of target.elements) add(each);
  };
  const { node } = round;
  if (node.kind === 'Comprehension') {
    for (const each of node.generators) add(each.target);
    return names;
  }
  for (let loop: For | While | undefined = node; loop !== undefined; loop = loopAround(loop)) {
    if (loop.kind === 'For') add(loop.target);
  }
  for (const [name, bindings] of round.scope.bindings) {
    const inLoop = bindings.filter((b) => b.node.start >= node.start && b.node.end <= node.end);
    const rebinds = inLoop.some((b) => b.kind === 'assign' || b.kind === 'unpack');
    if (rebinds && round.scope.kind !== 'module') names.add(name);
  }
  return names;
}

function bind(closure: Lambda | FunctionDef, name: Name): Fix[] {
  if (closure.params.some((param) => param.star !== '' || param.name === '')) return [];
  const text = `${dotted(name)}=${name.id}`;
  const last = closure.params.at(-1);
  const title = 'Bind it as a default';
  if (last !== undefined) return [automatic(title, [insert(last.end, `, ${text}`)])];
  if (closure.kind === 'Lambda') {
    return [automatic(title, [insert(closure.start + 'lambda'.length, ` ${text}`)])];
  }
  return [automatic(title, [insert(closure.nameStart + closure.name.length + 1, text)])];
}
