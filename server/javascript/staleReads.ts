// Follows the paths through one function: which names were read before an await, and are written from it afterwards.
import { type Binding, type JavascriptModel, parametersOf } from './model.ts';
import { memberName } from './names.ts';
import { child, FUNCTIONS, functionAround, inner, isInside, within } from './node.ts';
import type { JsNode } from './parser.ts';

export interface StaleWrite {
  readonly assignment: JsNode;
  readonly target: JsNode;
  readonly binding: Binding;
  /** The same value is read and written; else another property of an object was asked before the write. */
  readonly isSame: boolean;
}

/** Names read since the last await, and before it; undefined is a place that is never reached. */
interface State {
  readonly fresh: Set<Binding>;
  readonly stale: Set<Binding>;
}

type Path = State | undefined;

/** Assignments in an async or generator function whose target was read before an await and not since. */
export function staleWrites(model: JavascriptModel, fn: JsNode): StaleWrite[] {
  const walker = new Walker(model, fn);
  const body = child(fn, 'body');
  let path: Path = { fresh: new Set(), stale: new Set() };
  for (const parameter of parametersOf(fn)) {
    const value = child(parameter, 'value');
    if (value !== undefined) path = walker.walk(value, path);
  }
  if (body !== undefined) walker.walk(body, path);
  return walker.found;
}

class Walker {
  readonly found: StaleWrite[] = [];
  readonly #model: JavascriptModel;
  readonly #fn: JsNode;
  /** Where `break` of the loops, switches and labels around leads: paths that leave them early. */
  readonly #exits: { readonly label: string | undefined; readonly paths: State[] }[] = [];
  /** States in which the try blocks around may fail. */
  readonly #throws: State[][] = [];

  constructor(model: JavascriptModel, fn: JsNode) {
    this.#model = model;
    this.#fn = fn;
  }

  walk(node: JsNode, path: Path): Path {
    if (path === undefined) return undefined;
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier':
        return this.#read(node, path);
      case 'variable_declarator': {
        const value = child(node, 'value');
        return value === undefined ? path : this.walk(value, path);
      }
      case 'assignment_expression':
      case 'augmented_assignment_expression':
        return this.#assign(node, path);
      case 'await_expression':
      case 'yield_expression': {
        const value = inner(node);
        const after = value === undefined ? path : this.walk(value, path);
        if (after !== undefined) outdate(after);
        this.#mayThrow(after);
        return after;
      }
      case 'if_statement':
      case 'ternary_expression': {
        const tested = this.#each([child(node, 'condition')], path);
        const yes = this.#each([child(node, 'consequence')], copy(tested));
        const no = this.#each([child(node, 'alternative')], tested);
        return join([yes, no]);
      }
      case 'binary_expression': {
        const operator = this.#model.textOf(child(node, 'operator') ?? node);
        const left = this.#each([child(node, 'left')], path);
        if (!/^(?:&&|\|\||\?\?)$/.test(operator)) return this.#each([child(node, 'right')], left);
        return join([this.#each([child(node, 'right')], copy(left)), left]);
      }
      case 'while_statement':
      case 'for_statement':
      case 'do_statement':
      case 'for_in_statement':
        return this.#loop(node, path);
      case 'switch_statement':
        return this.#switch(node, path);
      case 'try_statement':
        return this.#try(node, path);
      case 'return_statement':
      case 'throw_statement': {
        const after = this.#each(node.children, path);
        if (node.type === 'throw_statement') this.#mayThrow(after);
        return undefined;
      }
      case 'labeled_statement': {
        this.#exits.push({ label: this.#labelOf(node), paths: [] });
        const after = this.#each([child(node, 'body')], path);
        return join([after, ...this.#exits.pop()!.paths]);
      }
      case 'break_statement': {
        const label = this.#labelOf(node);
        this.#exits.findLast((each) => each.label === label)?.paths.push(path);
        return undefined;
      }
      case 'continue_statement':
        return undefined;
      case 'member_expression':
        return this.#each([child(node, 'object')], path);
      case 'pair':
        return this.#each([child(node, 'value')], path);
      case 'call_expression':
      case 'new_expression': {
        const after = this.#each(node.children, path);
        this.#mayThrow(after);
        return after;
      }
      case 'type_annotation':
      case 'type_arguments':
      case 'class_declaration':
      case 'class':
        return path;
      default:
        return FUNCTIONS.has(node.type) ? path : this.#each(node.children, path);
    }
  }

  #labelOf(node: JsNode): string | undefined {
    const label = child(node, 'label');
    return label === undefined ? undefined : this.#model.textOf(label);
  }

  #each(nodes: readonly (JsNode | undefined)[], path: Path): Path {
    let at = path;
    for (const node of nodes) if (node !== undefined) at = this.walk(node, at);
    return at;
  }

  #mayThrow(path: Path): void {
    const now = copy(path);
    if (now !== undefined) this.#throws.at(-1)?.push(now);
  }

  #read(node: JsNode, path: State): State {
    const binding = this.#model.bindingOf(node);
    if (binding === undefined) return path;
    path.fresh.add(binding);
    // Read again, it is no longer out of date.
    path.stale.delete(binding);
    return path;
  }

  #assign(node: JsNode, path: State): Path {
    const left = child(node, 'left');
    const right = child(node, 'right');
    if (left === undefined || right === undefined) return path;
    const operator = child(node, 'operator');
    const targets = targetsOf(left);
    let at: Path = path;
    for (const target of targets) {
      // What a plain assignment writes is not read by it, but an index or a computed name is.
      const isRead = operator !== undefined;
      at = target.root !== undefined && isRead ? this.walk(target.root, at) : at;
      at = this.#each(target.others, at);
    }
    const after = this.walk(right, at);
    const isLogical =
      operator !== undefined && /^(?:&&|\|\||\?\?)=$/.test(this.#model.textOf(operator));
    if (after === undefined) return undefined;
    for (const { root, others } of targets) {
      const binding = root === undefined ? undefined : this.#bindingOf(root);
      if (root === undefined || binding === undefined || !after.stale.has(binding)) continue;
      const isMember = root !== left && /^(?:member|subscript)_expression$/.test(root.parent!.type);
      // `list[list.length] = await x`: where to write was asked before.
      const isPlace = others.some((index) => binding.uses.some((use) => isInside(use, index)));
      const isSame =
        !isMember || isPlace || operator !== undefined || this.#isRead(root.parent!, node);
      if (!isSame && !this.#isAsked(binding, node)) continue;
      if (!this.#isOwn(binding, isMember))
        this.found.push({ assignment: node, target: left, binding, isSame });
    }
    return isLogical ? join([after, copy(at)]) : after;
  }

  /** A short name in a pattern that is assigned to declares nothing, so it has to be looked up. */
  #bindingOf(name: JsNode): Binding | undefined {
    return this.#model.bindingOf(name) ?? this.#model.lookup(this.#model.textOf(name), name);
  }

  /** Whether the same property is read in the assignment or before it: another one of the same object is no matter. */
  #isRead(member: JsNode, assignment: JsNode): boolean {
    let whole = member;
    while (whole.parent?.type === member.type && whole.field === 'object') whole = whole.parent;
    const text = this.#model.textOf(whole);
    for (const each of within(this.#fn)) {
      if (each.type === 'variable_declarator' && this.#takesOut(each, whole)) return true;
      if (each.type !== whole.type || each === whole || each.start > assignment.end) continue;
      const isWritten = each.field === 'left' && each.parent?.type === 'assignment_expression';
      if (!isWritten && this.#model.textOf(each) === text) return true;
    }
    return false;
  }

  /** `const { n } = foo` reads `foo.n`. */
  #takesOut(declarator: JsNode, member: JsNode): boolean {
    const pattern = child(declarator, 'name');
    const value = child(declarator, 'value');
    const object = child(member, 'object');
    if (pattern?.type !== 'object_pattern' || value === undefined || object === undefined)
      return false;
    if (this.#model.textOf(value) !== this.#model.textOf(object)) return false;
    const name = memberName(this.#model, member);
    return pattern.children.some((each) => {
      const key = child(each, 'key') ?? child(each, 'left') ?? each;
      return this.#model.textOf(key) === name;
    });
  }

  /** Whether the way to an assignment leads through a condition about the object. */
  #isAsked(binding: Binding, assignment: JsNode): boolean {
    for (let at: JsNode = assignment; at.parent !== undefined && at !== this.#fn; at = at.parent) {
      const condition = child(at.parent, 'condition');
      if (condition === undefined || at.field === 'condition') continue;
      if (binding.uses.some((use) => isInside(use, condition))) return true;
    }
    return false;
  }

  /** A variable that no other function can see needs no care; an object in a parameter belongs to the caller too. */
  #isOwn(binding: Binding, isMember: boolean): boolean {
    if (isMember && binding.kind === 'parameter') return false;
    const home = functionOf(binding.scope.node);
    if (home === undefined) return false;
    return home === this.#fn && binding.uses.every((use) => functionAround(use) === home);
  }

  #loop(node: JsNode, path: State): Path {
    this.#exits.push({ label: undefined, paths: [] });
    let at: Path = this.#each([child(node, 'initializer'), child(node, 'right')], path);
    const condition = child(node, 'condition');
    if (node.type !== 'do_statement') at = this.#each([condition], at);
    const before = node.type === 'do_statement' ? undefined : copy(at);
    if (
      at !== undefined &&
      node.type === 'for_in_statement' &&
      node.children.some((each) => each.type === 'await')
    )
      outdate(at);
    at = this.#each([child(node, 'body'), child(node, 'increment')], at);
    if (node.type === 'do_statement') at = this.#each([condition], at);
    return join([before, at, ...this.#exits.pop()!.paths]);
  }

  #switch(node: JsNode, path: State): Path {
    this.#exits.push({ label: undefined, paths: [] });
    const start = this.#each([child(node, 'value')], path);
    let through: Path;
    let hasDefault = false;
    for (const each of child(node, 'body')?.children ?? []) {
      if (each.type === 'switch_default') hasDefault = true;
      const tested = this.#each([child(each, 'value')], copy(start));
      const body = each.children.filter((part) => part.field === 'body');
      through = this.#each(body, join([tested, through]));
    }
    return join([through, hasDefault ? undefined : start, ...this.#exits.pop()!.paths]);
  }

  #try(node: JsNode, path: State): Path {
    this.#throws.push([copy(path)!]);
    const done = this.#each([child(node, 'body')], path);
    const failed = join(this.#throws.pop()!);
    const handler = child(node, 'handler');
    const caught = handler === undefined ? undefined : this.#each([child(handler, 'body')], failed);
    const finalizer = child(node, 'finalizer');
    const end = join([done, caught]);
    if (finalizer === undefined) return end;
    return this.#each([child(finalizer, 'body')], end ?? failed);
  }
}

interface Target {
  /** The name whose value, or whose object, is written. */
  readonly root: JsNode | undefined;
  readonly others: readonly JsNode[];
}

/** What an assignment writes: names, members of names, and each part of a pattern. */
function targetsOf(left: JsNode): Target[] {
  switch (left.type) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern':
      return [{ root: left, others: [] }];
    case 'non_null_expression':
    case 'parenthesized_expression':
      return left.children.flatMap(targetsOf);
    case 'member_expression':
    case 'subscript_expression': {
      const others: JsNode[] = [];
      let at: JsNode | undefined = left;
      while (at?.type === 'member_expression' || at?.type === 'subscript_expression') {
        const index = child(at, 'index');
        if (index !== undefined) others.push(index);
        at = child(at, 'object');
      }
      return at?.type === 'identifier'
        ? [{ root: at, others }]
        : [{ root: undefined, others: at === undefined ? others : [at, ...others] }];
    }
    case 'pair_pattern':
      return left.children.filter((each) => each.field === 'value').flatMap(targetsOf);
    case 'assignment_pattern':
    case 'object_assignment_pattern':
      return left.children.filter((each) => each.field === 'left').flatMap(targetsOf);
    case 'array_pattern':
    case 'object_pattern':
    case 'rest_pattern':
      return left.children.flatMap(targetsOf);
    default:
      return [];
  }
}

function functionOf(node: JsNode): JsNode | undefined {
  return FUNCTIONS.has(node.type) ? node : functionAround(node);
}

function outdate(state: State): void {
  for (const each of state.fresh) state.stale.add(each);
  state.fresh.clear();
}

function copy(path: Path): Path {
  return path === undefined
    ? undefined
    : { fresh: new Set(path.fresh), stale: new Set(path.stale) };
}

function join(paths: readonly Path[]): Path {
  const open = paths.filter((each) => each !== undefined);
  if (open.length === 0) return undefined;
  const fresh = new Set(open.flatMap((each) => [...each.fresh]));
  const stale = new Set(open.flatMap((each) => [...each.stale]));
  return { fresh, stale };
}
