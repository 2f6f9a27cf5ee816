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
  Operation,
  While,
} from '../python/ast.ts';
import { dotted, isConsumed, runsInPlace } from '../python/calls.ts';
import { around, everything } from '../python/children.ts';
import { launchOf } from '../python/concurrency.ts';
import { automatic, insert, suggestion } from '../python/fixes.ts';
import { readsOf } from '../python/names.ts';
import { functionScope, lookup, type Scope } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

/** Methods that keep what they are given beyond the round of the loop. */
const KEEPS =
  /^(?:append|extend|add|insert|appendleft|update|setdefault|put|put_nowait|submit|apply_async|call_soon|call_later|call_at|call_soon_threadsafe|add_done_callback|start_soon)$/;
const LATER =
  /^(?:threading\.(?:Thread|Timer)|multiprocessing\.Process|asyncio\.(?:to_thread|Task)|weakref\.finalize|atexit\.register)$/;
/** Library functions that are done with what they are given when they return. */
const AT_ONCE =
  /^(?:re\.(?:Pattern#)?subn?|timeit\.\w+|sorted|min|max|next|functools\.reduce|(?:.*\.)?(?:assert_?(?:raises|warns)\w*|assert(?:Raises|Warns)\w*)|pytest\.raises)$/;

type Round = For | While | Comprehension;

/** Whether a function outlives the round it was made in: surely, only called by name in it, surely not, or nobody here can tell. */
type Fate = 'kept' | 'called' | 'safe' | 'unclear';

export const lateBoundLoopVariable: Check = (context) => {
  for (const node of context.model.nodes) {
    if (node.kind !== 'Lambda' && node.kind !== 'FunctionDef') continue;
    const rounds = roundsOf(node);
    const outer = rounds.at(-1);
    if (outer === undefined) continue;
    const captured = capturedBy(node, changing(rounds), context.model.text);
    if (captured.length === 0) continue;
    const fate =
      node.kind === 'Lambda'
        ? fateOf(node, outer, context)
        : fateOfName(node.scope, node.name, outer, context);
    if (fate === 'safe') continue;
    for (const [first, ...more] of captured) {
      if (first === undefined) continue;
      const { id } = first;
      context.report(
        first,
        fate === 'called'
          ? `This reads ${id} of the round it is called in; bound as a default it stays right when somebody keeps it, too.`
          : `By the time this runs, ${id} may be that of a later round; bind it as a default.`,
        { fixes: bind(node, first, fate), ...(fate === 'kept' ? {} : HINT) },
      );
      const again =
        fate === 'called'
          ? `Here, too, ${id} is that of the round it is called in.`
          : `Here, too, ${id} may be that of a later round.`;
      for (const name of more) context.report(name, again, HINT);
    }
  }
};

const HINT = { severity: 'hint' } as const;

/** The loops and comprehensions that make this anew in every round, innermost first. */
function roundsOf(node: Lambda | FunctionDef): Round[] {
  const rounds: Round[] = [];
  let inside: Node = node;
  for (const each of aroundClasses(node)) {
    if (each.kind === 'Comprehension') {
      // The first iterable is evaluated once, before the first round.
      if (each.generators[0]?.iter !== inside) rounds.push(each);
    } else if (each.kind === 'For' || each.kind === 'While') {
      if (
        (each.body as readonly Node[]).includes(inside) ||
        (each.kind === 'While' && each.test === inside)
      )
        rounds.push(each);
    }
    inside = each;
  }
  return rounds;
}

/** Like `around`, but also past classes, whose bodies run where they stand. */
function* aroundClasses(node: Node): Generator<Node> {
  yield* around(node);
  const outer = functionScope(node.scope).node;
  if (outer.kind !== 'ClassDef') return;
  yield outer;
  yield* aroundClasses(outer);
}

/** What becomes of an expression that holds the function. */
function fateOf(expr: Expr, round: Round, context: Context): Fate {
  const { parent } = expr;
  switch (parent.kind) {
    case 'Comprehension':
      if (parent.element !== expr && parent.value !== expr) return 'unclear';
      return isGoneThrough(parent) ? 'unclear' : 'kept';
    case 'Assign': {
      const [target] = parent.targets;
      if (target?.kind === 'Name' && parent.targets.length === 1)
        return fateOfName(target.scope, target.id, round, context);
      return parent.targets.every(isNewPlace) ? 'kept' : 'unclear';
    }
    case 'ExprStmt':
      // Made for nothing: not even the function as it stands is called.
      return /^(?:Lambda|Dict|Sequence)$/.test(expr.kind) ? 'unclear' : 'safe';
    case 'Return':
    case 'Await':
      return 'safe';
    case 'Sequence':
    case 'Dict':
    case 'Conditional':
    case 'Star':
      return fateOf(parent, round, context);
    case 'Operation':
      if (isAddedTo(parent)) return 'kept';
      return /^(?:and|or)$/.test(parent.op) ? fateOf(parent, round, context) : 'safe';
    case 'Call':
      return fateAsArgument(expr, parent, round, context);
    default:
      return 'unclear';
  }
}

/** `(lambda: x for x in xs)` right behind an `in`: each is seen in its own round, and what is done with it there is not known. */
function isGoneThrough(made: Comprehension): boolean {
  const { parent } = made;
  if (made.type !== 'generator') return false;
  if (parent.kind === 'For') return parent.iter === made;
  return parent.kind === 'Comprehension' && parent.generators.some(({ iter }) => iter === made);
}

/** `found = found + [each]`, which keeps as `found += [each]` does. */
function isAddedTo(sum: Operation): boolean {
  const { parent } = sum;
  if (!/^[+|]$/.test(sum.op) || parent.kind !== 'Assign') return false;
  const names = parent.targets.map((target) => dotted(target));
  return sum.operands.some((part) => dotted(part) !== undefined && names.includes(dotted(part)));
}

/** `found[name]`; under a key that is the same in every round the next one takes its place. */
function isNewPlace(target: Expr): boolean {
  return (
    target.kind === 'Subscript' &&
    !target.index.every((each) => each.kind === 'Str' || each.kind === 'Literal')
  );
}

function fateAsArgument(expr: Expr, call: Call, round: Round, context: Context): Fate {
  if (call.func === expr) return 'safe';
  if (expr.kind === 'Lambda' && runsInPlace(expr)) return 'safe';
  if (call.args.some((arg) => arg.value === expr && arg.name === 'key')) return 'safe';
  const path = context.resolver.callee(call);
  const name = dotted(call.func) ?? '';
  if (waitedFor(call)) {
    const isKnown = path !== undefined || context.resolver.functionCalled(call) !== undefined;
    return isKnown || RUNS.test(name) ? 'safe' : 'unclear';
  }
  if (AT_ONCE.test(path ?? name)) return 'safe';
  if (/^(?:functools\.)?partial$/.test(path ?? name)) return fateOf(call, round, context);
  // Gone through in the same round as a rule; kept it is when something keeps it.
  if (/^(?:map|filter)$/.test(path ?? name))
    return fateOf(call, round, context) === 'kept' && !isConsumed(call) ? 'kept' : 'safe';
  const launch = launchOf(call, path, undefined);
  if (isEndedBelow(call, round, context)) return 'unclear';
  if (launch !== undefined && launch.work === expr) {
    if (launch.by !== 'map') return 'kept';
    return isConsumed(call) ? 'safe' : 'unclear';
  }
  if (path !== undefined && LATER.test(path)) return 'kept';
  return call.func.kind === 'Attribute' && KEEPS.test(call.func.attr) ? 'kept' : 'unclear';
}

/** `job = pool.submit(…)` with a `job.result()` further down in the same round. */
function isEndedBelow({ parent }: Call, round: Round, { model }: Context): boolean {
  const target = parent.kind === 'Assign' ? parent.targets[0] : undefined;
  const owner = target?.kind === 'Name' ? lookup(target.scope, target.id) : undefined;
  if (owner === undefined || target?.kind !== 'Name') return false;
  return readsOf(model, owner, target.id).some(
    (name) =>
      parent.end <= name.start &&
      name.end <= round.end &&
      name.parent.kind === 'Attribute' &&
      ENDS.test(name.parent.attr),
  );
}

/** Whatever has a method of this name runs what it is given. */
const RUNS = /(?:^|\.)(?:submit|apply_async|map_async|run_in_executor|to_thread|run_sync)$/;
const ENDS = /^(?:result|get|join|wait)$/;

/** Awaited or asked for on the spot: where the call is known its work is done before the next round begins. */
function waitedFor(call: Call): boolean {
  const { parent } = call;
  if (parent.kind === 'Await') return true;
  return parent.kind === 'Attribute' && ENDS.test(parent.attr);
}

/** A name for the function: called in its own round only it is safe, however unwise. */
function fateOfName(scope: Scope, id: string, round: Round, context: Context): Fate {
  const owner = lookup(scope, id);
  const uses = owner === undefined ? [] : readsOf(context.model, owner, id);
  let safe = uses.length > 0;
  let returned = false;
  for (const use of uses) {
    const inRound = round.start <= use.start && use.end <= round.end;
    const fate = inRound ? fateOf(use, round, context) : 'unclear';
    if (fate === 'kept') return 'kept';
    if (fate === 'unclear') safe = false;
    if (use.parent.kind === 'Return') returned = true;
  }
  if (!safe) return 'unclear';
  return returned ? 'safe' : 'called';
}

/** The first use on each line, of each changing name. */
function capturedBy(
  closure: Lambda | FunctionDef,
  names: ReadonlyMap<string, ReadonlySet<Scope>>,
  text: string,
): Name[][] {
  const found = new Map<string, Name[]>();
  const body: readonly Node[] = closure.kind === 'Lambda' ? [closure.body] : closure.body;
  for (const node of everything(body)) {
    if (node.kind !== 'Name') continue;
    const scopes = names.get(node.id);
    const owner = scopes === undefined ? undefined : lookup(node.scope, node.id);
    if (owner === undefined || !scopes!.has(owner)) continue;
    // Shared with the loop on purpose.
    if (functionScope(node.scope).nonlocals.has(node.id)) continue;
    const before = found.get(node.id);
    if (before === undefined) found.set(node.id, [node]);
    else if (text.slice(before.at(-1)!.end, node.start).includes('\n')) before.push(node);
  }
  return [...found.values()];
}

/** Names that every round binds anew, with the scopes they belong to: the loops' own, and what their bodies assign. */
function changing(rounds: readonly Round[]): Map<string, Set<Scope>> {
  const names = new Map<string, Set<Scope>>();
  const note = (id: string, scope: Scope) => {
    const scopes = names.get(id);
    if (scopes === undefined) names.set(id, new Set([scope]));
    else scopes.add(scope);
  };
  const target = (each: Expr, scope: Scope) => {
    if (each.kind === 'Name') note(each.id, scope);
    else if (each.kind === 'Star') target(each.value, scope);
    else if (each.kind === 'Sequence') for (const part of each.elements) target(part, scope);
  };
  for (const round of rounds) {
    if (round.kind === 'Comprehension') {
      for (const { target: each } of round.generators) target(each, each.scope);
      continue;
    }
    const scope = functionScope(round.scope);
    if (round.kind === 'For') target(round.target, scope);
    for (const [id, bindings] of scope.bindings) {
      const inLoop = bindings.some(
        ({ kind, node, from }) =>
          // What a function made in the loop binds is that function's doing.
          functionScope(from) === scope &&
          round.start < node.start &&
          node.end <= round.end &&
          /^(?:assign|unpack|augmented|with|for|except)$/.test(kind),
      );
      if (inLoop) note(id, scope);
    }
  }
  return names;
}

function bind(closure: Lambda | FunctionDef, name: Name, fate: Fate): Fix[] {
  if (closure.params.some((param) => param.star !== '' || param.name === '')) return [];
  if (name.scope.globals.has(name.id) || name.scope.nonlocals.has(name.id)) return [];
  const text = `${dotted(name)}=${name.id}`;
  const last = closure.params.at(-1);
  const title = 'Bind it as a default';
  const fix = fate === 'kept' ? automatic : suggestion;
  if (last !== undefined) return [fix(title, [insert(last.end, `, ${text}`)])];
  if (closure.kind === 'Lambda') {
    return [fix(title, [insert(closure.start + 'lambda'.length, ` ${text}`)])];
  }
  return [fix(title, [insert(closure.nameStart + closure.name.length + 1, text)])];
}
