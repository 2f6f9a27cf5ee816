// Turns what the grammar saw into the plain tree: expressions.
import type { Argument, Expr, Generator, Param, Place } from './ast.ts';
import type { RawNode } from './parser.ts';

function base(raw: RawNode): Place {
  return {
    start: raw.start,
    end: raw.end,
    parent: undefined as never,
    scope: undefined as never,
    stands: undefined,
    known: 0,
  };
}

function field(raw: RawNode, name: string): RawNode | undefined {
  for (const child of raw.children) {
    if (child.field === name && child.type !== 'comment') return child;
  }
  return undefined;
}

const PUNCTUATION = /^[^a-zA-Z_]|^(?:if|else|in|is|not|and|or|for|async|as|from|comment|ERROR)$/;

function values(raw: RawNode): RawNode[] {
  return raw.children.filter((child) => !isPunctuation(child));
}

// `await`, `lambda` and `yield` are the type of the keyword and of the expression alike: a keyword has no parts.
const KEYWORD_OR_EXPR = new Set(['await', 'lambda', 'yield', 'type', 'print', 'exec']);

function isPunctuation(raw: RawNode): boolean {
  if (raw.children.length === 0 && KEYWORD_OR_EXPR.has(raw.type))
    return raw.type !== 'yield' || raw.field === '';
  let known = MARKS.get(raw.type);
  if (known === undefined) {
    known = PUNCTUATION.test(raw.type);
    MARKS.set(raw.type, known);
  }
  return known;
}

/** Few types are asked about over and over: each is matched once. */
const MARKS = new Map<string, boolean>();

function exprs(raw: RawNode, text: string): Expr[] {
  return values(raw).map((child) => buildExpr(child, text));
}

function other(raw: RawNode, text: string): Expr {
  return { kind: 'Other', ...base(raw), parts: exprs(raw, text) };
}

function required(raw: RawNode | undefined, owner: RawNode, text: string): Expr {
  if (raw !== undefined) return buildExpr(raw, text);
  const at = { ...base(owner), end: owner.start };
  return { kind: 'Other', ...at, parts: [] };
}

export function buildExpr(raw: RawNode, text: string): Expr {
  switch (raw.type) {
    case 'identifier':
      return { kind: 'Name', ...base(raw), id: text.slice(raw.start, raw.end) };
    case 'attribute': {
      const attribute = field(raw, 'attribute');
      const attrStart = attribute?.start ?? raw.end;
      const attr = attribute === undefined ? '' : text.slice(attribute.start, attribute.end);
      const value = required(field(raw, 'object'), raw, text);
      return { kind: 'Attribute', ...base(raw), value, attr, attrStart };
    }
    case 'call':
      return call(raw, text);
    case 'string':
      return string(raw, text);
    case 'concatenated_string': {
      const parts = exprs(raw, text);
      const value = parts.map((part) => (part.kind === 'Str' ? part.value : '')).join('');
      return { kind: 'Str', ...base(raw), value, parts };
    }
    case 'integer':
    case 'float':
    case 'true':
    case 'false':
    case 'none':
    case 'ellipsis':
      return { kind: 'Literal', ...base(raw), text: text.slice(raw.start, raw.end) };
    case 'parenthesized_expression':
    case 'type':
    case 'as_pattern_target':
    case 'constrained_type':
    case 'if_clause': {
      const inner = values(raw);
      return inner.length === 1 ? buildExpr(inner[0]!, text) : other(raw, text);
    }
    case 'binary_operator':
    case 'boolean_operator':
    case 'unary_operator':
    case 'not_operator':
    case 'comparison_operator':
      return operation(raw, text);
    case 'list':
    case 'list_pattern':
      return { kind: 'Sequence', ...base(raw), type: 'list', elements: exprs(raw, text) };
    case 'set':
      return { kind: 'Sequence', ...base(raw), type: 'set', elements: exprs(raw, text) };
    case 'tuple':
    case 'expression_list':
    case 'pattern_list':
    case 'tuple_pattern':
      return { kind: 'Sequence', ...base(raw), type: 'tuple', elements: exprs(raw, text) };
    case 'dictionary':
      return dictionary(raw, text);
    case 'list_comprehension':
    case 'set_comprehension':
    case 'dictionary_comprehension':
    case 'generator_expression':
      return comprehension(raw, text);
    case 'subscript': {
      const [value, ...index] = values(raw);
      const rest = index.map((part) => buildExpr(part, text));
      return { kind: 'Subscript', ...base(raw), value: required(value, raw, text), index: rest };
    }
    case 'generic_type': {
      // `list[int]` inside an annotation: the same thing as a subscript.
      const [value, ...index] = values(raw);
      const rest = index.flatMap((part) => exprs(part, text));
      return { kind: 'Subscript', ...base(raw), value: required(value, raw, text), index: rest };
    }
    case 'conditional_expression': {
      const [body, test, orelse] = values(raw);
      return {
        kind: 'Conditional',
        ...base(raw),
        body: required(body, raw, text),
        test: required(test, raw, text),
        orelse: required(orelse, raw, text),
      };
    }
    case 'lambda': {
      const body = required(field(raw, 'body'), raw, text);
      const params = buildParams(field(raw, 'parameters'), text);
      return { kind: 'Lambda', ...base(raw), params, body };
    }
    case 'await': {
      const [value] = values(raw);
      return { kind: 'Await', ...base(raw), value: required(value, raw, text) };
    }
    case 'yield': {
      const [value] = values(raw);
      const isFrom = raw.children.some((child) => child.type === 'from');
      const inner = value === undefined ? undefined : buildExpr(value, text);
      return { kind: 'Yield', ...base(raw), isFrom, value: inner };
    }
    case 'named_expression': {
      const target = required(field(raw, 'name'), raw, text);
      return {
        kind: 'Walrus',
        ...base(raw),
        target,
        value: required(field(raw, 'value'), raw, text),
      };
    }
    case 'list_splat':
    case 'dictionary_splat':
    case 'list_splat_pattern':
    case 'dictionary_splat_pattern':
    case 'splat_type':
      return { kind: 'Star', ...base(raw), value: required(values(raw)[0], raw, text) };
    default:
      return other(raw, text);
  }
}

function call(raw: RawNode, text: string): Expr {
  const list = field(raw, 'arguments');
  const func = required(field(raw, 'function'), raw, text);
  const open = list?.start ?? raw.end;
  const close = (list?.end ?? raw.end) - 1;
  if (list?.type === 'generator_expression') {
    const value = buildExpr(list, text);
    const only: Argument = {
      name: undefined,
      star: '',
      value,
      start: list.start + 1,
      end: list.end - 1,
    };
    return { kind: 'Call', ...base(raw), func, args: [only], open, close };
  }
  const args = list === undefined ? [] : buildArguments(list, text);
  return { kind: 'Call', ...base(raw), func, args, open, close };
}

export function buildArguments(list: RawNode, text: string): Argument[] {
  const out: Argument[] = [];
  for (const raw of values(list)) {
    const { start, end } = raw;
    if (raw.type === 'keyword_argument') {
      const name = field(raw, 'name');
      const value = required(field(raw, 'value'), raw, text);
      out.push({
        name: name === undefined ? '' : text.slice(name.start, name.end),
        star: '',
        value,
        start,
        end,
      });
    } else if (raw.type === 'list_splat' || raw.type === 'dictionary_splat') {
      const star = raw.type === 'list_splat' ? '*' : '**';
      out.push({ name: undefined, star, value: required(values(raw)[0], raw, text), start, end });
    } else {
      const value = buildExpr(raw, text);
      if (value.kind === 'Star') {
        const star = text[raw.start + 1] === '*' ? '**' : '*';
        out.push({ name: undefined, star, value: value.value, start, end });
      } else out.push({ name: undefined, star: '', value, start, end });
    }
  }
  return out;
}

export function buildParams(list: RawNode | undefined, text: string): Param[] {
  const out: Param[] = [];
  for (const raw of list?.children ?? []) {
    const param = buildParam(raw, text);
    if (param !== undefined) out.push(param);
  }
  return out;
}

function buildParam(raw: RawNode, text: string): Param | undefined {
  const { start, end } = raw;
  const of = (name: RawNode | undefined) =>
    name === undefined ? '' : text.slice(name.start, name.end);
  switch (raw.type) {
    case 'identifier':
      return { name: of(raw), star: '', annotation: undefined, value: undefined, start, end };
    case 'default_parameter':
    case 'typed_default_parameter': {
      const type = field(raw, 'type');
      const annotation = type === undefined ? undefined : buildExpr(type, text);
      const value = required(field(raw, 'value'), raw, text);
      return { name: of(field(raw, 'name')), star: '', annotation, value, start, end };
    }
    case 'typed_parameter': {
      const type = field(raw, 'type');
      const inner = raw.children.find((child) => child.field !== 'type' && !isPunctuation(child));
      const param = inner === undefined ? undefined : buildParam(inner, text);
      if (param === undefined) return undefined;
      const annotation = type === undefined ? undefined : buildExpr(type, text);
      return { ...param, annotation, start, end };
    }
    case 'list_splat_pattern':
      return {
        name: of(values(raw)[0]),
        star: '*',
        annotation: undefined,
        value: undefined,
        start,
        end,
      };
    case 'dictionary_splat_pattern':
      return {
        name: of(values(raw)[0]),
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

function string(raw: RawNode, text: string): Expr {
  const parts: Expr[] = [];
  for (const child of raw.children) {
    if (child.type !== 'interpolation') continue;
    const inner = field(child, 'expression') ?? values(child)[0];
    if (inner !== undefined) parts.push(buildExpr(inner, text));
  }
  const whole = text.slice(raw.start, raw.end);
  const quote = /^[a-zA-Z]*('''|"""|'|")/.exec(whole);
  const from = quote?.[0].length ?? 0;
  const value = whole.slice(from, Math.max(from, whole.length - (quote?.[1]?.length ?? 0)));
  return { kind: 'Str', ...base(raw), value, parts };
}

function operation(raw: RawNode, text: string): Expr {
  const operands: Expr[] = [];
  let op = '';
  for (const child of raw.children) {
    if (child.type === 'comment') continue;
    const isOperator =
      child.field === 'operator' || child.field === 'operators' || isPunctuation(child);
    if (isOperator)
      op =
        op === ''
          ? text.slice(child.start, child.end)
          : `${op} ${text.slice(child.start, child.end)}`;
    else operands.push(buildExpr(child, text));
  }
  return { kind: 'Operation', ...base(raw), op, operands };
}

function dictionary(raw: RawNode, text: string): Expr {
  const keys: (Expr | undefined)[] = [];
  const inside: Expr[] = [];
  for (const child of values(raw)) {
    if (child.type === 'pair') {
      keys.push(required(field(child, 'key'), child, text));
      inside.push(required(field(child, 'value'), child, text));
    } else {
      keys.push(undefined);
      inside.push(buildExpr(child, text));
    }
  }
  return { kind: 'Dict', ...base(raw), keys, values: inside };
}

function comprehension(raw: RawNode, text: string): Expr {
  const generators: Generator[] = [];
  const conditions: Expr[] = [];
  for (const child of raw.children) {
    if (child.type === 'for_in_clause') {
      generators.push({
        isAsync: child.children.some((part) => part.type === 'async'),
        target: required(field(child, 'left'), child, text),
        iter: required(field(child, 'right'), child, text),
        start: child.start,
      });
    } else if (child.type === 'if_clause') conditions.push(buildExpr(child, text));
  }
  const body = field(raw, 'body');
  const isPair = body?.type === 'pair';
  const element = isPair ? required(field(body, 'key'), raw, text) : required(body, raw, text);
  const value = isPair ? required(field(body, 'value'), raw, text) : undefined;
  const type = COMPREHENSIONS[raw.type] ?? 'generator';
  return { kind: 'Comprehension', ...base(raw), type, element, value, generators, conditions };
}

const COMPREHENSIONS: Readonly<Record<string, 'list' | 'set' | 'dict' | 'generator'>> = {
  list_comprehension: 'list',
  set_comprehension: 'set',
  dictionary_comprehension: 'dict',
};
