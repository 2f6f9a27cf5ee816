// pool-without-with: an executor or pool is made and never shut down, so its workers outlive their use.
import type { Fix, LintSeverity } from '../diagnostic.ts';
import type { Assign, Attribute, Call, Expr, Name, Stmt } from '../python/ast.ts';
import { blockOf, isStatementCall } from '../python/calls.ts';
import { around, everything, statementOf } from '../python/children.ts';
import { automatic, source } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { namesOf, readsOf } from '../python/names.ts';
import { indented } from '../python/reindent.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionScope, lookup, type Scope } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';

const POOLS = new Set([
  'concurrent.futures.ThreadPoolExecutor',
  'concurrent.futures.ProcessPoolExecutor',
  'multiprocessing.Pool',
  'multiprocessing.ThreadPool',
]);
const ENDS = /^(?:shutdown|close|terminate|__exit__)$/;

export const poolWithoutWith: Check = (context) => {
  const { model, resolver, report } = context;
  if (/Manager\(/.test(model.text)) checkManagers(context);
  for (const call of model.calls) {
    // Asked first: what every call of a file gives is dear to know.
    if (!/(?:Executor|Pool)$/.test(resolver.callee(call) ?? '')) continue;
    const value = resolver.value(call);
    if (value?.kind !== 'instance' || !POOLS.has(value.type) || value.made !== call) continue;
    if (resolver.callee(call) === undefined) continue;
    const isExecutor = value.type.endsWith('Executor');
    const message = isExecutor
      ? 'Nothing shuts this executor down: its workers stay until it is collected, and nobody waits for them; use with.'
      : 'Nothing ends this pool: its workers stay until it is collected, which Python warns of and does not promise; use with.';
    const severe: { severity?: LintSeverity } = isExecutor ? { severity: 'info' } : {};
    if (usedInPlace(call) || usedUp(call, resolver)) report(call, message, severe);
    else {
      const target = targetOf(call);
      if (target?.kind === 'Attribute' && !isExecutor && isNeverEnded(target, model)) {
        report(
          call,
          `No line of this file ends the pool in ${target.attr}: its workers stay as long as that does.`,
          { severity: 'hint' },
        );
        continue;
      }
      if (target?.kind !== 'Name') continue;
      const scope = lookup(target.scope, target.id);
      // A pool of the module is there for as long as the program; one that nothing ever uses is not.
      const isIdle =
        scope?.kind === 'module' && !isExecutor && readsOf(model, scope, target.id).length === 0;
      // The workers of an executor leave by themselves once nobody has it any more, and Python waits for them at its end.
      const end = scope === undefined || isExecutor ? undefined : endOf(model, scope, target);
      if (end !== undefined) {
        report(
          call,
          end === 'luck'
            ? 'An exception before its end leaves the workers of this pool running; with ends it on every way out.'
            : 'with ends this pool on every way out as this finally does, in fewer lines.',
          {
            severity: 'hint',
          },
        );
        continue;
      }
      if (
        scope === undefined ||
        (scope.kind === 'module'
          ? !isIdle
          : scope.kind !== 'function' || !neverEnded(model, scope, target))
      )
        continue;
      const fixes =
        call.parent.kind === 'Assign' ? useWith(call.parent, call, target, scope, model) : [];
      report(call, message, { fixes, ...severe });
    }
  }
};

/** The one place a call is assigned to, also as one of several: `a, b = Pool(), Pool()`. */
function targetOf(call: Call): Expr | undefined {
  const { parent } = call;
  if (parent.kind === 'Walrus') return parent.target;
  if (parent.kind === 'Assign')
    return parent.value === call && parent.targets.length === 1 ? parent.targets[0] : undefined;
  if (parent.kind !== 'Sequence' || parent.parent.kind !== 'Assign') return undefined;
  const { targets, value } = parent.parent;
  const [list] = targets;
  if (value !== parent || targets.length > 1 || list?.kind !== 'Sequence') return undefined;
  const isPlain = [...list.elements, ...parent.elements].every((each) => each.kind !== 'Star');
  const isMatched = isPlain && list.elements.length === parent.elements.length;
  return isMatched ? list.elements[parent.elements.indexOf(call)] : undefined;
}

/** `ThreadPoolExecutor().submit(f)` and a pool nobody keeps. */
function usedInPlace(call: Call): boolean {
  if (isStatementCall(call)) return true;
  const { parent } = call;
  return (
    parent.kind === 'Attribute' &&
    !ENDS.test(parent.attr) &&
    parent.parent.kind === 'Call' &&
    parent.parent.func === parent
  );
}

/** Given to a function of the workspace that works with it and does not end it: nobody else has it. */
function usedUp(call: Call, resolver: Resolver): boolean {
  const { parent } = call;
  if (parent.kind !== 'Call' || parent.func === call) return false;
  const target = resolver.functionCalled(parent);
  if (target === undefined || target.self !== undefined) return false;
  const { fn } = target;
  if (fn.decorators.length > 0 || parent.args.some((arg) => arg.star !== '')) return false;
  const at = parent.args.findIndex((arg) => arg.value === call);
  const name = parent.args[at]?.name;
  const param = name === undefined ? fn.params[at] : fn.params.find((each) => each.name === name);
  const first = fn.body[0];
  if (param === undefined || param.star !== '' || first === undefined) return false;
  const { model } = target.resolver;
  const scope = functionScope(first.scope);
  const uses = namesOf(model, scope, param.name);
  return (
    uses.length > 0 &&
    uses.every(
      ({ parent: use }) =>
        use.kind === 'Attribute' &&
        !ENDS.test(use.attr) &&
        use.parent.kind === 'Call' &&
        use.parent.func === use,
    )
  );
}

function neverEnded(model: PythonModel, scope: Scope, target: Name): boolean {
  const reads = usesOfOne(model, scope, target);
  return (
    reads?.every((name) => {
      const { parent } = name;
      if (parent.kind === 'Attribute') return !ENDS.test(parent.attr);
      return parent.kind === 'Call' && (isRunInExecutor(parent, name) || onlyLooks(parent));
    }) === true
  );
}

/** Builtins that do nothing to what they are given. */
function onlyLooks({ func }: Call): boolean {
  return func.kind === 'Name' && /^(?:print|repr|str|id|type|isinstance|hasattr)$/.test(func.id);
}

/** Reads of a name up to where it is bound anew; undefined when that is not the same block's business. */
function usesOfOne(model: PythonModel, scope: Scope, target: Name): Name[] | undefined {
  const reads = readsOf(model, scope, target.id);
  const writes = namesOf(model, scope, target.id).filter((name) => !reads.includes(name));
  if (writes.length <= 1) return reads;
  const statement = statementOf(target);
  const block = statement === undefined ? [] : blockOf(statement);
  const isHere = ({ parent }: Name) => parent.kind === 'Assign' && block.includes(parent);
  if (!writes.every(isHere) || reads.some((name) => functionScope(name.scope) !== scope))
    return undefined;
  const next = Math.min(...writes.map(({ start }) => (start > target.start ? start : Infinity)));
  return reads.filter((name) => target.end <= name.start && name.start < next);
}

/** A manager's `start` makes a process that nothing shuts down. */
function checkManagers({ model, resolver, report }: Context): void {
  for (const call of model.calls) {
    if (!isStatementCall(call) || call.func.kind !== 'Attribute' || call.func.attr !== 'start')
      continue;
    const manager = call.func.value;
    const type = resolver.type(manager) ?? '';
    if (!/^multiprocessing\.(?:managers\.Base|Sync)Manager$/.test(type)) continue;
    const scope = manager.kind === 'Name' ? lookup(manager.scope, manager.id) : undefined;
    if (manager.kind !== 'Name' || scope?.kind !== 'function') continue;
    const isOwn = (name: Name) => name.parent.kind === 'Attribute' && !ENDS.test(name.parent.attr);
    if (!readsOf(model, scope, manager.id).every(isOwn)) continue;
    report(call, "Nothing shuts this manager's process down; use with, which starts it, too.");
  }
}

/** Pools of an object that nothing ends, and that nobody hands on. */
function isNeverEnded(target: Attribute, model: PythonModel): boolean {
  if (target.value.kind !== 'Name' || target.value.id !== 'self') return false;
  for (const each of everything(model.module.body)) {
    if (each.kind !== 'Attribute' || each.attr !== target.attr || each === target) continue;
    const { parent } = each;
    const isUsed =
      parent.kind === 'Attribute'
        ? !ENDS.test(parent.attr) && parent.attr !== 'join'
        : parent.kind === 'Call' && isRunInExecutor(parent, each);
    if (!isUsed) return false;
  }
  return true;
}

/** Ended by a call that an exception skips (in no `finally`, no `except`, by nobody else), or in a `finally`. */
function endOf(model: PythonModel, scope: Scope, target: Name): 'luck' | 'finally' | undefined {
  if (scope.kind === 'class' || (scope.bindings.get(target.id)?.length ?? 0) !== 1)
    return undefined;
  const ends: Name[] = [];
  for (const name of readsOf(model, scope, target.id)) {
    const { parent } = name;
    if (functionScope(name.scope) !== scope || parent.kind !== 'Attribute') return undefined;
    if (!ENDS.test(parent.attr)) continue;
    // Handed on to be called by somebody else.
    if (parent.parent.kind !== 'Call' || parent.parent.func !== parent) return undefined;
    ends.push(name);
  }
  if (ends.length === 0) return undefined;
  const tries = ends.map((name) => [...around(name)].find((each) => each.kind === 'Try'));
  if (tries.every((each) => each === undefined)) return 'luck';
  const isFinal = tries.every((each, at) => {
    const place = ends[at]!;
    return each?.final.some((s) => s.start <= place.start && place.end <= s.end) === true;
  });
  return isFinal ? 'finally' : undefined;
}

function isRunInExecutor(call: Call, arg: Expr): boolean {
  return (
    call.func.kind === 'Attribute' &&
    call.func.attr === 'run_in_executor' &&
    call.args[0]?.value === arg
  );
}

function useWith(
  assign: Assign,
  call: Call,
  target: Name,
  scope: Scope,
  model: PythonModel,
): Fix[] {
  const block = blockOf(assign);
  const from = block.indexOf(assign) + 1;
  const uses = namesOf(model, scope, target.id);
  let to = from;
  for (const [index, statement] of block.entries()) {
    if (
      index >= from &&
      uses.some((name) => statement.start <= name.start && name.end <= statement.end)
    )
      to = index + 1;
  }
  const body: readonly Stmt[] = block.slice(from, to);
  const outside = uses.some(
    (name) => name !== target && !body.some((s) => s.start <= name.start && name.end <= s.end),
  );
  const inside = indented(model, body);
  if (outside || inside === undefined) return [];
  const head = `with ${source(model, call)} as ${target.id}:`;
  return [automatic('Use with', [{ start: assign.start, end: assign.end, text: head }, ...inside])];
}
