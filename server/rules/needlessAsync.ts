// needless-async: an async function that never awaits.
import type { Call, Expr, FunctionDef, Name, Node, Stmt } from '../python/ast.ts';
import { dotted } from '../python/calls.ts';
import { evaluated } from '../python/children.ts';
import { isGenerator } from '../python/effects.ts';
import { suggestion } from '../python/fixes.ts';
import { readsOf } from '../python/names.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';
import { mayOverride } from './overrides.ts';
import { passesThrough } from './passThrough.ts';

export const needlessAsync: Check = ({ model, resolver, report }) => {
  for (const fn of model.functions) {
    if (!fn.isAsync || fn.broken || isStub(fn)) continue;
    if (!fn.decorators.every((each) => isPlain(each, resolver))) continue;
    const isMethod = fn.scope.kind === 'class';
    // What others call by the class may have to be awaitable because its siblings are.
    if (isMethod && (!/^_(?!_)/.test(fn.name) || mayOverride(fn, resolver))) continue;
    if (/^__\w+__$/.test(fn.name) || waits(fn)) continue;
    if (isVariant(fn)) continue;
    // What is tested may ask for a running loop.
    if (TESTS.test(model.path) && /^test/.test(fn.name)) continue;
    const uses = isMethod ? [] : readsOf(model, fn.scope, fn.name);
    if (uses.some((use) => isHandedOver(use, resolver))) continue;
    const called = isMethod || isGenerator(fn) || uses.length > 0;
    const end = model.text.indexOf('def', fn.defStart);
    const fixes = called
      ? []
      : [suggestion('Make it a plain function', [{ start: fn.defStart, end, text: '' }])];
    report(
      { start: fn.defStart, end: fn.nameStart + fn.name.length },
      isGenerator(fn)
        ? `${fn.name} never awaits; as a plain generator it can be looped over from anywhere.`
        : `${fn.name} never awaits; as a plain function it is cheaper and can be called from anywhere.`,
      { fixes },
    );
  }
};

/** `if win32: async def read() …` and, under `else`, one that awaits: who calls them awaits either. */
function isVariant(fn: FunctionDef): boolean {
  if (fn.parent.kind !== 'If' && fn.parent.kind !== 'Try') return false;
  const all = fn.scope.bindings.get(fn.name) ?? [];
  return all.some(
    ({ node }) => node.kind === 'FunctionDef' && node !== fn && node.isAsync && waits(node),
  );
}

/** Decorators that leave a function what it is; others may ask for a coroutine function. */
function isPlain(decorator: Expr, resolver: Resolver): boolean {
  if (decorator.kind === 'Name' && /^(?:staticmethod|classmethod)$/.test(decorator.id)) return true;
  if (passesThrough(decorator, resolver)) return true;
  return PLAIN.test(resolver.path(decorator.kind === 'Call' ? decorator.func : decorator) ?? '');
}

const PLAIN =
  /^(?:functools\.(?:wraps|cache|lru_cache)|pytest\.(?:fixture|mark\.\w+)|typing\.(?:final|no_type_check))$/;

/** Given to something that may ask for a coroutine function: as an argument, in a list or dict, as an attribute. */
function isHandedOver(use: Name, resolver: Resolver): boolean {
  const { parent } = use;
  // `work().__await__()`: only a coroutine has that.
  if (parent.kind === 'Call' && parent.func === use) {
    if (parent.parent.kind === 'Attribute') return /^__a\w+__$/.test(parent.parent.attr);
    return isPassedOn(parent, resolver);
  }
  if (parent.kind === 'Call')
    return !/^functools\.(?:wraps|update_wrapper)$/.test(resolver.callee(parent) ?? '');
  // What a parameter is when the caller gives nothing.
  if (parent.kind === 'FunctionDef' || parent.kind === 'Lambda')
    return parent.params.some((param) => param.value === use);
  if (parent.kind === 'Dict' || parent.kind === 'Sequence') return true;
  return parent.kind === 'Assign' && parent.targets.some((each) => each.kind !== 'Name');
}

/** `gather(work(), other())`: what takes coroutines takes nothing else; to run it alone needs none. */
function isPassedOn(call: Call, resolver: Resolver): boolean {
  const { parent } = call;
  if (parent.kind === 'Comprehension') return parent.element === call || parent.value === call;
  if (parent.kind === 'Sequence') return true;
  if (parent.kind === 'Star') return false;
  if (parent.kind !== 'Call' || parent.func === call) return false;
  return !RUNS.test(resolver.callee(parent) ?? dotted(parent.func) ?? '');
}

/** Where pytest looks for tests. */
const TESTS = /(?:^|[\\/])(?:test_[^\\/]*|[^\\/]*_test)\.py$/;

const RUNS = /(?:^|[.#])run(?:_until_complete)?$|^print$/;

function waits(fn: FunctionDef): boolean {
  for (const node of evaluated(fn.body)) if (isSuspension(node)) return true;
  return false;
}

function isSuspension(node: Node): boolean {
  if (node.kind === 'Await') return true;
  if (node.kind === 'For' || node.kind === 'With') return node.isAsync;
  return node.kind === 'Comprehension' && node.generators.some((each) => each.isAsync);
}

/** Bodies that only fill an interface. */
function isStub(fn: FunctionDef): boolean {
  const rest = fn.body.filter(
    (s) =>
      s.kind !== 'ExprStmt' ||
      (s.value.kind === 'Str' ? s.value.parts.length > 0 : s.value.kind !== 'Literal'),
  );
  return rest.every(fillsIn);
}

function fillsIn(statement: Stmt): boolean {
  if (statement.kind !== 'Raise') return statement.kind === 'Jump';
  const { value } = statement;
  const raised = value?.kind === 'Call' ? value.func : value;
  return raised?.kind === 'Name' && raised.id === 'NotImplementedError';
}
