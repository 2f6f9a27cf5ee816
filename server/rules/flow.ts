// Asks of a block of statements whether every way through it raises: what "re-raised" means for the rules about exceptions.
import type { Expr, Stmt } from '../python/ast.ts';
import { some } from '../python/children.ts';

/** Whether running these statements surely ends in a `raise` that `counts`. */
export function alwaysRaises(
  body: readonly Stmt[],
  counts: (value: Expr | undefined) => boolean,
): boolean {
  for (const statement of body) {
    if (statementRaises(statement, counts)) return true;
    if (statement.kind === 'Return') return false;
  }
  return false;
}

function statementRaises(statement: Stmt, counts: (value: Expr | undefined) => boolean): boolean {
  const all = (body: readonly Stmt[]) => alwaysRaises(body, counts);
  switch (statement.kind) {
    case 'Raise':
      return counts(statement.value);
    case 'If': {
      // A return under a condition is a matter of its own: the way past it is what is asked about here.
      const returns = (body: readonly Stmt[]) => body.at(-1)?.kind === 'Return';
      const [yes, no] = [all(statement.body), all(statement.orelse)];
      return (yes && (no || returns(statement.orelse))) || (no && returns(statement.body));
    }
    case 'With':
      return all(statement.body);
    case 'Try':
      if (all(statement.final)) return true;
      if (statement.handlers.length > 0) return false;
      return all(statement.body);
    case 'While': {
      const endless = statement.test.kind === 'Literal' && statement.test.text === 'True';
      const breaks = some(statement.body, (node) => node.kind === 'Jump' && node.type === 'break');
      if (breaks) return false;
      return (
        (endless && all(statement.body)) ||
        (some(statement.body, (n) => n.kind === 'Raise') && endless) ||
        all(statement.orelse)
      );
    }
    case 'For': {
      const breaks = some(statement.body, (node) => node.kind === 'Jump' && node.type === 'break');
      if (breaks) return false;
      return (
        (isNonEmpty(statement.iter) &&
          all(statement.body) &&
          !some(statement.body, (n) => n.kind === 'Jump' && n.type === 'continue')) ||
        all(statement.orelse)
      );
    }
    case 'Match': {
      const last = statement.cases.at(-1);
      return (
        last?.isCatchAll === true &&
        last.guard === undefined &&
        statement.cases.every((each) => all(each.body))
      );
    }
    default:
      return false;
  }
}

function isNonEmpty(iter: Expr): boolean {
  if (iter.kind === 'Sequence') return iter.elements.length > 0;
  if (iter.kind === 'Dict') return iter.values.length > 0;
  if (iter.kind !== 'Call' || iter.func.kind !== 'Name' || iter.func.id !== 'range') return false;
  const only = iter.args.length === 1 ? iter.args[0]!.value : undefined;
  return only?.kind === 'Literal' && Number(only.text) > 0;
}
