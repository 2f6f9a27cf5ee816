// Says what an expression stands for: a module, something of a library, a function, class or object of the workspace.

import { annotationValue } from './annotations.ts';
import type { Call, ClassDef, Expr, FunctionDef, Node } from './ast.ts';
import { dotted } from './children.ts';
import { knownLaunches } from './concurrency.ts';
import { attributeType, BUILTINS, canonical, EXPORTS, KNOWN_MODULES } from './library.ts';
import { type PythonModel, selfClass, superOf } from './model.ts';
import type { Project } from './project.ts';
import { awaitedValue, calledValue, enteredAs, returnedValue, unpackedValue } from './results.ts';
import { type Binding, functionScope, lookup, type Scope } from './scope.ts';
import { isNone, keyOf, type Value } from './value.ts';

const DEEPEST = 12;

let nextGeneration = 1;

export class Resolver {
  readonly model: PythonModel;
  readonly project: Project;
  #generation = nextGeneration++;
  #busy = new Set<Expr | Binding>();
  readonly #exporting = new Set<string>();

  constructor(model: PythonModel, project: Project) {
    this.model = model;
    this.project = project;
  }

  clear(): void {
    this.#generation = nextGeneration++;
  }

  /** What an expression stands for; undefined when it can't be told. */
  value(expr: Expr): Value | undefined {
    if (expr.known === this.#generation) return expr.stands;
    if (this.#busy.has(expr) || this.#busy.size > DEEPEST * 4) return undefined;
    this.#busy.add(expr);
    const value = this.#compute(expr);
    this.#busy.delete(expr);
    expr.stands = value;
    expr.known = this.#generation;
    return value;
  }

  /** The library name an expression stands for, as in `time.sleep` or `threading.Lock#acquire`. */
  path(expr: Expr): string | undefined {
    const value = this.value(expr);
    return value?.kind === 'library' ? value.path : undefined;
  }

  /** The library name of what a call calls. */
  callee(call: Call): string | undefined {
    return this.path(call.func);
  }

  /** The library class an expression is an instance of, looking through the workspace's own subclasses. */
  type(expr: Expr): string | undefined {
    return this.typeOfValue(this.value(expr));
  }

  typeOfValue(value: Value | undefined): string | undefined {
    if (value?.kind === 'instance') return value.type;
    if (value?.kind === 'object') return value.resolver.libraryBase(value.cls);
    return undefined;
  }

  /** The first base of a workspace class that comes from a library. */
  libraryBase(cls: ClassDef, depth = 0): string | undefined {
    if (depth > DEEPEST) return undefined;
    for (const base of cls.bases) {
      const value = this.value(base);
      if (value?.kind === 'library') return value.path;
      if (value?.kind === 'class') {
        const found = value.resolver.libraryBase(value.cls, depth + 1);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** The function of the workspace that a call runs. */
  functionCalled(call: Call): Extract<Value, { kind: 'function' }> | undefined {
    const value = this.value(call.func);
    return value?.kind === 'function' ? value : undefined;
  }

  #compute(expr: Expr): Value | undefined {
    switch (expr.kind) {
      case 'Name':
        return this.#name(expr.id, expr);
      case 'Attribute': {
        const base = this.value(expr.value);
        if (base === undefined) {
          const cls = expr.value.kind === 'Name' ? selfClass(expr.value.id, expr) : undefined;
          if (cls !== undefined) return this.#member(cls, expr.attr, true);
          const below = superOf(expr.value);
          return below === undefined ? undefined : this.#inherited(below, expr.attr, true);
        }
        return this.attribute(base, expr.attr, expr);
      }
      case 'Call':
        return calledValue(expr, this);
      case 'Await':
        return awaitedValue(expr.value, this);
      case 'Walrus':
        return this.value(expr.value);
      case 'Conditional': {
        const body = this.value(expr.body);
        return isNone(expr.body)
          ? this.value(expr.orelse)
          : isNone(expr.orelse)
            ? body
            : this.#same(body, this.value(expr.orelse));
      }
      case 'Operation':
        if (expr.op === 'or')
          return this.value(expr.operands.at(-1)!) ?? this.value(expr.operands[0]!);
        if (expr.op === '/') {
          const left = this.value(expr.operands[0]!);
          return left?.kind === 'instance' && left.type.endsWith('Path') ? left : undefined;
        }
        return undefined;
      case 'Subscript': {
        const value = this.value(expr.value);
        // `queue.Queue[int]` is still the class.
        return value?.kind === 'library' || value?.kind === 'class' ? value : undefined;
      }
      default:
        return undefined;
    }
  }

  #same(a: Value | undefined, b: Value | undefined): Value | undefined {
    return a !== undefined && b !== undefined && keyOf(a) === keyOf(b) ? a : undefined;
  }

  #name(id: string, node: Node): Value | undefined {
    const owner = lookup(node.scope, id);
    if (owner === undefined) {
      if (BUILTINS.has(id)) return { kind: 'library', path: id };
      const star = this.#starImport(id);
      if (star !== undefined) return star;
      return KNOWN_MODULES.has(id) && !this.#assigned(node)
        ? { kind: 'library', path: id }
        : undefined;
    }
    const bindings = owner.bindings.get(id) ?? [];
    const cls = selfClass(id, node);
    if (cls !== undefined && bindings.length === 1 && bindings[0]?.kind === 'param') {
      return { kind: 'object', cls, resolver: this };
    }
    return this.fromBindings(bindings, owner, node);
  }

  #assigned(node: Node): boolean {
    return node.parent.kind === 'Assign' && node.parent.targets.includes(node as Expr);
  }

  #starImport(id: string): Value | undefined {
    let unsure: string | undefined;
    for (const binding of this.model.scope.bindings.get('*') ?? []) {
      if (binding.module === undefined) continue;
      const module = this.#module(binding.module);
      if (module?.kind === 'module') {
        const found = module.resolver.exported(id);
        if (found !== undefined) return found;
      } else if (module?.kind === 'library' && KNOWN_MODULES.has(module.path)) {
        const names = EXPORTS.get(module.path);
        if (names?.has(id) === true)
          return { kind: 'library', path: canonical(`${module.path}.${id}`) };
        if (names === undefined) unsure ??= module.path;
      }
    }
    return unsure !== undefined && STAR_NAMES.test(id)
      ? { kind: 'library', path: canonical(`${unsure}.${id}`) }
      : undefined;
  }

  /** Bindings before the use in the same scope are read in order: the last one counts. Elsewhere all have to agree. */
  fromBindings(bindings: readonly Binding[], owner: Scope, use: Node): Value | undefined {
    if (bindings.length === 1) return this.binding(bindings[0]!);
    if (owner === functionScope(use.scope)) {
      let last: Binding | undefined;
      for (const binding of bindings) {
        const from =
          binding.kind === 'with' || binding.kind === 'for' ? binding.node.start : binding.node.end;
        if (from <= use.start || (binding.kind === 'param' && last === undefined)) last = binding;
      }
      if (last !== undefined && last.kind !== 'delete' && !isNone(last.value)) {
        const value = this.binding(last);
        if (value !== undefined || last.kind !== 'import') return value;
      }
    }
    return this.agreed(bindings);
  }

  /** What all bindings have in common; `None` as a placeholder and failed imports don't count. */
  agreed(bindings: readonly Binding[]): Value | undefined {
    let found: Value | undefined;
    for (const binding of bindings) {
      if (isNone(binding.value) && binding.annotation === undefined) continue;
      const value = this.binding(binding);
      if (value === undefined) {
        if (binding.kind === 'import') continue;
        return undefined;
      }
      if (found !== undefined && keyOf(found) !== keyOf(value)) {
        if (binding.kind === 'import' || binding.kind === 'function') continue;
        return undefined;
      }
      found = found ?? value;
    }
    return found;
  }

  binding(binding: Binding): Value | undefined {
    if (this.#busy.has(binding)) return undefined;
    this.#busy.add(binding);
    try {
      return this.#bindingValue(binding);
    } finally {
      this.#busy.delete(binding);
    }
  }

  #bindingValue(binding: Binding): Value | undefined {
    switch (binding.kind) {
      case 'import': {
        const module = this.#module(binding.module ?? '', binding.imported);
        if (module === undefined || binding.imported === undefined || binding.imported === '*')
          return module;
        return this.attribute(module, binding.imported);
      }
      case 'function': {
        const fn = binding.node as FunctionDef;
        if (fn.decorators.some((d) => /(?:^|\.)(?:cached_)?property$/.test(dotted(d) ?? '')))
          return returnedValue(fn, this);
        const self = fn.scope.node.kind === 'ClassDef' ? fn.scope.node : undefined;
        return { kind: 'function', fn, resolver: this, self };
      }
      case 'class':
        return { kind: 'class', cls: binding.node as ClassDef, resolver: this };
      case 'assign':
      case 'param':
      case 'with': {
        if (binding.annotation !== undefined) {
          const annotated = annotationValue(binding.annotation, this);
          if (annotated !== undefined) {
            // What was assigned says more than the annotation when both say the same: where it was made, for one.
            const assigned =
              binding.value === undefined || binding.kind === 'param'
                ? undefined
                : this.value(binding.value);
            return this.#same(assigned, annotated) ?? annotated;
          }
          const plain = binding.annotation;
          if (plain.kind === 'Name' && BUILTINS.has(plain.id)) return undefined;
        }
        if (binding.kind === 'param') return this.#handedOver(binding);
        if (binding.value === undefined) return undefined;
        const value = this.value(binding.value);
        return binding.kind === 'with' && value !== undefined ? enteredAs(value, binding) : value;
      }
      case 'unpack':
        return unpackedValue(binding, this);
      default:
        return undefined;
    }
  }

  /** What a parameter is in a function that this file runs in threads or processes: what all of them are started with. */
  #handedOver(binding: Binding): Value | undefined {
    const fn = binding.node;
    if (fn.kind !== 'FunctionDef') return undefined;
    const bound = fn.scope.kind === 'class' ? 1 : 0;
    const index = fn.params.findIndex((param) => param.name === binding.name) - bound;
    let found: Value | undefined;
    for (const { work, args } of knownLaunches(this.model)) {
      const target = this.value(work);
      if (target?.kind !== 'function' || target.fn !== fn) continue;
      const value = args[index] === undefined ? undefined : this.value(args[index]);
      if (value === undefined || (found !== undefined && keyOf(found) !== keyOf(value))) {
        return undefined;
      }
      found = value;
    }
    return found;
  }

  /** What a name at the top of this file gives to those who import it. */
  exported(name: string): Value | undefined {
    // Modules of a package that import each other would be asked in every order there is.
    if (this.#exporting.has(name)) return undefined;
    this.#exporting.add(name);
    const bindings = this.model.scope.bindings.get(name);
    const value = bindings === undefined ? this.#starImport(name) : this.agreed(bindings);
    this.#exporting.delete(name);
    return value;
  }

  #module(name: string, imported?: string): Value | undefined {
    const root = name.split('.')[0]!;
    if (root !== '' && KNOWN_MODULES.has(root)) return { kind: 'library', path: canonical(name) };
    // `from . import x`: x is a file of the package more often than a name in its __init__.
    if (imported !== undefined && /^\.+$/.test(name)) {
      const sibling = this.project.module(name + imported, this.model.path);
      if (sibling !== undefined) return { kind: 'module', resolver: sibling };
      // It is a file, one with nothing to say.
      if (this.project.has(name + imported, this.model.path)) return undefined;
    }
    const found = this.project.module(name, this.model.path);
    if (found !== undefined) return { kind: 'module', resolver: found };
    return name.startsWith('.') ? undefined : { kind: 'library', path: canonical(name) };
  }

  attribute(base: Value, name: string, node?: Node): Value | undefined {
    switch (base.kind) {
      case 'library':
        return {
          kind: 'library',
          path: base.path === '' ? name : canonical(`${base.path}.${name}`),
        };
      case 'instance': {
        const type = attributeType(base.type, name);
        if (type !== undefined) return { kind: 'instance', type, made: undefined };
        return { kind: 'library', path: `${base.type}#${name}` };
      }
      case 'module': {
        const own = base.resolver.exported(name);
        if (own !== undefined) return own;
        const path = base.resolver.model.path;
        if (!path.endsWith('__init__.py'))
          return path.endsWith(`/${name}.py`) || path === `${name}.py` ? base : undefined;
        const inner = this.project.module(`.${name}`, path);
        return inner === undefined ? undefined : { kind: 'module', resolver: inner };
      }
      case 'class':
        return base.resolver.#member(base.cls, name, false, node);
      case 'object':
        return base.resolver.#member(base.cls, name, true, node);
      case 'function':
        return undefined;
    }
  }

  #member(
    cls: ClassDef,
    name: string,
    instance: boolean,
    node?: Node,
    depth = 0,
  ): Value | undefined {
    const bindings = this.model.attributes.get(cls)?.get(name);
    const found = bindings?.length ? this.#attributeBindings(bindings, node) : undefined;
    // `old = self.hook`, and further down in the same function `self.hook = new`.
    const isNew = found?.kind === 'function' && bindings?.length === 1 && isBefore(node, bindings);
    return bindings?.length && !isNew ? found : this.#inherited(cls, name, instance, depth);
  }

  #inherited(cls: ClassDef, name: string, instance: boolean, depth = 0): Value | undefined {
    if (depth > DEEPEST) return undefined;
    for (const base of cls.bases) {
      const value = this.value(base);
      if (value?.kind === 'class') {
        const found = value.resolver.#member(value.cls, name, instance, undefined, depth + 1);
        if (found !== undefined) return found;
      } else if (value?.kind === 'library' && instance)
        return { kind: 'library', path: `${value.path}#${name}` };
    }
    return undefined;
  }

  #attributeBindings(bindings: readonly Binding[], node: Node | undefined): Value | undefined {
    // Within one function the last assignment before the use is the one that counts.
    if (node !== undefined) {
      const scope = functionScope(node.scope);
      const near = bindings.filter((b) => b.from === scope && b.node.end <= node.start);
      const last = near.at(-1);
      if (last?.value !== undefined && last.node.parent === statementParent(node))
        return this.binding(last);
    }
    return this.agreed(bindings);
  }
}

const STAR_NAMES = /^[A-Za-z]\w{3,}$/;

function statementParent(node: Node): Node | undefined {
  for (let at = node; at.kind !== 'Module'; at = at.parent) {
    if (at.kind === 'ExprStmt' || at.kind === 'Assign' || at.kind === 'Return') return at.parent;
  }
  return undefined;
}

function isBefore(node: Node | undefined, [only]: readonly Binding[]): boolean {
  if (node === undefined || only?.kind !== 'assign') return false;
  return only.from === functionScope(node.scope) && node.end <= only.node.start;
}
