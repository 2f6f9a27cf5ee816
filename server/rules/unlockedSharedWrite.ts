// unlocked-shared-write: several threads change a global or an attribute by read-modify-write without a lock.
import type { Fix } from '../diagnostic.ts';
import type { Expr, FunctionDef, Node, Stmt } from '../python/ast.ts';
import { loopAround } from '../python/calls.ts';
import { around, some, within } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import { importing, indentation, insert, suggestion } from '../python/fixes.ts';
import { selfClass } from '../python/model.ts';
import { indented } from '../python/reindent.ts';
import { lookup } from '../python/scope.ts';
import type { Check, Context } from '../rule.ts';
import { afterImports } from './taskDropped.ts';

export const unlockedSharedWrite: Check = (context) => {
  const { locks, report } = context;
  for (const [fn, threads] of threadTargets(context)) {
    for (const node of within(fn.body)) {
      const update = updateOf(node, context);
      if (update === undefined) continue;
      const what = shared(update.target);
      if (what === undefined) continue;
      // One thread of its kind races only with others that write the same thing.
      if (threads < 2 && !writtenElsewhere(update.target, fn, context)) continue;
      if (locks.heldAt(update.at).length > 0 || insideUnknownWith(update.at, context)) continue;
      const steps = update.isTest
        ? `${what} is looked at and then written: two threads may both find it unset`
        : `${what} is read, changed and written in three steps: changes get lost`;
      report(update.at, `${fn.name} runs in several threads, and ${steps} without a lock.`, {
        fixes: addLock(update.at, what, context),
      });
    }
  }
};

interface Update {
  readonly at: Stmt;
  readonly target: Expr;
  /** `if x is None: x = …` rather than `x = x + 1`. */
  readonly isTest: boolean;
}

/** A statement that writes what it read: `x += 1`, `x = x + 1`, `if x is None: x = make()`. */
function updateOf(node: Node, { model }: Context): Update | undefined {
  if (node.kind === 'AugAssign') return { at: node, target: node.target, isTest: false };
  const textOf = (each: Node) => model.text.slice(each.start, each.end);
  const reads = (expr: Expr, target: Expr) =>
    some([expr], (each) => each.kind === target.kind && textOf(each) === textOf(target));
  if (node.kind === 'Assign') {
    const [target, ...more] = node.targets;
    if (target === undefined || more.length > 0 || node.value === undefined) return undefined;
    return node.value.kind === 'Operation' && reads(node.value, target)
      ? { at: node, target, isTest: false }
      : undefined;
  }
  if (node.kind !== 'If') return undefined;
  for (const statement of node.body) {
    const target = statement.kind === 'Assign' ? statement.targets[0] : undefined;
    if (target?.kind !== 'Name' && target?.kind !== 'Attribute') continue;
    const isUnset =
      node.test.kind === 'Operation' &&
      /^(?:not|is|==)$/.test(node.test.op) &&
      node.test.operands.some(
        (each) => each.kind === target.kind && textOf(each) === textOf(target),
      );
    if (isUnset) return { at: node, target, isTest: true };
  }
  return undefined;
}

/** Functions that threads run, with the number of threads seen to run each: 2 means several. */
function threadTargets({ resolver }: Context): Map<FunctionDef, number> {
  const found = new Map<FunctionDef, number>();
  for (const launch of launches(resolver)) {
    if (launch.where !== 'thread') continue;
    const target = launched(launch, resolver);
    if (target === undefined || target.resolver !== resolver) continue;
    const repeated =
      launch.by === 'map' ||
      loopAround(launch.call) !== undefined ||
      launch.call.scope.kind === 'comprehension';
    found.set(target.fn, (found.get(target.fn) ?? 0) + (repeated ? 2 : 1));
  }
  return found;
}

/** `counter`, `self.count`, `counts[key]` when shared between threads; undefined for what only this call sees. */
function shared(target: Expr): string | undefined {
  if (target.kind === 'Name') {
    const owner = lookup(target.scope, target.id);
    return owner?.kind === 'module' && target.scope.globals.has(target.id) ? target.id : undefined;
  }
  if (target.kind === 'Subscript') {
    const base = target.value;
    // Threads that each have a key of their own don't meet.
    if (!target.index.every((key) => key.kind === 'Str' || key.kind === 'Literal'))
      return undefined;
    if (base.kind === 'Name')
      return lookup(base.scope, base.id)?.kind === 'module' ? `${base.id}[…]` : undefined;
    const owner = shared(base);
    return owner === undefined ? undefined : `${owner}[…]`;
  }
  if (target.kind === 'Attribute' && target.value.kind === 'Name') {
    const { id } = target.value;
    if (selfClass(id, target) !== undefined) return `${id}.${target.attr}`;
    const owner = lookup(target.scope, id);
    const isInstance =
      owner?.kind === 'module' && owner.bindings.get(id)?.every((b) => b.kind === 'assign');
    return isInstance ? `${id}.${target.attr}` : undefined;
  }
  return undefined;
}

function writtenElsewhere(target: Expr, fn: FunctionDef, { model }: Context): boolean {
  const text = model.text.slice(target.start, target.end);
  if (target.kind !== 'Name') return false;
  return model.augmented.some(
    (other) =>
      (other.start < fn.start || other.start > fn.end) &&
      other.scope.kind === 'function' &&
      model.text.slice(other.target.start, other.target.end) === text,
  );
}

function insideUnknownWith(node: Stmt, { resolver }: Context): boolean {
  for (const outer of around(node)) {
    if (
      outer.kind === 'With' &&
      outer.items.some(
        (item) =>
          resolver.value(item.value) === undefined ||
          /lock|mutex|cond|sem/i.test(resolver.type(item.value) ?? ''),
      )
    )
      return true;
  }
  return false;
}

function addLock(node: Stmt, what: string, { model }: Context): Fix[] {
  const name = `${what.replace(/\W/g, '_').replace(/^self_|_+$/g, '')}_lock`;
  const inside = indented(model, [node]);
  if (inside === undefined || inside.length === 0 || model.scope.bindings.has(name)) return [];
  const indent = indentation(model.text, node.start);
  const module = importing(model, 'threading');
  const edits = [
    ...module.edits,
    insert(afterImports(model), `${name} = ${module.name}.Lock()\n`),
    insert(inside[0]!.start, `${indent}with ${name}:\n${inside[0]!.text}`),
    ...inside.slice(1),
  ];
  return [suggestion('Guard it with a lock', edits)];
}
