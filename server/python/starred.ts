// The grammar gives the star of `[*f(x)]` to `f` alone; here it is put before the whole element.
import type { Expr } from './ast.ts';
import { blank } from './blank.ts';

const STAR = 42;

/** An element of a list, a set or a tuple, as a star with what it spreads when it begins with one. */
export function starred(element: Expr, text: string): Expr {
  if (element.kind === 'Star' || text.charCodeAt(element.start) !== STAR) return element;
  return {
    kind: 'Star',
    ...blank(element.start, element.end),
    value: withoutStar(element),
  };
}

/** The same expression with the star before its first name taken away. */
function withoutStar(expr: Expr): Expr {
  switch (expr.kind) {
    case 'Star':
      return expr.value;
    case 'Call': {
      const func = withoutStar(expr.func);
      return { ...expr, start: func.start, func };
    }
    case 'Attribute':
    case 'Subscript': {
      const value = withoutStar(expr.value);
      return { ...expr, start: value.start, value };
    }
    case 'Operation': {
      const [first, ...more] = expr.operands;
      if (first === undefined) return expr;
      const left = withoutStar(first);
      return { ...expr, start: left.start, operands: [left, ...more] };
    }
    case 'Conditional': {
      const body = withoutStar(expr.body);
      return { ...expr, start: body.start, body };
    }
    default:
      return expr;
  }
}
