// Small questions about calls, loops and where code runs, asked by many rules.
import type { Argument, Call, Expr, FunctionDef, Node, Stmt } from './ast.ts';
import { around, dotted } from './children.ts';
import { functionOf } from './scope.ts';

/** The argument passed by this name or at this position; undefined when a `*` or `**` makes it unknowable too. */
export function argument(call: Call, name: string, position?: number): Expr | undefined {
  const named = call.args.find((arg) => arg.name === name);
  if (named !== undefined) return named.value;
  if (position === undefined) return undefined;
  const positional = call.args.filter((arg) => arg.name === undefined && arg.star !== '**');
  if (positional.slice(0, position + 1).some((arg) => arg.star === '*')) return undefined;
  return positional[position]?.value;
}

export function keyword(call: Call, name: string): Argument | undefined {
  return call.args.find((arg) => arg.name === name);
}

export function isAwaited(node: Node): boolean {
  return node.parent.kind === 'Await';
}

export function isStatementCall(node: Node): boolean {
  return node.parent.kind === 'ExprStmt';
}

/** The async function whose code this is; undefined in sync functions, lambdas, class bodies and at module level. */
export function asyncFunctionOf(node: Node): FunctionDef | undefined {
  const fn = functionOf(node);
  return fn?.isAsync === true ? fn : undefined;
}

export function literal(expr: Expr | undefined): string | undefined {
  return expr?.kind === 'Literal' ? expr.text : undefined;
}

export function isFalse(expr: Expr | undefined): boolean {
  return expr?.kind === 'Literal' && (expr.text === 'False' || expr.text === '0');
}

export function isTrue(expr: Expr | undefined): boolean {
  return expr?.kind === 'Literal' && (expr.text === 'True' || expr.text === '1');
}

/** The loop around a node within its own function, comprehensions not counted. */
export function loopAround(node: Node): Extract<Node, { kind: 'For' | 'While' }> | undefined {
  let inside: Node = node;
  for (const each of around(node)) {
    if (
      (each.kind === 'For' || each.kind === 'While') &&
      (each.body as readonly Node[]).includes(inside)
    )
      return each;
    if (each.kind === 'While' && each.test === inside) return each;
    inside = each;
  }
  return undefined;
}

/** Whether two expressions are the same name or the same chain of attributes. */
export function sameTarget(a: Expr, b: Expr): boolean {
  const name = dotted(a);
  return name !== undefined && name === dotted(b);
}

/** The block of statements a statement stands in. */
export function blockOf(statement: Stmt): readonly Stmt[] {
  for (const block of blocksOf(statement.parent)) if (block.includes(statement)) return block;
  return [statement];
}

export function blocksOf(node: Node): (readonly Stmt[])[] {
  switch (node.kind) {
    case 'Module':
    case 'FunctionDef':
    case 'ClassDef':
    case 'With':
      return [node.body];
    case 'If':
    case 'While':
    case 'For':
      return [node.body, node.orelse];
    case 'Try':
      return [node.body, ...node.handlers.map((h) => h.body), node.orelse, node.final];
    case 'Match':
      return node.cases.map((each) => each.body);
    default:
      return [];
  }
}

export { dotted };
