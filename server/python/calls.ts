// Small questions about calls, loops and where code runs, asked by many rules.
import type { Argument, Call, Expr, FunctionDef, Lambda, Node, Stmt } from './ast.ts';
import { around, dotted } from './children.ts';
import { functionScope } from './scope.ts';

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

/** Whether what an expression gives is thrown away: a statement of its own, or a part of one that only chooses or lists. */
export function isDiscarded(node: Expr): boolean {
  let at: Expr = node;
  for (;;) {
    const { parent } = at;
    if (parent.kind === 'ExprStmt') return true;
    const only =
      (parent.kind === 'Conditional' && parent.test !== at) ||
      (parent.kind === 'Operation' && /^(?:and|or|not)$/.test(parent.op)) ||
      parent.kind === 'Sequence' ||
      parent.kind === 'Dict' ||
      (parent.kind === 'Comprehension' && parent.type !== 'generator' && parent.element === at);
    if (!only) return false;
    at = parent as Expr;
  }
}

/** The async function whose code this is; undefined in sync functions, at module level and in lambdas that run elsewhere. */
export function asyncFunctionOf(node: Node): FunctionDef | undefined {
  let scope = functionScope(node.scope);
  // The body of a class runs where the class stands.
  while (scope.kind === 'class' || (scope.node.kind === 'Lambda' && runsInPlace(scope.node))) {
    scope = functionScope(scope.node.scope);
  }
  return scope.node.kind === 'FunctionDef' && scope.node.isAsync ? scope.node : undefined;
}

/** Whether an await can stand here: not in a lambda or a class body, even where those run in the async function. */
export function canAwait(node: Node): boolean {
  const { node: owner } = functionScope(node.scope);
  return owner.kind === 'FunctionDef' && owner.isAsync;
}

/** Called where it stands, or handed to a builtin that is done with it before it returns. */
export function runsInPlace(lambda: Lambda): boolean {
  const { parent } = lambda;
  if (parent.kind !== 'Call') return false;
  if (parent.func === lambda) return true;
  const isKey = parent.args.some((arg) => arg.value === lambda && arg.name === 'key');
  const name = dotted(parent.func) ?? '';
  if (isKey) return /^(?:sorted|min|max|(?:.*\.)?sort)$/.test(name);
  if (/^(?:functools\.)?reduce$/.test(name)) return true;
  return /^(?:map|filter)$/.test(name) && isConsumed(parent);
}

/** A lazy `map` or `filter` that something around it goes through at once. */
export function isConsumed(call: Call): boolean {
  const { parent } = call;
  if (parent.kind === 'For') return parent.iter === call;
  if (parent.kind === 'Comprehension')
    return parent.type !== 'generator' && parent.generators.some((each) => each.iter === call);
  if (parent.kind === 'Star' || (parent.kind === 'Yield' && parent.isFrom)) return true;
  if (parent.kind !== 'Call') return false;
  if (parent.args.some((arg) => arg.value === call && arg.star === '*')) return true;
  return parent.func.kind === 'Name'
    ? /^(?:list|tuple|set|dict|sorted|sum|min|max|any|all|frozenset|next)$/.test(parent.func.id)
    : parent.func.kind === 'Attribute' && /^(?:join|extend|update)$/.test(parent.func.attr);
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
