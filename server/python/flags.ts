// What a call leaves out by the flags it passes: `reset(again=False)` does not run what stands under `if again:`.
import type { Call, Expr, FunctionDef, Node, Param } from './ast.ts';
import { argument, dotted } from './calls.ts';
import { around } from './children.ts';
import { lookup } from './scope.ts';

/** Whether `place`, within `fn`, can't be reached when `fn` is called so. */
export function isLeftOut(place: Node, fn: FunctionDef, call: Call): boolean {
  if (fn.params.length === 0) return false;
  for (const outer of around(place)) {
    if (outer.start < fn.start) return false;
    if (outer.kind !== 'If') continue;
    const holds = (each: Node) => isWithin(place, each);
    const truth = truthOf(outer.test, fn, call);
    if (truth === false && outer.body.some(holds)) return true;
    if (truth === true && outer.orelse.some(holds)) return true;
  }
  return false;
}

/** `if done: again()`, where `again`, or what it calls, begins with `if done: return`. */
export function returnsBefore(place: Node, fn: FunctionDef | undefined, call: Call): boolean {
  const early = (fn?.body ?? []).filter(
    (each) => each.kind === 'If' && each.end < place.start && each.body.at(-1)?.kind === 'Return',
  );
  if (early.length === 0) return false;
  for (const outer of around(call)) {
    if (outer.kind !== 'If' || !outer.body.some((each) => isWithin(call, each))) continue;
    if (early.some((each) => each.kind === 'If' && isShared(each.test, outer.test))) return true;
  }
  return false;
}

/** The same global, or attribute of one, in both. */
function isShared(one: Expr, other: Expr): boolean {
  if (dotted(one) === undefined || dotted(one) !== dotted(other)) return false;
  const base = (expr: Expr): Expr => (expr.kind === 'Attribute' ? base(expr.value) : expr);
  const isGlobal = (expr: Expr) =>
    expr.kind === 'Name' && lookup(expr.scope, expr.id)?.kind === 'module';
  return isGlobal(base(one)) && isGlobal(base(other));
}

function isWithin(inner: Node, outer: Node): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function truthOf(test: Expr, fn: FunctionDef, call: Call): boolean | undefined {
  if (test.kind === 'Name') {
    const param = fn.params.find((each) => each.name === test.id && each.star === '');
    return param === undefined ? undefined : constant(passed(param, fn, call));
  }
  if (test.kind !== 'Operation') return undefined;
  const all = () => test.operands.map((each) => truthOf(each, fn, call));
  switch (test.op) {
    case 'not': {
      const [inner] = all();
      return inner === undefined ? undefined : !inner;
    }
    case 'and':
      return all().includes(false) ? false : all().every(Boolean) ? true : undefined;
    case 'or':
      return all().includes(true) ? true : undefined;
    default:
      return undefined;
  }
}

/** What a parameter is given, or its default; undefined where that can't be told. */
function passed(param: Param, fn: FunctionDef, call: Call): Expr | undefined {
  if (call.args.some((arg) => arg.star !== '') || isBoundAgain(param, fn)) return undefined;
  const isMethod = /^(?:self|cls)$/.test(fn.params[0]?.name ?? '');
  const named = fn.params.filter((each) => each.name !== '');
  const at = named.indexOf(param) - (isMethod && call.func.kind === 'Attribute' ? 1 : 0);
  return argument(call, param.name, at) ?? param.value;
}

function isBoundAgain({ name }: Param, fn: FunctionDef): boolean {
  return (fn.body[0]?.scope.bindings.get(name)?.length ?? 0) > 1;
}

function constant(value: Expr | undefined): boolean | undefined {
  if (value?.kind !== 'Literal') return undefined;
  if (/^(?:False|None|0)$/.test(value.text)) return false;
  return value.text === 'True' ? true : undefined;
}
