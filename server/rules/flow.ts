// Asks of a block of statements whether every way through it raises: what "re-raised" means for the rules about exceptions.
import type { Expr, Match, Node, Stmt } from '../python/ast.ts';
import { blocksOf, dotted } from '../python/calls.ts';
import { some } from '../python/children.ts';

/** Whether running these statements surely ends in a `raise` that `counts`. */
export function alwaysRaises(
  body: readonly Stmt[],
  counts: (value: Expr | undefined) => boolean,
): boolean {
  return body.some((each) => statementRaises(each, counts));
}

/** Whether nothing behind a statement is ever run because each of its branches raises, returns or jumps away. */
export function isLeft(statement: Stmt): boolean {
  switch (statement.kind) {
    case 'Raise':
      return true;
    case 'If':
      return leaves(statement.body) && leaves(statement.orelse);
    case 'With':
      return leaves(statement.body);
    case 'Try':
      return leaves(statement.final);
    case 'Match':
      return isExhaustive(statement) && statement.cases.every((each) => leaves(each.body));
    default:
      return false;
  }
}

function leaves(body: readonly Stmt[]): boolean {
  return body.some(
    (each) =>
      each.kind === 'Return' || (each.kind === 'Jump' && each.type !== 'pass') || isLeft(each),
  );
}

function isExhaustive({ cases }: Match): boolean {
  const last = cases.at(-1);
  return last?.isCatchAll === true && last.guard === undefined;
}

function statementRaises(statement: Stmt, counts: (value: Expr | undefined) => boolean): boolean {
  const all = (body: readonly Stmt[]) => alwaysRaises(body, counts);
  switch (statement.kind) {
    case 'Raise':
      return counts(statement.value);
    case 'ExprStmt':
      return isExit(statement.value);
    case 'If':
      return all(statement.body) && all(statement.orelse);
    case 'With':
      return all(statement.body) && !statement.items.some(({ value }) => swallows(value));
    case 'Try':
      if (all(statement.final)) return true;
      // Who returns on the way out takes what was raised along.
      if (some(statement.final, (each) => each.kind === 'Return')) return false;
      // What the body raises may be caught by a clause, and what a clause raises is something else.
      return statement.handlers.length === 0 && all(statement.body);
    case 'While': {
      if (breaks(statement.body)) return false;
      return (isTruth(statement.test) && all(statement.body)) || all(statement.orelse);
    }
    case 'For': {
      if (breaks(statement.body)) return false;
      const skips = (n: Node) => n.kind === 'Jump' && n.type === 'continue';
      return (
        (isNonEmpty(statement.iter) && all(statement.body) && !some(statement.body, skips)) ||
        all(statement.orelse)
      );
    }
    case 'Match':
      return isExhaustive(statement) && statement.cases.every((each) => all(each.body));
    default:
      return false;
  }
}

/** `contextlib.suppress(…)` of everything, or of the cancellation. */
function swallows(manager: Expr): boolean {
  return (
    manager.kind === 'Call' &&
    /(?:^|\.)suppress$/.test(dotted(manager.func) ?? '') &&
    manager.args.some(({ value }) =>
      /(?:^|\.)(?:BaseException|CancelledError|Cancelled)$/.test(dotted(value) ?? ''),
    )
  );
}

/** Calls that never return: they raise what nobody mistakes for the end of the work. */
function isExit(expr: Expr): boolean {
  return (
    expr.kind === 'Call' &&
    /^(?:sys\.exit|os\._exit|pytest\.(?:fail|skip|exit)|self\.(?:fail|skipTest))$/.test(
      dotted(expr.func) ?? '',
    )
  );
}

/** A `break` of this very loop: those in the bodies of loops within are theirs. */
function breaks(body: readonly Stmt[]): boolean {
  return body.some((each) => {
    if (each.kind === 'Jump') return each.type === 'break';
    if (each.kind === 'FunctionDef' || each.kind === 'ClassDef') return false;
    if (each.kind === 'For' || each.kind === 'While') return breaks(each.orelse);
    return blocksOf(each).some(breaks);
  });
}

/** A constant that is true. */
function isTruth(test: Expr): boolean {
  if (test.kind === 'Literal') return !/^(?:False|None|0+(?:\.0*)?)$/.test(test.text);
  return (test.kind === 'Str' && test.value !== '') || isNonEmpty(test);
}

function isNonEmpty(iter: Expr): boolean {
  if (iter.kind === 'Str') return iter.value !== '';
  if (iter.kind === 'Sequence') return iter.elements.some((each) => each.kind !== 'Star');
  if (iter.kind === 'Dict') return iter.keys.some((key) => key !== undefined);
  if (iter.kind !== 'Call' || iter.func.kind !== 'Name' || iter.func.id !== 'range') return false;
  const bounds = iter.args.map(({ value }) =>
    value.kind === 'Literal' ? Number(value.text) : NaN,
  );
  const [first = 0, second] = bounds;
  return bounds.length < 3 && (second === undefined ? first > 0 : second > first);
}
