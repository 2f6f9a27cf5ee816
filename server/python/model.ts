// The model of one Python file: its tree, its names and the lists the rules go through.
import type {
  Assign,
  AugAssign,
  Await,
  Call,
  ClassDef,
  Expr,
  For,
  FunctionDef,
  Module,
  Node,
  Try,
  While,
  With,
} from './ast.ts';
import { buildModule } from './build.ts';
import type { RawTree } from './rawTree.ts';
import { type Binding, bindNames, type Scope } from './scope.ts';

/** Everything the rules may ask of a file's syntax. Plain data: it outlives the parser's tree. */
export interface PythonModel {
  readonly path: string;
  readonly text: string;
  readonly module: Module;
  readonly scope: Scope;
  readonly nodes: readonly Node[];
  readonly functions: readonly FunctionDef[];
  readonly classes: readonly ClassDef[];
  readonly calls: readonly Call[];
  readonly awaits: readonly Await[];
  readonly withs: readonly With[];
  readonly loops: readonly (For | While)[];
  readonly assigns: readonly Assign[];
  readonly augmented: readonly AugAssign[];
  readonly tries: readonly Try[];
  /** Dotted names of imported modules, for the questions "is this an asyncio file", "a trio file". */
  readonly imports: ReadonlySet<string>;
  /** What was bound to an attribute of `self`, or in a class body, by class and attribute. */
  readonly attributes: ReadonlyMap<ClassDef, ReadonlyMap<string, readonly Binding[]>>;
}

export function buildModel(path: string, tree: RawTree): PythonModel {
  const { text } = tree;
  const module = buildModule(tree);
  const facts = bindNames(module);
  const attributes = collectAttributes(facts.classes, facts.assigns, facts.withs);
  return { path, text, module, scope: module.scope, ...facts, attributes };
}

type AttributeTable = Map<ClassDef, Map<string, Binding[]>>;

function collectAttributes(
  classes: readonly ClassDef[],
  assigns: readonly Assign[],
  withs: readonly With[],
): AttributeTable {
  const table: AttributeTable = new Map();
  for (const cls of classes) {
    const own = new Map<string, Binding[]>();
    const scope = cls.body[0]?.scope;
    for (const [name, bindings] of scope?.bindings ?? []) own.set(name, [...bindings]);
    table.set(cls, own);
  }
  for (const assign of assigns) {
    for (const target of assign.targets)
      addAttribute(table, target, assign.value, assign, assign.annotation);
  }
  for (const node of withs) {
    for (const item of node.items) {
      if (item.target !== undefined) addAttribute(table, item.target, item.value, node, undefined);
    }
  }
  return table;
}

function addAttribute(
  table: AttributeTable,
  target: Expr,
  value: Expr | undefined,
  node: Node,
  annotation: Expr | undefined,
  kind: 'assign' | 'unpack' = 'assign',
): void {
  if (target.kind === 'Sequence') {
    const parts = value?.kind === 'Sequence' ? value.elements : undefined;
    for (const [index, element] of target.elements.entries()) {
      const part = parts?.[index];
      addAttribute(table, element, part, node, undefined, part === undefined ? 'unpack' : kind);
    }
    return;
  }
  if (target.kind !== 'Attribute' || target.value.kind !== 'Name') return;
  const cls = selfClass(target.value.id, target);
  if (cls === undefined) return;
  const own = table.get(cls);
  const binding: Binding = {
    kind,
    name: target.attr,
    node,
    value,
    annotation,
    from: target.scope,
  };
  const list = own?.get(target.attr);
  if (list === undefined) own?.set(target.attr, [binding]);
  else list.push(binding);
}

/** The class whose instance (or which itself, for `cls`) a name stands for, when it is a method's first parameter. */
export function selfClass(name: string, node: Node): ClassDef | undefined {
  for (let at: Scope | undefined = node.scope; at !== undefined; at = at.outer) {
    if (at.node.kind === 'FunctionDef' && at.outer?.node.kind === 'ClassDef') {
      const isStatic = at.node.decorators.some((d) => d.kind === 'Name' && d.id === 'staticmethod');
      return !isStatic && at.node.params[0]?.name === name ? at.outer.node : undefined;
    }
    if (at.bindings.has(name)) return undefined;
  }
  return undefined;
}

/** For `super()` in a method, the class below those it looks in. */
export function superOf(expr: Expr): ClassDef | undefined {
  if (expr.kind !== 'Call' || expr.args.length > 0) return undefined;
  if (expr.func.kind !== 'Name' || expr.func.id !== 'super') return undefined;
  for (let at: Scope | undefined = expr.scope; at !== undefined; at = at.outer) {
    if (at.node.kind === 'FunctionDef' && at.outer?.node.kind === 'ClassDef') return at.outer.node;
  }
  return undefined;
}
