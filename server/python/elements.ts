// What lies in a list or dict, where its annotation says so or where it was made of one kind of thing.
import { annotationValue } from './annotations.ts';
import type { Expr, For, Node, Subscript } from './ast.ts';
import { dotted } from './children.ts';
import { selfClass } from './model.ts';
import type { Resolver } from './resolve.ts';
import { type Binding, lookup } from './scope.ts';
import { keyOf, type Value } from './value.ts';

const LISTS =
  /(?:^|\.)(?:[Ll]ist|[Ss]et|[Ff]rozen[Ss]et|[Tt]uple|[Dd]eque|Sequence|MutableSequence|Collection|Iterable|Iterator|AbstractSet|MutableSet)$/;
const DICTS = /(?:^|\.)(?:[Dd]ict|[Dd]efault[Dd]ict|OrderedDict|Mapping|MutableMapping)$/;
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
  if (expr.kind !== 'Name') return undefined;
  const bindings = lookup(expr.scope, expr.id)?.bindings.get(expr.id) ?? [];
  const binding = bindings.length === 1 ? bindings[0] : loopOf(expr, bindings);
  if (binding?.kind !== 'for') return undefined;
  const { node } = binding;
  if (binding.value === undefined)
    return node.kind === 'For' && !node.isAsync ? oneOfSeveral(node, expr.id, resolver) : undefined;
  const isPlain =
    node.kind === 'For'
      ? !node.isAsync
      : node.kind === 'Comprehension' && node.generators.every((each) => !each.isAsync);
  return isPlain ? inside(binding.value, 'each', resolver) : undefined;
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
  const annotation = bindingOf(box, resolver)?.annotation;
  if (annotation?.kind !== 'Subscript') return undefined;
  if (!/(?:^|\.)[Tt]uple$/.test(dotted(annotation.value) ?? '')) return undefined;
  const parts = annotation.index.flatMap((each) =>
    each.kind === 'Sequence' ? each.elements : [each],
  );
  const part = parts[index];
  return part === undefined || isEllipsis(part) ? undefined : annotationValue(part, resolver);
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
    return func.kind === 'Name' && ONE_BY_ONE.test(func.id) && first !== undefined
      ? inside(first.value, way, resolver, depth + 1)
      : undefined;
  }
  if (box.kind === 'Sequence' || box.kind === 'Comprehension')
    return way === 'value' ? undefined : alike(box, resolver);
  const binding = bindingOf(box, resolver);
  if (binding?.annotation?.kind === 'Subscript') return said(binding.annotation, way, resolver);
  return binding?.kind === 'assign' && binding.value !== undefined
    ? inside(binding.value, way, resolver, depth + 1)
    : undefined;
}

/** The one place where a name, or an attribute of `self`, is bound. */
function bindingOf(box: Expr, resolver: Resolver): Binding | undefined {
  let bindings: readonly Binding[] | undefined;
  if (box.kind === 'Name') bindings = lookup(box.scope, box.id)?.bindings.get(box.id);
  else if (box.kind === 'Attribute' && box.value.kind === 'Name') {
    const cls = selfClass(box.value.id, box);
    if (cls !== undefined) bindings = resolver.model.attributes.get(cls)?.get(box.attr);
  }
  return bindings?.length === 1 ? bindings[0] : undefined;
}

function said(annotation: Subscript, way: Way, resolver: Resolver): Value | undefined {
  const name = resolver.path(annotation.value) ?? dotted(annotation.value) ?? '';
  const parts = annotation.index.flatMap((each) =>
    each.kind === 'Sequence' ? each.elements : [each],
  );
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
    return box.type === 'dict' ? undefined : resolver.value(box.element);
  if (box.kind !== 'Sequence') return undefined;
  const [first, ...more] = box.elements.map((each) => resolver.value(each));
  if (first === undefined) return undefined;
  return more.every((each) => each !== undefined && keyOf(each) === keyOf(first))
    ? first
    : undefined;
}
