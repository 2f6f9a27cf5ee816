// Names: which scope each node belongs to, and what every name in a scope was bound to.
import type {
  Assign,
  AugAssign,
  Await,
  Call,
  ClassDef,
  Comprehension,
  Expr,
  For,
  FunctionDef,
  Kind,
  Lambda,
  Module,
  Node,
  Try,
  While,
  With,
} from './ast.ts';
import { visitChildren } from './children.ts';

export type BindingKind =
  | 'import'
  | 'assign'
  | 'unpack'
  | 'augmented'
  | 'with'
  | 'for'
  | 'param'
  | 'function'
  | 'class'
  | 'except'
  | 'delete';

export interface Binding {
  readonly kind: BindingKind;
  readonly name: string;
  readonly node: Node;
  /** What it was bound to: the assigned value, the `with` expression, the iterated one, a parameter's default. */
  readonly value: Expr | undefined;
  readonly annotation: Expr | undefined;
  /** For imports: the module (with leading dots) and the name taken from it. */
  readonly module?: string;
  readonly imported?: string | undefined;
  /** The scope whose code does the binding; it differs from the owner for `global` names. */
  readonly from: Scope;
}

export interface Scope {
  readonly kind: 'module' | 'class' | 'function' | 'lambda' | 'comprehension';
  readonly node: Module | ClassDef | FunctionDef | Lambda | Comprehension;
  readonly outer: Scope | undefined;
  readonly bindings: Map<string, Binding[]>;
  readonly globals: Set<string>;
  readonly nonlocals: Set<string>;
}

/** The flat lists that one pass over a file fills; all in source order. */
export interface Facts {
  readonly nodes: Node[];
  readonly functions: FunctionDef[];
  readonly classes: ClassDef[];
  readonly calls: Call[];
  readonly awaits: Await[];
  readonly withs: With[];
  readonly loops: (For | While)[];
  readonly assigns: Assign[];
  readonly augmented: AugAssign[];
  readonly tries: Try[];
  /** Dotted names of imported modules, and of what is imported from them. */
  readonly imports: Set<string>;
}

/** Sets `parent` and `scope` on every node, fills in bindings and returns the lists. */
export function bindNames(module: Module): Facts {
  const facts: Facts = {
    nodes: [],
    functions: [],
    classes: [],
    calls: [],
    awaits: [],
    withs: [],
    loops: [],
    assigns: [],
    augmented: [],
    tries: [],
    imports: new Set(),
  };
  const scope = newScope('module', module, undefined);
  module.scope = scope;
  visitChildren(module, visit, scope, facts);
  return facts;
}

function newScope(kind: Scope['kind'], node: Scope['node'], outer: Scope | undefined): Scope {
  return { kind, node, outer, bindings: new Map(), globals: new Set(), nonlocals: new Set() };
}

function visit(node: Node, parent: Node, scope: Scope, facts: Facts): void {
  node.parent = parent;
  node.scope = scope;
  facts.nodes.push(node);
  if (node.kind === 'Name' || node.kind === 'Literal') return;
  const bindsIn = BINDERS[node.kind] as Binder<Node> | undefined;
  if (bindsIn === undefined || bindsIn(node, scope, facts))
    visitChildren(node, visit, scope, facts);
}

/** Notes what a node binds; says whether its parts are still to be visited, all in the node's own scope. */
type Binder<N extends Node> = (node: N, scope: Scope, facts: Facts) => boolean;

const BINDERS: { readonly [K in Kind]?: Binder<Extract<Node, { kind: K }>> } = {
  Call: (node, _scope, { calls }) => calls.push(node) > 0,
  Await: (node, _scope, { awaits }) => awaits.push(node) > 0,
  FunctionDef(node, scope, facts) {
    facts.functions.push(node);
    bindDefinition('function', node, scope);
    visitFunction(node, scope, facts);
    return false;
  },
  Lambda(node, scope, facts) {
    const inner = newScope('lambda', node, scope);
    for (const param of node.params)
      if (param.value !== undefined) visit(param.value, node, scope, facts);
    bindParams(node, inner);
    visit(node.body, node, inner, facts);
    return false;
  },
  ClassDef(node, scope, facts) {
    facts.classes.push(node);
    bindDefinition('class', node, scope);
    for (const part of node.decorators) visit(part, node, scope, facts);
    for (const part of node.bases) visit(part, node, scope, facts);
    for (const part of node.keywords) visit(part.value, node, scope, facts);
    const inner = newScope('class', node, scope);
    for (const part of node.body) visit(part, node, inner, facts);
    return false;
  },
  Comprehension(node, scope, facts) {
    const inner = newScope('comprehension', node, scope);
    for (const generator of node.generators)
      bindTarget(generator.target, generator.iter, 'for', node, inner);
    visitChildren(node, visit, inner, facts);
    return false;
  },
  Declare(node, scope) {
    for (const name of node.names)
      (node.type === 'global' ? scope.globals : scope.nonlocals).add(name);
    return false;
  },
  Import(node, scope, facts) {
    for (const { name } of node.names)
      facts.imports.add(node.from === undefined ? name : `${node.from}.${name}`);
    if (node.from !== undefined) facts.imports.add(node.from);
    bindImports(node, scope);
    return false;
  },
  Assign(node, scope, facts) {
    facts.assigns.push(node);
    for (const target of node.targets)
      bindTarget(target, node.value, 'assign', node, scope, node.annotation);
    return true;
  },
  AugAssign(node, scope, facts) {
    facts.augmented.push(node);
    bindTarget(node.target, undefined, 'augmented', node, scope);
    return true;
  },
  Walrus(node, scope) {
    bindTarget(node.target, node.value, 'assign', node, functionScope(scope));
    return true;
  },
  While: (node, _scope, { loops }) => loops.push(node) > 0,
  For(node, scope, facts) {
    facts.loops.push(node);
    bindTarget(node.target, node.iter, 'for', node, scope);
    return true;
  },
  With(node, scope, facts) {
    facts.withs.push(node);
    for (const item of node.items) {
      if (item.target !== undefined) bindTarget(item.target, item.value, 'with', node, scope);
    }
    return true;
  },
  Try(node, scope, facts) {
    facts.tries.push(node);
    for (const { name, type } of node.handlers) {
      if (name === undefined) continue;
      bind(scope, {
        kind: 'except',
        name,
        node,
        value: type,
        annotation: undefined,
        from: scope,
      });
    }
    return true;
  },
  Match(node, scope) {
    const unpack = { kind: 'unpack', node, value: undefined, annotation: undefined } as const;
    for (const { captures } of node.cases)
      for (const name of captures) bind(scope, { ...unpack, name, from: scope });
    return true;
  },
  Plain(node, scope) {
    if (node.type === 'delete_statement') {
      for (const value of node.values) bindTarget(value, undefined, 'delete', node, scope);
    }
    return true;
  },
};

function bindDefinition(kind: 'function' | 'class', node: FunctionDef | ClassDef, scope: Scope) {
  const { name } = node;
  bind(scope, { kind, name, node, value: undefined, annotation: undefined, from: scope });
}

function visitFunction(node: FunctionDef, scope: Scope, facts: Facts): void {
  for (const part of node.decorators) visit(part, node, scope, facts);
  for (const param of node.params) {
    if (param.annotation !== undefined) visit(param.annotation, node, scope, facts);
    if (param.value !== undefined) visit(param.value, node, scope, facts);
  }
  if (node.returns !== undefined) visit(node.returns, node, scope, facts);
  const inner = newScope('function', node, scope);
  bindParams(node, inner);
  for (const part of node.body) visit(part, node, inner, facts);
}

function bindParams(node: FunctionDef | Lambda, scope: Scope): void {
  for (const param of node.params) {
    if (param.name === '') continue;
    const { name, value, annotation } = param;
    const plain =
      param.star === '' ? { value, annotation } : { value: undefined, annotation: undefined };
    bind(scope, { kind: 'param', name, node, ...plain, from: scope });
  }
}

function bindImports(node: Extract<Node, { kind: 'Import' }>, scope: Scope): void {
  for (const { name, alias } of node.names) {
    if (name === '') continue;
    const common = {
      kind: 'import',
      node,
      value: undefined,
      annotation: undefined,
      from: scope,
    } as const;
    if (node.from !== undefined) {
      bind(scope, { ...common, name: alias ?? name, module: node.from, imported: name });
    } else if (alias !== undefined) {
      bind(scope, { ...common, name: alias, module: name, imported: undefined });
    } else {
      const root = name.split('.')[0]!;
      bind(scope, { ...common, name: root, module: root, imported: undefined });
    }
  }
}

function bindTarget(
  target: Expr,
  value: Expr | undefined,
  kind: BindingKind,
  node: Node,
  scope: Scope,
  annotation?: Expr,
): void {
  if (target.kind === 'Name') {
    bind(scope, { kind, name: target.id, node, value, annotation, from: scope });
  } else if (target.kind === 'Star') {
    bindTarget(target.value, undefined, 'unpack', node, scope);
  } else if (target.kind === 'Sequence') {
    const parts = value?.kind === 'Sequence' && kind === 'assign' ? value.elements : undefined;
    const matched = parts !== undefined && parts.length === target.elements.length;
    for (const [index, element] of target.elements.entries()) {
      if (matched) bindTarget(element, parts[index], 'assign', node, scope);
      else bindTarget(element, undefined, kind === 'for' ? 'for' : 'unpack', node, scope);
    }
  }
}

function bind(scope: Scope, binding: Binding): void {
  let owner = scope;
  if (scope.globals.has(binding.name)) owner = moduleScope(scope);
  else if (scope.nonlocals.has(binding.name)) owner = nonlocalScope(scope, binding.name);
  const list = owner.bindings.get(binding.name);
  if (list === undefined) owner.bindings.set(binding.name, [binding]);
  else list.push(binding);
}

function nonlocalScope(scope: Scope, name: string): Scope {
  for (let at = scope.outer; at !== undefined; at = at.outer) {
    if (at.kind === 'function' && at.bindings.has(name)) return at;
  }
  return scope;
}

export function moduleScope(scope: Scope): Scope {
  let at = scope;
  while (at.outer !== undefined) at = at.outer;
  return at;
}

/** The scope that a comprehension's own names leak past: the function, lambda, class or module around it. */
export function functionScope(scope: Scope): Scope {
  let at = scope;
  while (at.kind === 'comprehension' && at.outer !== undefined) at = at.outer;
  return at;
}

/** The scope that binds a name, as seen from another; class bodies are not seen from their methods. */
export function lookup(scope: Scope, name: string): Scope | undefined {
  if (scope.globals.has(name)) return moduleScope(scope);
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.kind === 'class' && at !== scope) continue;
    if (at.bindings.has(name) && !at.globals.has(name) && !at.nonlocals.has(name)) return at;
    if (at.globals.has(name)) return moduleScope(at);
  }
  return undefined;
}

/** The function whose code this node is part of; undefined at module level, in a class body and in a lambda. */
export function functionOf(node: Node): FunctionDef | undefined {
  const scope = functionScope(node.scope);
  return scope.node.kind === 'FunctionDef' ? scope.node : undefined;
}
