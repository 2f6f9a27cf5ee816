// Ways out of taking two locks in both orders: swap the two, or take both at once in an order that is the same everywhere.
import type { Edit, Fix } from '../diagnostic.ts';
import type { Expr, FunctionDef, Stmt, With } from './ast.ts';
import { dotted } from './children.ts';
import {
  indentation,
  indentStep,
  insert,
  lineEnd,
  lineStart,
  replace,
  source,
  suggestion,
} from './fixes.ts';
import type { PythonModel } from './model.ts';
import { functionOf } from './scope.ts';

/** What the text calls a lock, where its type can't be told. */
const LOCK_NAME = /(?:lock|mutex|cond|condition|guard)s?\d*$/i;
/** Names for the two in order, the first pair that the function doesn't use yet. */
const NAMES = [
  ['first', 'second'],
  ['first_lock', 'second_lock'],
  ['earlier_lock', 'later_lock'],
] as const;

/**
 * Two `with` items, one taken while the other is held. Empty where the source has another shape than one nested right in
 * the other, or where moving the lock would change what it stands for.
 */
export function lockOrderFixes(model: PythonModel, held: Expr, taken: Expr): Fix[] {
  const outer = held.parent;
  const inner = taken.parent;
  if (outer.kind !== 'With' || inner.kind !== 'With' || outer.isAsync !== inner.isAsync) return [];
  const names = [held, taken].map((expr) => dotted(expr));
  const [one, other] = names;
  if (one === undefined || other === undefined || one === other) return [];
  if (hasTarget(outer, held) || hasTarget(inner, taken)) return [];
  if (outer !== inner && !isRightInside(outer, inner)) return [];
  if (outer !== inner && isRebound(model, taken, outer, inner)) return [];
  const alike = tail(one) !== '' && tail(one) === tail(other);
  const fn = functionOf(inner);
  if (alike && fn !== undefined) return ordered(model, outer, inner, held, taken, fn);
  return swapped(model, outer, inner, held, taken);
}

/** For a lock that a run saw taken at a line of `from … to`: it and the one it is nested in. */
export function nestedLocksAt(
  model: PythonModel,
  from: number,
  to: number,
  isLock: (expr: Expr) => boolean,
): { readonly held: Expr; readonly taken: Expr } | undefined {
  const looksLikeOne = (expr: Expr): boolean => isLock(expr) || LOCK_NAME.test(dotted(expr) ?? '');
  for (const inner of model.withs) {
    for (const [index, { value }] of inner.items.entries()) {
      if (value.start < from || value.end > to || !looksLikeOne(value)) continue;
      const before = inner.items[index - 1]?.value;
      const outer = model.withs.find((each) => isRightInside(each, inner));
      const held = before ?? outer?.items.at(-1)?.value;
      if (held !== undefined && looksLikeOne(held)) return { held, taken: value };
    }
  }
  return undefined;
}

/** `with b: with a:`, or `with b, a:` where something happens in between, which both then protect. */
function swapped(model: PythonModel, outer: With, inner: With, held: Expr, taken: Expr): Fix[] {
  const [one, other] = [source(model, held), source(model, taken)];
  const title = `Take ${other} before ${one}`;
  if (outer === inner || outer.body.length === 1) {
    return [suggestion(title, [replace(held, other), replace(taken, one)])];
  }
  const flat = flattened(model, inner);
  if (flat === undefined) return [];
  return [
    suggestion(`${title}, both for the whole block`, [replace(held, `${other}, ${one}`), ...flat]),
  ];
}

/** Two of a kind whose order depends on the caller: by their id, which is the same for everybody in the process. */
function ordered(
  model: PythonModel,
  outer: With,
  inner: With,
  held: Expr,
  taken: Expr,
  fn: FunctionDef,
): Fix[] {
  const { text } = model;
  const used = text.slice(fn.start, fn.end);
  const names = NAMES.find((pair) => pair.every((name) => !new RegExp(`\\b${name}\\b`).test(used)));
  if (names === undefined || text.slice(lineStart(text, outer.start), outer.start).trim() !== '')
    return [];
  const [first, second] = names;
  const sort = insert(
    lineStart(text, outer.start),
    `${indentation(text, outer.start)}${first}, ${second} = sorted((${source(model, held)}, ${source(model, taken)}), key=id)\n`,
  );
  const title = 'Take both in the order of their ids, whoever calls';
  if (outer === inner || outer.body.length === 1) {
    return [suggestion(title, [sort, replace(held, first), replace(taken, second)])];
  }
  const flat = flattened(model, inner);
  if (flat === undefined) return [];
  return [suggestion(title, [sort, replace(held, `${first}, ${second}`), ...flat])];
}

/** Takes a `with` away and moves its block one step to the left; undefined where that would change a text. */
function flattened(model: PythonModel, inner: With): Edit[] | undefined {
  const { text } = model;
  const [first] = inner.body;
  const start = lineStart(text, inner.start);
  const body = lineEnd(text, inner.items.at(-1)?.value.end ?? inner.start);
  if (first === undefined || lineStart(text, first.start) < body) return undefined;
  if (text.slice(start, inner.start).trim() !== '') return undefined;
  if (/"""|'''|\\\r?\n/.test(text.slice(body, inner.end))) return undefined;
  const outside = indentation(text, inner.start);
  const step = indentation(text, first.start).slice(outside.length) || indentStep(text);
  const edits: Edit[] = [{ start, end: body, text: '' }];
  for (let at = body; at < inner.end; at = lineEnd(text, at)) {
    if (text.startsWith(outside + step, at)) {
      edits.push({ start: at + outside.length, end: at + outside.length + step.length, text: '' });
    } else if (text.slice(at, lineEnd(text, at)).trim() !== '') return undefined;
  }
  return edits;
}

function isRightInside(outer: With, inner: With): boolean {
  return (
    outer.items.length === 1 &&
    inner.items.length === 1 &&
    (outer.body as readonly Stmt[]).includes(inner)
  );
}

function hasTarget({ items }: With, value: Expr): boolean {
  return items.some((item) => item.value === value && item.target !== undefined);
}

/** What the inner lock is called comes about only after the outer one is taken. */
function isRebound(model: PythonModel, taken: Expr, outer: With, inner: With): boolean {
  const root = (dotted(taken) ?? '').split('.')[0] ?? '';
  const between = model.text.slice(outer.body[0]?.start ?? inner.start, inner.start);
  return new RegExp(
    `\\b${root}\\b[^\\n=(]*(?:=(?!=)|:=)|\\bfor\\s[^\\n]*\\b${root}\\b[^\\n]*\\bin\\b`,
  ).test(between);
}

/** `lock` of `source.lock`; nothing of a plain name. */
function tail(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 || name.startsWith('self.') || name.startsWith('cls.') ? '' : name.slice(dot + 1);
}
