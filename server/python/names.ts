// Where a name is read: the question behind "is this ever used" and "does this leave the function".
import type { Name, Node } from './ast.ts';
import type { PythonModel } from './model.ts';
import { lookup, type Scope } from './scope.ts';

const INDEX = new WeakMap<PythonModel, Map<string, Name[]>>();

function index(model: PythonModel): Map<string, Name[]> {
  let names = INDEX.get(model);
  if (names === undefined) {
    names = new Map();
    for (const node of model.nodes) {
      if (node.kind !== 'Name') continue;
      const list = names.get(node.id);
      if (list === undefined) names.set(node.id, [node]);
      else list.push(node);
    }
    INDEX.set(model, names);
  }
  return names;
}

/** All places that name a binding of this scope, reads and writes. */
export function namesOf(model: PythonModel, scope: Scope, id: string): Name[] {
  return (index(model).get(id) ?? []).filter((name) => lookup(name.scope, id) === scope);
}

/** Places that read a binding of this scope. */
export function readsOf(model: PythonModel, scope: Scope, id: string): Name[] {
  return namesOf(model, scope, id).filter((name) => !isWrite(name));
}

export function isWrite(node: Node): boolean {
  let at: Node = node;
  let parent = node.parent;
  while (parent.kind === 'Sequence' || parent.kind === 'Star') {
    at = parent;
    parent = parent.parent;
  }
  switch (parent.kind) {
    case 'Assign':
      return parent.targets.includes(at as Name);
    case 'AugAssign':
    case 'For':
    case 'Walrus':
      return parent.target === at;
    case 'With':
      return parent.items.some((item) => item.target === at);
    case 'Comprehension':
      return parent.generators.some((each) => each.target === at);
    case 'Plain':
      return parent.type === 'delete_statement';
    default:
      return false;
  }
}
