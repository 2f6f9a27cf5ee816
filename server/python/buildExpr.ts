// Turns what the grammar saw into the plain tree: expressions.
import type { Argument, Expr, Generator, Param, Place } from './ast.ts';
import { blank, LATER } from './blank.ts';
import { buildString } from './buildString.ts';
import type { Raw, RawTree } from './rawTree.ts';
import { starred } from './starred.ts';

/** The commonest kinds of nodes are written out: spreading an object costs more than making one. */
function base(raw: Raw, tree: RawTree): Place {
  return blank(tree.start(raw), tree.end(raw));
}

function exprs(raw: Raw, tree: RawTree): Expr[] {
  return tree.values(raw).map((child) => buildExpr(child, tree));
}

function elements(raw: Raw, tree: RawTree): Expr[] {
  return tree.values(raw).map((child) => starred(buildExpr(child, tree), tree.text));
}

function other(raw: Raw, tree: RawTree): Expr {
  return { kind: 'Other', ...base(raw, tree), parts: exprs(raw, tree) };
}

function required(raw: Raw | undefined, owner: Raw, tree: RawTree): Expr {
  if (raw !== undefined) return buildExpr(raw, tree);
  const at = { ...base(owner, tree), end: tree.start(owner) };
  return { kind: 'Other', ...at, parts: [] };
}

type Build = (raw: Raw, tree: RawTree) => Expr;

export function buildExpr(raw: Raw, tree: RawTree): Expr {
  return (EXPRESSIONS.get(tree.typeOf(raw)) ?? other)(raw, tree);
}

/** A function for each type: one for all is compiled anew, as a whole, whenever a type is met for the first time. */
const EXPRESSIONS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['identifier', identifier],
  ['attribute', attribute],
  ['call', call],
  ['string', (raw, tree) => buildString(raw, tree, buildExpr)],
  ['concatenated_string', concatenated],
  ['integer', literal],
  ['float', literal],
  ['true', literal],
  ['false', literal],
  ['none', literal],
  ['ellipsis', literal],
  ['parenthesized_expression', wrapped],
  ['type', wrapped],
  ['as_pattern_target', wrapped],
  ['constrained_type', wrapped],
  ['if_clause', wrapped],
  ['binary_operator', operation],
  ['boolean_operator', operation],
  ['unary_operator', operation],
  ['not_operator', operation],
  ['comparison_operator', operation],
  ['list', (raw, tree) => sequence(raw, tree, 'list')],
  ['list_pattern', (raw, tree) => sequence(raw, tree, 'list')],
  ['set', (raw, tree) => sequence(raw, tree, 'set')],
  ['tuple', (raw, tree) => sequence(raw, tree, 'tuple')],
  ['expression_list', (raw, tree) => sequence(raw, tree, 'tuple')],
  ['pattern_list', (raw, tree) => sequence(raw, tree, 'tuple')],
  ['tuple_pattern', (raw, tree) => sequence(raw, tree, 'tuple')],
  ['dictionary', dictionary],
  ['list_comprehension', comprehension],
  ['set_comprehension', comprehension],
  ['dictionary_comprehension', comprehension],
  ['generator_expression', comprehension],
  ['subscript', subscript],
  ['generic_type', genericType],
  ['conditional_expression', conditional],
  ['lambda', lambda],
  ['await', awaited],
  ['yield', yielded],
  ['named_expression', named],
  ['list_splat', star],
  ['dictionary_splat', star],
  ['list_splat_pattern', star],
  ['dictionary_splat_pattern', star],
  ['splat_type', star],
]);

function identifier(raw: Raw, tree: RawTree): Expr {
  return {
    kind: 'Name',
    start: tree.start(raw),
    end: tree.end(raw),
    parent: LATER,
    scope: LATER,
    stands: undefined,
    known: 0,
    id: tree.textOf(raw),
  };
}

function attribute(raw: Raw, tree: RawTree): Expr {
  const part = tree.field(raw, 'attribute');
  const attrStart = part === undefined ? tree.end(raw) : tree.start(part);
  const attr = part === undefined ? '' : tree.textOf(part);
  const value = required(tree.field(raw, 'object'), raw, tree);
  return {
    kind: 'Attribute',
    start: tree.start(raw),
    end: tree.end(raw),
    parent: LATER,
    scope: LATER,
    stands: undefined,
    known: 0,
    value,
    attr,
    attrStart,
  };
}

function literal(raw: Raw, tree: RawTree): Expr {
  return {
    kind: 'Literal',
    start: tree.start(raw),
    end: tree.end(raw),
    parent: LATER,
    scope: LATER,
    stands: undefined,
    known: 0,
    text: tree.textOf(raw),
  };
}

function concatenated(raw: Raw, tree: RawTree): Expr {
  const parts = exprs(raw, tree);
  const value = parts.map((part) => (part.kind === 'Str' ? part.value : '')).join('');
  return { kind: 'Str', ...base(raw, tree), value, parts };
}

function wrapped(raw: Raw, tree: RawTree): Expr {
  const inner = tree.values(raw);
  return inner.length === 1 ? buildExpr(inner[0]!, tree) : other(raw, tree);
}

function sequence(raw: Raw, tree: RawTree, type: 'list' | 'set' | 'tuple'): Expr {
  return { kind: 'Sequence', ...base(raw, tree), type, elements: elements(raw, tree) };
}

function subscript(raw: Raw, tree: RawTree): Expr {
  const [first, ...parts] = tree.values(raw);
  const index = parts.map((part) => buildExpr(part, tree));
  const value = required(first, raw, tree);
  return { kind: 'Subscript', ...base(raw, tree), value, index };
}

/** `list[int]` inside an annotation: the same thing as a subscript. */
function genericType(raw: Raw, tree: RawTree): Expr {
  const [first, ...parts] = tree.values(raw);
  const index = parts.flatMap((part) => exprs(part, tree));
  const value = required(first, raw, tree);
  return { kind: 'Subscript', ...base(raw, tree), value, index };
}

function conditional(raw: Raw, tree: RawTree): Expr {
  const [body, test, orelse] = tree.values(raw);
  return {
    kind: 'Conditional',
    ...base(raw, tree),
    body: required(body, raw, tree),
    test: required(test, raw, tree),
    orelse: required(orelse, raw, tree),
  };
}

function lambda(raw: Raw, tree: RawTree): Expr {
  const body = required(tree.field(raw, 'body'), raw, tree);
  const params = buildParams(tree.field(raw, 'parameters'), tree);
  return { kind: 'Lambda', ...base(raw, tree), params, body };
}

function awaited(raw: Raw, tree: RawTree): Expr {
  const [value] = tree.values(raw);
  return { kind: 'Await', ...base(raw, tree), value: required(value, raw, tree) };
}

function yielded(raw: Raw, tree: RawTree): Expr {
  const [value] = tree.values(raw);
  const isFrom = tree.children(raw).some((child) => tree.typeOf(child) === 'from');
  const inner = value === undefined ? undefined : buildExpr(value, tree);
  return { kind: 'Yield', ...base(raw, tree), isFrom, value: inner };
}

function named(raw: Raw, tree: RawTree): Expr {
  const target = required(tree.field(raw, 'name'), raw, tree);
  const value = required(tree.field(raw, 'value'), raw, tree);
  return { kind: 'Walrus', ...base(raw, tree), target, value };
}

function star(raw: Raw, tree: RawTree): Expr {
  return { kind: 'Star', ...base(raw, tree), value: required(tree.values(raw)[0], raw, tree) };
}

function call(raw: Raw, tree: RawTree): Expr {
  const list = tree.field(raw, 'arguments');
  const func = required(tree.field(raw, 'function'), raw, tree);
  const open = list === undefined ? tree.end(raw) : tree.start(list);
  const close = tree.end(list ?? raw) - 1;
  if (list !== undefined && tree.typeOf(list) === 'generator_expression') {
    const value = buildExpr(list, tree);
    const only: Argument = {
      name: undefined,
      star: '',
      value,
      start: tree.start(list) + 1,
      end: tree.end(list) - 1,
    };
    return { kind: 'Call', ...base(raw, tree), func, args: [only], open, close };
  }
  const args = list === undefined ? [] : buildArguments(list, tree);
  return {
    kind: 'Call',
    start: tree.start(raw),
    end: tree.end(raw),
    parent: LATER,
    scope: LATER,
    stands: undefined,
    known: 0,
    func,
    args,
    open,
    close,
  };
}

export function buildArguments(list: Raw, tree: RawTree): Argument[] {
  const out: Argument[] = [];
  for (const raw of tree.values(list)) {
    const start = tree.start(raw);
    const end = tree.end(raw);
    if (tree.typeOf(raw) === 'keyword_argument') {
      const name = tree.field(raw, 'name');
      const value = required(tree.field(raw, 'value'), raw, tree);
      out.push({
        name: name === undefined ? '' : tree.textOf(name),
        star: '',
        value,
        start,
        end,
      });
    } else if (tree.typeOf(raw) === 'list_splat' || tree.typeOf(raw) === 'dictionary_splat') {
      const star = tree.typeOf(raw) === 'list_splat' ? '*' : '**';
      out.push({
        name: undefined,
        star,
        value: required(tree.values(raw)[0], raw, tree),
        start,
        end,
      });
    } else {
      const value = buildExpr(raw, tree);
      if (value.kind === 'Star') {
        const star = tree.text[tree.start(raw) + 1] === '*' ? '**' : '*';
        out.push({ name: undefined, star, value: value.value, start, end });
      } else out.push({ name: undefined, star: '', value, start, end });
    }
  }
  return out;
}

export function buildParams(list: Raw | undefined, tree: RawTree): Param[] {
  const out: Param[] = [];
  for (const raw of list === undefined ? [] : tree.children(list)) {
    const param = buildParam(raw, tree);
    if (param !== undefined) out.push(param);
  }
  return out;
}

function buildParam(raw: Raw, tree: RawTree): Param | undefined {
  const start = tree.start(raw);
  const end = tree.end(raw);
  const of = (name: Raw | undefined) => (name === undefined ? '' : tree.textOf(name));
  switch (tree.typeOf(raw)) {
    case 'identifier':
      return { name: of(raw), star: '', annotation: undefined, value: undefined, start, end };
    case 'default_parameter':
    case 'typed_default_parameter': {
      const type = tree.field(raw, 'type');
      const annotation = type === undefined ? undefined : buildExpr(type, tree);
      const value = required(tree.field(raw, 'value'), raw, tree);
      return { name: of(tree.field(raw, 'name')), star: '', annotation, value, start, end };
    }
    case 'typed_parameter': {
      const type = tree.field(raw, 'type');
      const inner = tree
        .children(raw)
        .find((child) => tree.fieldOf(child) !== 'type' && !tree.isPunctuation(child));
      const param = inner === undefined ? undefined : buildParam(inner, tree);
      if (param === undefined) return undefined;
      const annotation = type === undefined ? undefined : buildExpr(type, tree);
      return { ...param, annotation, start, end };
    }
    case 'list_splat_pattern':
      return {
        name: of(tree.values(raw)[0]),
        star: '*',
        annotation: undefined,
        value: undefined,
        start,
        end,
      };
    case 'dictionary_splat_pattern':
      return {
        name: of(tree.values(raw)[0]),
        star: '**',
        annotation: undefined,
        value: undefined,
        start,
        end,
      };
    default:
      return undefined;
  }
}

function operation(raw: Raw, tree: RawTree): Expr {
  const operands: Expr[] = [];
  let op = '';
  for (const child of tree.children(raw)) {
    if (tree.typeOf(child) === 'comment') continue;
    const isOperator =
      tree.fieldOf(child) === 'operator' ||
      tree.fieldOf(child) === 'operators' ||
      tree.isPunctuation(child);
    if (isOperator) op = op === '' ? tree.textOf(child) : `${op} ${tree.textOf(child)}`;
    else operands.push(buildExpr(child, tree));
  }
  return { kind: 'Operation', ...base(raw, tree), op, operands };
}

function dictionary(raw: Raw, tree: RawTree): Expr {
  const keys: (Expr | undefined)[] = [];
  const inside: Expr[] = [];
  for (const child of tree.values(raw)) {
    if (tree.typeOf(child) === 'pair') {
      keys.push(required(tree.field(child, 'key'), child, tree));
      inside.push(required(tree.field(child, 'value'), child, tree));
    } else {
      keys.push(undefined);
      inside.push(buildExpr(child, tree));
    }
  }
  return { kind: 'Dict', ...base(raw, tree), keys, values: inside };
}

function comprehension(raw: Raw, tree: RawTree): Expr {
  const generators: Generator[] = [];
  const conditions: Expr[] = [];
  for (const child of tree.children(raw)) {
    if (tree.typeOf(child) === 'for_in_clause') {
      generators.push({
        isAsync: tree.children(child).some((part) => tree.typeOf(part) === 'async'),
        target: required(tree.field(child, 'left'), child, tree),
        iter: required(tree.field(child, 'right'), child, tree),
        start: tree.start(child),
      });
    } else if (tree.typeOf(child) === 'if_clause') conditions.push(buildExpr(child, tree));
  }
  const body = tree.field(raw, 'body');
  const isPair = body !== undefined && tree.typeOf(body) === 'pair';
  const element = isPair ? required(tree.field(body, 'key'), raw, tree) : required(body, raw, tree);
  const value = isPair ? required(tree.field(body, 'value'), raw, tree) : undefined;
  const type = COMPREHENSIONS[tree.typeOf(raw)] ?? 'generator';
  return {
    kind: 'Comprehension',
    ...base(raw, tree),
    type,
    element,
    value,
    generators,
    conditions,
  };
}

const COMPREHENSIONS: Readonly<Record<string, 'list' | 'set' | 'dict' | 'generator'>> = {
  list_comprehension: 'list',
  set_comprehension: 'set',
  dictionary_comprehension: 'dict',
};
