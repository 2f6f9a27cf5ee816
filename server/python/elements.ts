// What lies in a list or dict, where its annotation says so or where it was made of one kind of thing.
import { annotationValue } from './annotations.ts';
import type { Call, Expr, For, Node, Subscript } from './ast.ts';
import { dotted } from './children.ts';
import { isGenerator } from './effects.ts';
import type { Resolver } from './resolve.ts';
import { type Binding, lookup } from './scope.ts';
import { keyOf, type Value } from './value.ts';

const LISTS =
  /(?:^|\.)(?:[Ll]ist|[Ss]et|[Ff]rozen[Ss]et|[Tt]uple|[Dd]eque|Sequence|MutableSequence|Collection|AbstractSet|MutableSet)$/;
const DICTS = /(?:^|\.)(?:[Dd]ict|[Dd]efault[Dd]ict|OrderedDict|Mapping|MutableMapping)$/;
const GENERATORS = /(?:^|\.)(?:Async)?(?:Generator|Iterator|Iterable)$/;
/** Builtins that give what they are given, one by one. */
const ONE_BY_ONE = /^(?:list|tuple|set|frozenset|sorted|reversed|iter)$/;

/** What `each` is in `for each in items`, and what `items[0]` is. */
export function elementValue(expr: Expr, resolver: Resolver): Value | undefined {
  if (expr.kind === 'Subscript') {
    const [index, ...more] = expr.index;
    const isSlice = more.length > 0 || index?.kind === 'Other';
    if (isSlice) return undefined;
    const place = index?.kind === 'Literal' ? Number(index.text) : Number.NaN;
    return partOf(expr.value, place, resolver) ?? inside(expr.value, 'item', resolver);
  }
  if (expr.kind === 'Call') return takenOut(expr, resolver);
  if (expr.kind !== 'Name') return undefined;
  const bindings = lookup(expr.scope, expr.id)?.bindings.get(expr.id) ?? [];
  const binding = bindings.length === 1 ? bindings[0] : loopOf(expr, bindings);
  if (binding?.kind !== 'for') return undefined;
  const { node } = binding;
  if (binding.value === undefined)
    return node.kind === 'For' && !node.isAsync ? oneOfSeveral(node, expr.id, resolver) : undefined;
  const isPlain =
    (node.kind === 'For' && (!node.isAsync || binding.value.kind === 'Call')) ||
    (node.kind === 'Comprehension' && node.generators.every((each) => !each.isAsync));
  return isPlain ? inside(binding.value, 'each', resolver) : undefined;
}

/** `items.pop()`, `next(items)`, `max(items, key=…)`. */
function takenOut({ func, args }: Call, resolver: Resolver): Value | undefined {
  if (func.kind === 'Attribute' && /^pop(?:left)?$/.test(func.attr))
    return inside(func.value, 'item', resolver);
  const [only, ...more] = args.filter((each) => each.name === undefined);
  if (func.kind !== 'Name' || !/^(?:next|max|min)$/.test(func.id) || only === undefined)
    return undefined;
  return more.length === 0 || func.id === 'next' ? inside(only.value, 'each', resolver) : undefined;
}

/** Of several loops over a name the one around its use, where nothing else in it binds the name. */
function loopOf(use: Expr, bindings: readonly Binding[]): Binding | undefined {
  const inside = ({ node }: Binding, loop: Node) =>
    loop.start <= node.start && node.end <= loop.end;
  const [loop, ...more] = bindings.filter(
    ({ kind, node }) =>
      kind === 'for' && node.kind === 'For' && node.start <= use.start && use.end <= node.end,
  );
  if (loop === undefined || more.length > 0) return undefined;
  return bindings.every((each) => each === loop || !inside(each, loop.node)) ? loop : undefined;
}

/** What `each` is in `for index, each in enumerate(items)`, `for key, each in items.items()` and `for each, other in zip(items, others)`. */
function oneOfSeveral({ target, iter }: For, name: string, resolver: Resolver): Value | undefined {
  if (target.kind !== 'Sequence' || iter.kind !== 'Call') return undefined;
  const index = target.elements.findIndex((each) => each.kind === 'Name' && each.id === name);
  const { func, args } = iter;
  if (func.kind === 'Attribute' && func.attr === 'items' && args.length === 0)
    return inside(func.value, index === 1 ? 'value' : 'each', resolver);
  if (func.kind !== 'Name') return undefined;
  const box = func.id === 'zip' ? args[index] : func.id === 'enumerate' ? args[0] : undefined;
  const isCount = func.id === 'enumerate' && index !== 1;
  return box === undefined || isCount ? undefined : inside(box.value, 'each', resolver);
}

/** What `pair[0]` is, where an annotation says what each place of a tuple holds. */
export function partOf(box: Expr, index: number, resolver: Resolver): Value | undefined {
  const { binding: { annotation } = {}, resolver: its = resolver } = bindingOf(box, resolver) ?? {};
  if (annotation?.kind !== 'Subscript') return undefined;
  if (!/(?:^|\.)[Tt]uple$/.test(dotted(annotation.value) ?? '')) return undefined;
  const parts = annotation.index.flatMap((each) =>
    each.kind === 'Sequence' ? each.elements : [each],
  );
  const part = parts[index];
  return part === undefined || isEllipsis(part) ? undefined : annotationValue(part, its);
}

type Way = 'each' | 'item' | 'value';

/** `items = sorted(items)` leads back to itself. */
const DEEPEST = 6;

function inside(box: Expr, way: Way, resolver: Resolver, depth = 0): Value | undefined {
  if (depth > DEEPEST) return undefined;
  if (box.kind === 'Call') {
    const { func } = box;
    if (func.kind === 'Attribute' && func.attr === 'values' && box.args.length === 0)
      return inside(func.value, 'value', resolver, depth + 1);
    const first = box.args[0];
    if (func.kind === 'Name' && ONE_BY_ONE.test(func.id) && first !== undefined)
      return inside(first.value, way, resolver, depth + 1);
    const called = resolver.value(func);
    if (called?.kind !== 'function' || called.fn.decorators.length > 0) return undefined;
    const { returns, isAsync } = called.fn;
    return returns?.kind === 'Subscript' && (!isAsync || isGenerator(called.fn))
      ? said(returns, way, called.resolver)
      : undefined;
  }
  if (box.kind === 'Sequence' || box.kind === 'Comprehension')
    return way === 'value' ? undefined : alike(box, resolver);
  const found = bindingOf(box, resolver);
  const binding = found?.binding;
  if (binding?.annotation?.kind === 'Subscript')
    return said(binding.annotation, way, found!.resolver);
  if (binding?.kind === 'param') return starred(binding, way, resolver);
  return binding?.kind === 'assign' && binding.value !== undefined
    ? inside(binding.value, way, resolver, depth + 1)
    : undefined;
}

interface Bound {
  readonly binding: Binding;
  /** Of the file that the binding is in. */
  readonly resolver: Resolver;
}

/** The one place where a name, or an attribute of an object or class of the workspace, is bound. */
function bindingOf(box: Expr, resolver: Resolver): Bound | undefined {
  let bindings: readonly Binding[] | undefined;
  let its = resolver;
  if (box.kind === 'Name') bindings = lookup(box.scope, box.id)?.bindings.get(box.id);
  else if (box.kind === 'Attribute') {
    const owner = resolver.value(box.value);
    if (owner?.kind === 'object' || owner?.kind === 'class') {
      its = owner.resolver;
      bindings = its.model.attributes.get(owner.cls)?.get(box.attr);
      // Said in the class, and made elsewhere.
      const annotated = bindings?.filter((each) => each.annotation !== undefined);
      if (annotated?.length === 1) bindings = annotated;
    }
  }
  return bindings?.length === 1 ? { binding: bindings[0]!, resolver: its } : undefined;
}

/** `*items: Item` and `**items: Item`. */
function starred({ node, name }: Binding, way: Way, resolver: Resolver): Value | undefined {
  const param =
    node.kind === 'FunctionDef' ? node.params.find((each) => each.name === name) : undefined;
  if (param?.annotation === undefined || param.star === '') return undefined;
  const isOne = param.star === '*' ? way !== 'value' : way !== 'each';
  return isOne ? annotationValue(param.annotation, resolver) : undefined;
}

function said(annotation: Subscript, way: Way, resolver: Resolver): Value | undefined {
  const name = resolver.path(annotation.value) ?? dotted(annotation.value) ?? '';
  const parts = annotation.index.flatMap((each) =>
    each.kind === 'Sequence' ? each.elements : [each],
  );
  const [first] = parts;
  if (/(?:^|\.)(?:ClassVar|Final|Optional|Annotated)$/.test(name))
    return first?.kind === 'Subscript' ? said(first, way, resolver) : undefined;
  if (GENERATORS.test(name))
    return way === 'each' && first !== undefined ? annotationValue(first, resolver) : undefined;
  const isDict = DICTS.test(name);
  if (isDict ? parts.length !== 2 : !LISTS.test(name) || way === 'value') return undefined;
  // `tuple[int, str]` holds different things.
  if (!isDict && parts.length > 1 && !(parts.length === 2 && isEllipsis(parts[1]!)))
    return undefined;
  const part = isDict && way !== 'each' ? parts[1] : parts[0];
  return part === undefined ? undefined : annotationValue(part, resolver);
}

function isEllipsis(expr: Expr): boolean {
  return expr.kind === 'Literal' && expr.text === '...';
}

/** A display or comprehension whose elements are all the same. */
function alike(box: Expr, resolver: Resolver): Value | undefined {
  if (box.kind === 'Comprehension')
    return box.type === 'dict'
      ? undefined
      : (resolver.value(box.element) ?? elementValue(box.element, resolver));
  if (box.kind !== 'Sequence') return undefined;
  const [first, ...more] = box.elements.map((each) => resolver.value(each));
  if (first === undefined) return undefined;
  return more.every((each) => each !== undefined && keyOf(each) === keyOf(first))
    ? first
    : undefined;
}
