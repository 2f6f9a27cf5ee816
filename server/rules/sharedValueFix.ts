// Part of global-across-processes: makes a global number a shared Value that is handed to the processes which change it.
import type { Edit, Fix } from '../diagnostic.ts';
import type { Assign, Expr, FunctionDef, Name } from '../python/ast.ts';
import { keyword } from '../python/calls.ts';
import { everything } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import { importing, indentation, insert, replace, suggestion } from '../python/fixes.ts';
import { isWrite, namesOf, readsOf } from '../python/names.ts';
import { indented, removedLine } from '../python/reindent.ts';
import { moduleScope } from '../python/scope.ts';
import type { Context } from '../rule.ts';

/**
 * A Value at the top of a module is another one in every process that spawns, so it is handed over as an argument. None
 * where that can not be seen through: other than numbers, other ways of starting, other functions of other processes.
 */
export function shareValue(fn: FunctionDef, id: string, context: Context): Fix[] {
  const { model } = context;
  const made = numberMade(fn, id);
  const handed = handOver(fn, id, context);
  const shadow = withoutGlobal(fn, id, context);
  if (made === undefined || handed === undefined || shadow === undefined) return [];
  const uses = changeUses(fn, id, made, context);
  if (uses === undefined) return [];
  const module = importing(model, 'multiprocessing');
  const code = /[.e]/.test(made.text) ? 'd' : 'q';
  const value = replace(made.number, `${module.name}.Value('${code}', ${made.text})`);
  return [
    suggestion('Make it a shared Value', [...module.edits, value, ...handed, ...shadow, ...uses]),
  ];
}

interface Made {
  readonly assign: Assign;
  readonly number: Expr;
  readonly text: string;
}

/** The one assignment at the top of the module, of a plain number. */
function numberMade(fn: FunctionDef, id: string): Made | undefined {
  const bindings = moduleScope(fn.scope).bindings.get(id) ?? [];
  const top = bindings.filter((binding) => binding.from.kind === 'module');
  const assign = top[0]?.node;
  if (top.length !== 1 || assign?.kind !== 'Assign' || assign.annotation !== undefined)
    return undefined;
  const { value, targets } = assign;
  if (targets.length !== 1 || targets[0]?.kind !== 'Name' || value?.kind !== 'Literal')
    return undefined;
  return /^\d[\d_]*(?:\.\d*)?(?:e-?\d+)?$/.test(value.text)
    ? { assign, number: value, text: value.text }
    : undefined;
}

/** Edits of everything that starts the function; undefined when it is also called, or started in another way. */
function handOver(fn: FunctionDef, id: string, { model, resolver }: Context): Edit[] | undefined {
  const edits: Edit[] = [];
  let starts = 0;
  for (const launch of launches(resolver)) {
    if (launched(launch, resolver)?.fn !== fn) continue;
    const target = keyword(launch.call, 'target');
    const args = keyword(launch.call, 'args');
    if (launch.where !== 'process' || launch.by !== 'start' || target === undefined)
      return undefined;
    if (launch.call.args.some((arg) => arg.star !== '' || arg.name === 'kwargs')) return undefined;
    const given = args?.value.kind === 'Sequence' ? args.value.elements : [];
    if (args !== undefined && given.length === 0) return undefined;
    if (given.length !== fn.params.length || given.some((each) => each.kind === 'Star'))
      return undefined;
    const last = given.at(-1);
    edits.push(
      last === undefined ? insert(target.end, `, args=(${id},)`) : insert(last.end, `, ${id}`),
    );
    starts++;
  }
  const isCalled = readsOf(model, fn.scope, fn.name).length !== starts;
  return starts === 0 || isCalled ? undefined : edits;
}

/** Makes the name a parameter in place of a global. */
function withoutGlobal(fn: FunctionDef, id: string, { model }: Context): Edit[] | undefined {
  const isPlain = fn.params.every((param) => param.star === '' && param.name !== '');
  const declared = fn.body.filter((each) => each.kind === 'Declare' && each.names.includes(id));
  const only = declared[0];
  if (!isPlain || declared.length !== 1 || only?.kind !== 'Declare' || only.names.length !== 1)
    return undefined;
  const gone = removedLine(model, only);
  if (gone === undefined) return undefined;
  const last = fn.params.at(-1);
  const param =
    last === undefined
      ? insert(fn.nameStart + fn.name.length + 1, id)
      : insert(last.end, `, ${id}`);
  return [gone, param];
}

/** `.value` everywhere, and under the Value's own lock where the function reads and writes at once. */
function changeUses(
  fn: FunctionDef,
  id: string,
  made: Made,
  { model, resolver }: Context,
): Edit[] | undefined {
  const edits: Edit[] = [];
  const remote = launches(resolver).map((each) => launched(each, resolver)?.fn);
  const others = remote.filter((each) => each !== undefined && each !== fn) as FunctionDef[];
  for (const name of namesOf(model, moduleScope(fn.scope), id)) {
    if (made.assign.targets.includes(name)) continue;
    if (others.some((each) => each.start <= name.start && name.end <= each.end)) return undefined;
    const { parent } = name;
    const isTarget = parent.kind === 'AugAssign' || parent.kind === 'Assign';
    if (isWrite(name) && !isTarget) return undefined;
    if (parent.kind === 'AugAssign' && parent.target === name && inside(name, fn)) {
      const lines = indented(model, [parent]);
      const first = lines?.[0];
      if (lines === undefined || first === undefined) return undefined;
      const head = `${indentation(model.text, parent.start)}with ${id}.get_lock():\n${first.text}`;
      edits.push({ ...first, text: head }, ...lines.slice(1));
    }
    edits.push(insert(name.end, '.value'));
  }
  return edits;
}

/** In the function itself: a nested one would see the parameter, too, but may run when nobody looks. */
function inside(name: Name, fn: FunctionDef): boolean {
  for (const node of everything(fn.body)) if (node === name) return true;
  return false;
}
