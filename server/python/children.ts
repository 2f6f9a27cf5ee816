// Walks over the plain tree: the parts of a node in source order, and searches that stay inside one function.
import type { Expr, FunctionDef, Kind, Lambda, Node, Stmt } from './ast.ts';

/** `a` and `b` are handed through, so that a pass over a whole file needs no closure a node. */
type Visit<A, B> = (node: Node, parent: Node, a: A, b: B) => void;

type Parts = {
  readonly [K in Kind]: <A, B>(
    node: Extract<Node, { kind: K }>,
    visit: Visit<A, B>,
    a: A,
    b: B,
  ) => void;
};

function each<A, B>(nodes: readonly Node[], of: Node, visit: Visit<A, B>, a: A, b: B): void {
  for (const node of nodes) visit(node, of, a, b);
}

function params<A, B>(of: FunctionDef | Lambda, visit: Visit<A, B>, a: A, b: B): void {
  for (const { annotation, value } of of.params) {
    if (annotation !== undefined) visit(annotation, of, a, b);
    if (value !== undefined) visit(value, of, a, b);
  }
}

function none(): void {}

function value<A, B>(of: Node & { value: Node }, visit: Visit<A, B>, a: A, b: B): void {
  visit(of.value, of, a, b);
}

function maybeValue<A, B>(
  of: Node & { value: Node | undefined },
  visit: Visit<A, B>,
  a: A,
  b: B,
): void {
  if (of.value !== undefined) visit(of.value, of, a, b);
}

/** A function for each kind: one for all is compiled anew, as a whole, whenever a kind is met for the first time. */
const PARTS: Parts = {
  Name: none,
  Literal: none,
  Jump: none,
  Declare: none,
  Import: none,
  Attribute: value,
  Await: value,
  Star: value,
  ExprStmt: value,
  Yield: maybeValue,
  Return: maybeValue,
  Raise(of, visit, a, b) {
    maybeValue(of, visit, a, b);
    if (of.cause !== undefined) visit(of.cause, of, a, b);
  },
  Call(of, visit, a, b) {
    visit(of.func, of, a, b);
    for (const argument of of.args) visit(argument.value, of, a, b);
  },
  Str: (of, visit, a, b) => each(of.parts, of, visit, a, b),
  Other: (of, visit, a, b) => each(of.parts, of, visit, a, b),
  Lambda(of, visit, a, b) {
    params(of, visit, a, b);
    visit(of.body, of, a, b);
  },
  Sequence: (of, visit, a, b) => each(of.elements, of, visit, a, b),
  Dict(of, visit, a, b) {
    for (const [index, item] of of.values.entries()) {
      const key = of.keys[index];
      if (key !== undefined) visit(key, of, a, b);
      visit(item, of, a, b);
    }
  },
  Comprehension(of, visit, a, b) {
    visit(of.element, of, a, b);
    maybeValue(of, visit, a, b);
    for (const { target, iter } of of.generators) {
      visit(target, of, a, b);
      visit(iter, of, a, b);
    }
    each(of.conditions, of, visit, a, b);
  },
  Operation: (of, visit, a, b) => each(of.operands, of, visit, a, b),
  Subscript(of, visit, a, b) {
    visit(of.value, of, a, b);
    each(of.index, of, visit, a, b);
  },
  Conditional(of, visit, a, b) {
    visit(of.body, of, a, b);
    visit(of.test, of, a, b);
    visit(of.orelse, of, a, b);
  },
  Walrus(of, visit, a, b) {
    visit(of.target, of, a, b);
    visit(of.value, of, a, b);
  },
  Assign(of, visit, a, b) {
    each(of.targets, of, visit, a, b);
    if (of.annotation !== undefined) visit(of.annotation, of, a, b);
    maybeValue(of, visit, a, b);
  },
  AugAssign(of, visit, a, b) {
    visit(of.target, of, a, b);
    visit(of.value, of, a, b);
  },
  Plain: (of, visit, a, b) => each(of.values, of, visit, a, b),
  If(of, visit, a, b) {
    visit(of.test, of, a, b);
    each(of.body, of, visit, a, b);
    each(of.orelse, of, visit, a, b);
  },
  While(of, visit, a, b) {
    visit(of.test, of, a, b);
    each(of.body, of, visit, a, b);
    each(of.orelse, of, visit, a, b);
  },
  For(of, visit, a, b) {
    visit(of.target, of, a, b);
    visit(of.iter, of, a, b);
    each(of.body, of, visit, a, b);
    each(of.orelse, of, visit, a, b);
  },
  With(of, visit, a, b) {
    for (const item of of.items) {
      visit(item.value, of, a, b);
      if (item.target !== undefined) visit(item.target, of, a, b);
    }
    each(of.body, of, visit, a, b);
  },
  Try(of, visit, a, b) {
    each(of.body, of, visit, a, b);
    for (const handler of of.handlers) {
      if (handler.type !== undefined) visit(handler.type, of, a, b);
      each(handler.body, of, visit, a, b);
    }
    each(of.orelse, of, visit, a, b);
    each(of.final, of, visit, a, b);
  },
  FunctionDef(of, visit, a, b) {
    each(of.decorators, of, visit, a, b);
    params(of, visit, a, b);
    if (of.returns !== undefined) visit(of.returns, of, a, b);
    each(of.body, of, visit, a, b);
  },
  ClassDef(of, visit, a, b) {
    each(of.decorators, of, visit, a, b);
    each(of.bases, of, visit, a, b);
    for (const argument of of.keywords) visit(argument.value, of, a, b);
    each(of.body, of, visit, a, b);
  },
  Match(of, visit, a, b) {
    visit(of.subject, of, a, b);
    for (const part of of.cases) {
      visit(part.pattern, of, a, b);
      if (part.guard !== undefined) visit(part.guard, of, a, b);
      each(part.body, of, visit, a, b);
    }
  },
  Module: (of, visit, a, b) => each(of.body, of, visit, a, b),
};

type Part = <A, B>(node: Node, visit: Visit<A, B>, a: A, b: B) => void;

/** Calls `visit` for each direct part of a node. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  (PARTS[node.kind] as Part)(node, visit, undefined, undefined);
}

/** The same with what `visit` is to have. */
export function visitChildren<A, B>(node: Node, visit: Visit<A, B>, a: A, b: B): void {
  (PARTS[node.kind] as Part)(node, visit, a, b);
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

/** Like `within`, and what nested functions, lambdas and classes evaluate where they stand. */
export function* evaluated(roots: Iterable<Node>): Generator<Node> {
  for (const node of within(roots)) {
    yield node;
    const parts = evaluatedBy(node);
    if (parts.length > 0) yield* evaluated(parts);
  }
}

const NOTHING: readonly Expr[] = [];

/** Parts of what a function defines that are evaluated where it stands: defaults, decorators, base classes. */
function evaluatedBy(node: Node): readonly Expr[] {
  if (node.kind === 'ClassDef')
    return [...node.decorators, ...node.bases, ...node.keywords.map(({ value }) => value)];
  if (node.kind !== 'FunctionDef' && node.kind !== 'Lambda') return NOTHING;
  const defaults = node.params.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return node.kind === 'Lambda' ? defaults : [...node.decorators, ...defaults];
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

/** Nodes around this one, innermost first, up to (not including) the function, class or module it runs in. */
export function* around(node: Node): Generator<Node> {
  let at: Node = node;
  while (at.kind !== 'Module') {
    const inside = at;
    at = at.parent;
    if (at.kind === 'Module' || isRunBy(at, inside)) return;
    yield at;
  }
}

/** Decorators, defaults, annotations and base classes run where the function or class is made, not in it. */
function isRunBy(outer: Node, inside: Node): boolean {
  if (outer.kind === 'Lambda') return outer.body === inside;
  if (outer.kind !== 'FunctionDef' && outer.kind !== 'ClassDef') return false;
  return (outer.body as readonly Node[]).includes(inside);
}

/** `a.b.c` as text when the expression is nothing but names and dots. */
export function dotted(node: Expr): string | undefined {
  if (node.kind === 'Name') return node.id;
  if (node.kind !== 'Attribute') return undefined;
  const base = dotted(node.value);
  return base === undefined ? undefined : `${base}.${node.attr}`;
}
