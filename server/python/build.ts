// Turns what the grammar saw into the plain tree: statements.
import type {
  Argument,
  Case,
  Expr,
  FunctionDef,
  Handler,
  If,
  ImportedName,
  Module,
  Place,
  Stmt,
  WithItem,
} from './ast.ts';
import { buildArguments, buildExpr, buildParams } from './buildExpr.ts';
import type { RawNode } from './parser.ts';

/** Builds the tree of a whole file. Broken code gives what could be understood of it. */
export function buildModule(raw: RawNode, text: string): Module {
  const builder = new Builder(text);
  const body = builder.block(raw);
  return { kind: 'Module', ...blank(0, text.length), body, broken: raw.broken };
}

/** `parent` and `scope` are put in by the scope pass, which sees every node exactly once. */
export function blank(start: number, end: number): Place {
  return {
    start,
    end,
    parent: undefined as never,
    scope: undefined as never,
    stands: undefined,
    known: 0,
  };
}

function field(raw: RawNode, name: string): RawNode | undefined {
  return raw.children.find((child) => child.field === name && child.type !== 'comment');
}

function fieldsOf(raw: RawNode, name: string): readonly RawNode[] {
  return raw.children.filter((child) => child.field === name && child.type !== 'comment');
}

function childOf(raw: RawNode, type: string): RawNode | undefined {
  return raw.children.find((child) => child.type === type);
}

class Builder {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  expr(raw: RawNode): Expr {
    return buildExpr(raw, this.text);
  }

  maybe(raw: RawNode | undefined): Expr | undefined {
    return raw === undefined ? undefined : this.expr(raw);
  }

  textOf(raw: RawNode): string {
    return this.text.slice(raw.start, raw.end);
  }

  block(raw: RawNode | undefined): Stmt[] {
    const out: Stmt[] = [];
    for (const child of raw?.children ?? []) this.statement(child, out);
    return out;
  }

  bodyOf(raw: RawNode | undefined): Stmt[] {
    if (raw === undefined) return [];
    return this.block(field(raw, 'body') ?? childOf(raw, 'block'));
  }

  statement(raw: RawNode, out: Stmt[]): void {
    const at = blank(raw.start, raw.end);
    switch (raw.type) {
      case 'expression_statement':
        for (const part of raw.children) this.expressionStatement(part, out);
        return;
      case 'return_statement':
        out.push({ kind: 'Return', ...at, value: this.onlyExpr(raw) });
        return;
      case 'raise_statement': {
        const value = raw.children.find((c) => c.field !== 'cause' && isValue(c));
        out.push({ kind: 'Raise', ...at, value: this.maybe(value) });
        return;
      }
      case 'assert_statement':
      case 'delete_statement':
      case 'print_statement':
      case 'exec_statement':
      case 'type_alias_statement': {
        const values = raw.children.filter(isValue).map((c) => this.expr(c));
        out.push({ kind: 'Plain', ...at, type: raw.type, values });
        return;
      }
      case 'pass_statement':
        out.push({ kind: 'Jump', ...at, type: 'pass' });
        return;
      case 'break_statement':
        out.push({ kind: 'Jump', ...at, type: 'break' });
        return;
      case 'continue_statement':
        out.push({ kind: 'Jump', ...at, type: 'continue' });
        return;
      case 'global_statement':
      case 'nonlocal_statement': {
        const names = raw.children
          .filter((c) => c.type === 'identifier')
          .map((c) => this.textOf(c));
        const type = raw.type === 'global_statement' ? 'global' : 'nonlocal';
        out.push({ kind: 'Declare', ...at, type, names });
        return;
      }
      case 'import_statement':
      case 'import_from_statement':
      case 'future_import_statement':
        this.importStatement(raw, out);
        return;
      case 'if_statement':
        out.push(this.ifStatement(raw));
        return;
      case 'while_statement':
        out.push({
          kind: 'While',
          ...at,
          test: this.required(field(raw, 'condition'), raw),
          body: this.bodyOf(raw),
          orelse: this.bodyOf(field(raw, 'alternative')),
        });
        return;
      case 'for_statement':
        out.push({
          kind: 'For',
          ...at,
          isAsync: childOf(raw, 'async') !== undefined,
          target: this.required(field(raw, 'left'), raw),
          iter: this.required(field(raw, 'right'), raw),
          body: this.bodyOf(raw),
          orelse: this.bodyOf(field(raw, 'alternative')),
        });
        return;
      case 'with_statement': {
        const items: WithItem[] = [];
        for (const clause of raw.children)
          if (clause.type === 'with_clause') this.withItems(clause, items);
        const isAsync = childOf(raw, 'async') !== undefined;
        out.push({ kind: 'With', ...at, isAsync, items, body: this.bodyOf(raw) });
        return;
      }
      case 'try_statement':
        this.tryStatement(raw, out);
        return;
      case 'function_definition':
        out.push(this.functionDef(raw, raw.start, []));
        return;
      case 'class_definition':
        this.classDef(raw, raw.start, [], out);
        return;
      case 'decorated_definition':
        this.decorated(raw, out);
        return;
      case 'match_statement':
        this.matchStatement(raw, out);
        return;
      case 'comment':
        return;
      case 'block':
      case 'module':
        out.push(...this.block(raw));
        return;
      case 'ERROR':
        for (const part of raw.children) {
          if (isStatementType(part.type)) this.statement(part, out);
          else if (isValue(part)) this.expressionStatement(part, out);
        }
        return;
      default:
        if (isValue(raw)) this.expressionStatement(raw, out);
    }
  }

  required(raw: RawNode | undefined, owner: RawNode): Expr {
    if (raw !== undefined) return this.expr(raw);
    return { kind: 'Other', ...blank(owner.start, owner.start), parts: [] };
  }

  onlyExpr(raw: RawNode): Expr | undefined {
    return this.maybe(raw.children.find(isValue));
  }

  expressionStatement(raw: RawNode, out: Stmt[]): void {
    const at = blank(raw.start, raw.end);
    if (raw.type === 'comment' || !isValue(raw)) return;
    if (raw.type === 'assignment') {
      // `a = b = c` nests to the right: unroll it into one statement with two targets.
      const targets: Expr[] = [];
      let annotation: Expr | undefined;
      let part: RawNode | undefined = raw;
      while (part?.type === 'assignment') {
        targets.push(this.required(field(part, 'left'), part));
        annotation = annotation ?? this.maybe(field(part, 'type'));
        part = field(part, 'right');
      }
      out.push({ kind: 'Assign', ...at, targets, annotation, value: this.maybe(part) });
      return;
    }
    if (raw.type === 'augmented_assignment') {
      const op = field(raw, 'operator');
      out.push({
        kind: 'AugAssign',
        ...at,
        target: this.required(field(raw, 'left'), raw),
        op: op === undefined ? '' : this.textOf(op),
        value: this.required(field(raw, 'right'), raw),
      });
      return;
    }
    out.push({ kind: 'ExprStmt', ...at, value: this.expr(raw) });
  }

  importStatement(raw: RawNode, out: Stmt[]): void {
    const moduleName = field(raw, 'module_name');
    const names: ImportedName[] = [];
    for (const part of raw.children) {
      if (part.type === 'wildcard_import') {
        names.push({ name: '*', alias: undefined, start: part.start, end: part.end });
      } else if (part.field === 'name' && part.type === 'aliased_import') {
        const name = field(part, 'name');
        const alias = field(part, 'alias');
        names.push({
          name: name === undefined ? '' : compact(this.textOf(name)),
          alias: alias === undefined ? undefined : this.textOf(alias),
          start: part.start,
          end: part.end,
        });
      } else if (part.field === 'name') {
        names.push({
          name: compact(this.textOf(part)),
          alias: undefined,
          start: part.start,
          end: part.end,
        });
      }
    }
    let from: string | undefined;
    if (moduleName !== undefined) from = compact(this.textOf(moduleName));
    else if (raw.type === 'future_import_statement') from = '__future__';
    out.push({ kind: 'Import', ...blank(raw.start, raw.end), from, names });
  }

  ifStatement(raw: RawNode): If {
    const alternatives = fieldsOf(raw, 'alternative');
    let orelse: Stmt[] = [];
    for (const part of [...alternatives].reverse()) {
      if (part.type === 'else_clause') orelse = this.bodyOf(part);
      else {
        const body = this.block(field(part, 'consequence'));
        const test = this.required(field(part, 'condition'), part);
        orelse = [{ kind: 'If', ...blank(part.start, part.end), test, body, orelse }];
      }
    }
    return {
      kind: 'If',
      ...blank(raw.start, raw.end),
      test: this.required(field(raw, 'condition'), raw),
      body: this.block(field(raw, 'consequence')),
      orelse,
    };
  }

  withItems(clause: RawNode, items: WithItem[]): void {
    for (const item of clause.children) {
      if (item.type !== 'with_item') continue;
      const value = field(item, 'value');
      if (value === undefined) continue;
      // `with (a as b, c):` is a bracketed tuple of items to the grammar, a list of items to Python.
      if (value.type === 'tuple') {
        for (const part of value.children) if (isValue(part)) this.withItem(part, items);
      } else if (value.type === 'parenthesized_expression' && value.children.length === 3) {
        this.withItem(value.children[1]!, items);
      } else this.withItem(value, items);
    }
  }

  withItem(value: RawNode, items: WithItem[]): void {
    if (value.type !== 'as_pattern') {
      items.push({ value: this.expr(value), target: undefined });
      return;
    }
    const target = field(value, 'alias')?.children.find(isValue);
    const inner = value.children.find(isValue);
    if (inner !== undefined) items.push({ value: this.expr(inner), target: this.maybe(target) });
  }

  tryStatement(raw: RawNode, out: Stmt[]): void {
    const handlers: Handler[] = [];
    let orelse: Stmt[] = [];
    let final: Stmt[] = [];
    for (const part of raw.children) {
      if (part.type === 'else_clause') orelse = this.bodyOf(part);
      else if (part.type === 'finally_clause') final = this.bodyOf(part);
      else if (part.type === 'except_clause' || part.type === 'except_group_clause') {
        handlers.push(this.handler(part));
      }
    }
    const body = this.bodyOf(raw);
    out.push({ kind: 'Try', ...blank(raw.start, raw.end), body, handlers, orelse, final });
  }

  handler(raw: RawNode): Handler {
    let type: Expr | undefined;
    let name: string | undefined;
    for (const part of raw.children) {
      if (part.field === 'alias') name = this.textOf(part);
      else if (part.type === 'as_pattern') {
        const inner = part.children.find(isValue);
        if (inner !== undefined) type = this.expr(inner);
        const alias = field(part, 'alias');
        if (alias !== undefined) name = this.textOf(alias);
      } else if (part.type !== 'block' && isValue(part) && type === undefined)
        type = this.expr(part);
    }
    const isGroup = raw.type === 'except_group_clause' || childOf(raw, '*') !== undefined;
    const body = this.block(childOf(raw, 'block'));
    return { type, name, isGroup, body, start: raw.start, end: raw.end };
  }

  functionDef(raw: RawNode, start: number, decorators: readonly Expr[]): FunctionDef {
    const name = field(raw, 'name');
    return {
      kind: 'FunctionDef',
      ...blank(start, raw.end),
      isAsync: childOf(raw, 'async') !== undefined,
      name: name === undefined ? '' : this.textOf(name),
      nameStart: name?.start ?? raw.start,
      params: buildParams(field(raw, 'parameters'), this.text),
      returns: this.maybe(field(raw, 'return_type')),
      decorators,
      body: this.bodyOf(raw),
      broken: raw.broken,
      defStart: raw.start,
    };
  }

  classDef(raw: RawNode, start: number, decorators: readonly Expr[], out: Stmt[]): void {
    const name = field(raw, 'name');
    const supers = field(raw, 'superclasses');
    const args: readonly Argument[] = supers === undefined ? [] : buildArguments(supers, this.text);
    out.push({
      kind: 'ClassDef',
      ...blank(start, raw.end),
      name: name === undefined ? '' : this.textOf(name),
      nameStart: name?.start ?? raw.start,
      bases: args.filter((a) => a.name === undefined && a.star === '').map((a) => a.value),
      keywords: args.filter((a) => a.name !== undefined || a.star !== ''),
      decorators,
      body: this.bodyOf(raw),
    });
  }

  decorated(raw: RawNode, out: Stmt[]): void {
    const decorators: Expr[] = [];
    for (const part of raw.children) {
      if (part.type !== 'decorator') continue;
      const value = part.children.find(isValue);
      if (value !== undefined) decorators.push(this.expr(value));
    }
    const definition = field(raw, 'definition');
    if (definition?.type === 'function_definition') {
      out.push(this.functionDef(definition, raw.start, decorators));
    } else if (definition !== undefined) this.classDef(definition, raw.start, decorators, out);
  }

  matchStatement(raw: RawNode, out: Stmt[]): void {
    const cases: Case[] = [];
    for (const part of field(raw, 'body')?.children ?? []) {
      if (part.type !== 'case_clause') continue;
      const guard = field(part, 'guard')?.children.find(isValue);
      const patterns = part.children.filter((c) => c.type === 'case_pattern');
      cases.push({
        isCatchAll:
          patterns.length === 1 &&
          /^(?!(?:None|True|False)$)[^\W\d]\w*$/.test(this.textOf(patterns[0]!)),
        pattern: { kind: 'Other', ...blank(part.start, part.start), parts: [] },
        guard: this.maybe(guard),
        body: this.block(field(part, 'consequence')),
      });
    }
    const subject = this.required(field(raw, 'subject'), raw);
    out.push({ kind: 'Match', ...blank(raw.start, raw.end), subject, cases });
  }
}

function compact(name: string): string {
  return name.replace(/[\s\\]+/g, '');
}

function isStatementType(type: string): boolean {
  return type.endsWith('_statement') || type.endsWith('_definition') || type === 'block';
}

/** Named nodes that are expressions; keywords, brackets and comments are not. */
function isValue(raw: RawNode): boolean {
  let known = VALUES.get(raw.type);
  if (known === undefined) {
    known = raw.type !== 'comment' && /^[a-z_]{2,}$/.test(raw.type) && !KEYWORDS.has(raw.type);
    VALUES.set(raw.type, known);
  }
  return known;
}

/** Few types are asked about over and over: each is matched once. */
const VALUES = new Map<string, boolean>();

const KEYWORDS = new Set(
  'and as assert async await break class continue def del elif else except exec finally for from global if import in is lambda match nonlocal not or pass print raise return try while with yield case type block except_clause except_group_clause finally_clause else_clause elif_clause'.split(
    ' ',
  ),
);
// `await`, `lambda`, `yield` and `type` name both a keyword and an expression; as expressions they have parts.
for (const both of ['await', 'lambda', 'yield', 'type']) KEYWORDS.delete(both);
