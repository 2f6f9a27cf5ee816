// Walks over the plain tree: the parts of a node in source order, and searches that stay inside one function.
import { assertNever } from '../../base/assert.ts';
import type { Argument, Expr, Node, Param, Stmt } from './ast.ts';

type Visit = (node: Node) => void;

function each(nodes: readonly Node[], visit: Visit): void {
  for (const node of nodes) visit(node);
}

function maybe(node: Node | undefined, visit: Visit): void {
  if (node !== undefined) visit(node);
}

function params(list: readonly Param[], visit: Visit): void {
  for (const param of list) {
    maybe(param.annotation, visit);
    maybe(param.value, visit);
  }
}

function args(list: readonly Argument[], visit: Visit): void {
  for (const argument of list) visit(argument.value);
}

/** Calls `visit` for each direct part of a node. */
export function forEachChild(node: Node, visit: Visit): void {
  switch (node.kind) {
    case 'Name':
    case 'Literal':
    case 'Jump':
    case 'Declare':
    case 'Import':
      return;
    case 'Attribute':
    case 'Await':
    case 'Star':
    case 'ExprStmt':
      visit(node.value);
      return;
    case 'Call':
      visit(node.func);
      args(node.args, visit);
      return;
    case 'Str':
    case 'Other':
      each(node.parts, visit);
      return;
    case 'Lambda':
      params(node.params, visit);
      visit(node.body);
      return;
    case 'Sequence':
      each(node.elements, visit);
      return;
    case 'Dict':
      for (const [index, value] of node.values.entries()) {
        maybe(node.keys[index], visit);
        visit(value);
      }
      return;
    case 'Comprehension':
      visit(node.element);
      maybe(node.value, visit);
      for (const generator of node.generators) {
        visit(generator.target);
        visit(generator.iter);
      }
      each(node.conditions, visit);
      return;
    case 'Operation':
      each(node.operands, visit);
      return;
    case 'Subscript':
      visit(node.value);
      each(node.index, visit);
      return;
    case 'Conditional':
      visit(node.body);
      visit(node.test);
      visit(node.orelse);
      return;
    case 'Yield':
    case 'Return':
      maybe(node.value, visit);
      return;
    case 'Raise':
      maybe(node.value, visit);
      maybe(node.cause, visit);
      return;
    case 'Walrus':
      visit(node.target);
      visit(node.value);
      return;
    case 'Assign':
      each(node.targets, visit);
      maybe(node.annotation, visit);
      maybe(node.value, visit);
      return;
    case 'AugAssign':
      visit(node.target);
      visit(node.value);
      return;
    case 'Plain':
      each(node.values, visit);
      return;
    case 'If':
    case 'While':
      visit(node.test);
      each(node.body, visit);
      each(node.orelse, visit);
      return;
    case 'For':
      visit(node.target);
      visit(node.iter);
      each(node.body, visit);
      each(node.orelse, visit);
      return;
    case 'With':
      for (const item of node.items) {
        visit(item.value);
        maybe(item.target, visit);
      }
      each(node.body, visit);
      return;
    case 'Try':
      each(node.body, visit);
      for (const handler of node.handlers) {
        maybe(handler.type, visit);
        each(handler.body, visit);
      }
      each(node.orelse, visit);
      each(node.final, visit);
      return;
    case 'FunctionDef':
      each(node.decorators, visit);
      params(node.params, visit);
      maybe(node.returns, visit);
      each(node.body, visit);
      return;
    case 'ClassDef':
      each(node.decorators, visit);
      each(node.bases, visit);
      args(node.keywords, visit);
      each(node.body, visit);
      return;
    case 'Match':
      visit(node.subject);
      for (const part of node.cases) {
        visit(part.pattern);
        maybe(part.guard, visit);
        each(part.body, visit);
      }
      return;
    case 'Module':
      each(node.body, visit);
      return;
    default:
      assertNever(node);
  }
}

const opensScope = (node: Node) =>
  node.kind === 'FunctionDef' || node.kind === 'Lambda' || node.kind === 'ClassDef';

/** Every node below these, in source order, that runs when they run: nested functions, lambdas and classes are left out. */
export function* within(roots: Iterable<Node>): Generator<Node> {
  const stack: Node[] = [...roots].reverse();
  const below: Node[] = [];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    if (opensScope(node)) continue;
    below.length = 0;
    forEachChild(node, (child) => below.push(child));
    for (let index = below.length - 1; index >= 0; index--) stack.push(below[index]!);
  }
}

/** Like `within`, but also inside nested functions. */
export function* everything(roots: Iterable<Node>): Generator<Node> {
  for (const root of roots) {
    yield root;
    const below: Node[] = [];
    forEachChild(root, (child) => below.push(child));
    yield* everything(below);
  }
}

export function some(roots: Iterable<Node>, test: (node: Node) => boolean): boolean {
  for (const node of within(roots)) if (test(node)) return true;
  return false;
}

/** The statement an expression belongs to. */
export function statementOf(node: Node): Stmt | undefined {
  for (let at: Node = node; at.kind !== 'Module'; at = at.parent) {
    if (isStatement(at)) return at;
  }
  return undefined;
}

const STATEMENTS = new Set<string>([
  'ExprStmt',
  'Assign',
  'AugAssign',
  'Return',
  'Raise',
  'Plain',
  'Jump',
  'Declare',
  'Import',
  'If',
  'While',
  'For',
  'With',
  'Try',
  'FunctionDef',
  'ClassDef',
  'Match',
]);

export function isStatement(node: Node): node is Stmt {
  return STATEMENTS.has(node.kind);
}

/** Nodes around this one, innermost first, up to (not including) the function or module it runs in. */
export function* around(node: Node): Generator<Node> {
  let at: Node = node;
  while (at.kind !== 'Module') {
    at = at.parent;
    if (at.kind === 'FunctionDef' || at.kind === 'Lambda' || at.kind === 'ClassDef') return;
    if (at.kind === 'Module') return;
    yield at;
  }
}

/** `a.b.c` as text when the expression is nothing but names and dots. */
export function dotted(node: Expr): string | undefined {
  if (node.kind === 'Name') return node.id;
  if (node.kind !== 'Attribute') return undefined;
  const base = dotted(node.value);
  return base === undefined ? undefined : `${base}.${node.attr}`;
}
