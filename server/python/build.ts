// Turns what the grammar saw into the plain tree: statements.
import type {
  Argument,
  Case,
  Expr,
  FunctionDef,
  Handler,
  If,
  Module,
  Stmt,
  WithItem,
} from './ast.ts';
import { blank } from './blank.ts';
import { buildArguments, buildExpr, buildParams } from './buildExpr.ts';
import { buildImport } from './buildImport.ts';
import { capturesOf } from './patterns.ts';
import type { Raw, RawTree } from './rawTree.ts';

/** Builds the tree of a whole file. Broken code gives what could be understood of it. */
export function buildModule(tree: RawTree): Module {
  const body = new Builder(tree).block(0);
  return { kind: 'Module', ...blank(0, tree.text.length), body, broken: tree.isBroken(0) };
}

class Builder {
  readonly tree: RawTree;

  constructor(tree: RawTree) {
    this.tree = tree;
  }

  expr(raw: Raw): Expr {
    return buildExpr(raw, this.tree);
  }

  maybe(raw: Raw | undefined): Expr | undefined {
    return raw === undefined ? undefined : this.expr(raw);
  }

  textOf(raw: Raw): string {
    return this.tree.textOf(raw);
  }

  block(raw: Raw | undefined): Stmt[] {
    const out: Stmt[] = [];
    for (const child of raw === undefined ? [] : this.tree.children(raw))
      this.statement(child, out);
    return out;
  }

  bodyOf(raw: Raw | undefined): Stmt[] {
    if (raw === undefined) return [];
    return this.block(this.tree.field(raw, 'body') ?? this.tree.childOf(raw, 'block'));
  }

  statement(raw: Raw, out: Stmt[]): void {
    const build = STATEMENTS.get(this.tree.typeOf(raw));
    if (build !== undefined) build(this, raw, out);
    else if (this.tree.isValue(raw)) this.expressionStatement(raw, out);
  }

  place(raw: Raw) {
    return blank(this.tree.start(raw), this.tree.end(raw));
  }

  /** Statements that only hold expressions. */
  plain(raw: Raw, out: Stmt[]): void {
    const values = this.tree
      .children(raw)
      .filter((c) => this.tree.isValue(c))
      .map((c) => this.expr(c));
    out.push({ kind: 'Plain', ...this.place(raw), type: this.tree.typeOf(raw), values });
  }

  raise(raw: Raw, out: Stmt[]): void {
    const value = this.tree
      .children(raw)
      .find((c) => this.tree.fieldOf(c) !== 'cause' && this.tree.isValue(c));
    const cause = this.maybe(this.tree.field(raw, 'cause'));
    out.push({ kind: 'Raise', ...this.place(raw), value: this.maybe(value), cause });
  }

  declare(raw: Raw, out: Stmt[], type: 'global' | 'nonlocal'): void {
    const names = this.tree
      .children(raw)
      .filter((c) => this.tree.typeOf(c) === 'identifier')
      .map((c) => this.textOf(c));
    out.push({ kind: 'Declare', ...this.place(raw), type, names });
  }

  whileStatement(raw: Raw, out: Stmt[]): void {
    out.push({
      kind: 'While',
      ...this.place(raw),
      test: this.required(this.tree.field(raw, 'condition'), raw),
      body: this.bodyOf(raw),
      orelse: this.bodyOf(this.tree.field(raw, 'alternative')),
    });
  }

  forStatement(raw: Raw, out: Stmt[]): void {
    out.push({
      kind: 'For',
      ...this.place(raw),
      isAsync: this.tree.childOf(raw, 'async') !== undefined,
      target: this.required(this.tree.field(raw, 'left'), raw),
      iter: this.required(this.tree.field(raw, 'right'), raw),
      body: this.bodyOf(raw),
      orelse: this.bodyOf(this.tree.field(raw, 'alternative')),
    });
  }

  withStatement(raw: Raw, out: Stmt[]): void {
    const items: WithItem[] = [];
    for (const clause of this.tree.children(raw))
      if (this.tree.typeOf(clause) === 'with_clause') this.withItems(clause, items);
    const isAsync = this.tree.childOf(raw, 'async') !== undefined;
    out.push({ kind: 'With', ...this.place(raw), isAsync, items, body: this.bodyOf(raw) });
  }

  brokenStatement(raw: Raw, out: Stmt[]): void {
    for (const part of this.tree.children(raw)) {
      if (isStatementType(this.tree.typeOf(part))) this.statement(part, out);
      else if (this.tree.isValue(part)) this.expressionStatement(part, out);
    }
  }

  required(raw: Raw | undefined, owner: Raw): Expr {
    if (raw !== undefined) return this.expr(raw);
    return { kind: 'Other', ...blank(this.tree.start(owner), this.tree.start(owner)), parts: [] };
  }

  onlyExpr(raw: Raw): Expr | undefined {
    return this.maybe(this.tree.firstValue(raw));
  }

  expressionStatement(raw: Raw, out: Stmt[]): void {
    const at = blank(this.tree.start(raw), this.tree.end(raw));
    if (this.tree.typeOf(raw) === 'comment' || !this.tree.isValue(raw)) return;
    if (this.tree.typeOf(raw) === 'assignment') {
      // `a = b = c` nests to the right: unroll it into one statement with two targets.
      const targets: Expr[] = [];
      let annotation: Expr | undefined;
      let part: Raw | undefined = raw;
      while (part !== undefined && this.tree.typeOf(part) === 'assignment') {
        targets.push(this.required(this.tree.field(part, 'left'), part));
        annotation = annotation ?? this.maybe(this.tree.field(part, 'type'));
        part = this.tree.field(part, 'right');
      }
      out.push({ kind: 'Assign', ...at, targets, annotation, value: this.maybe(part) });
      return;
    }
    if (this.tree.typeOf(raw) === 'augmented_assignment') {
      const op = this.tree.field(raw, 'operator');
      out.push({
        kind: 'AugAssign',
        ...at,
        target: this.required(this.tree.field(raw, 'left'), raw),
        op: op === undefined ? '' : this.textOf(op),
        value: this.required(this.tree.field(raw, 'right'), raw),
      });
      return;
    }
    out.push({ kind: 'ExprStmt', ...at, value: this.expr(raw) });
  }

  ifStatement(raw: Raw): If {
    const alternatives = this.tree
      .children(raw)
      .filter((c) => this.tree.fieldOf(c) === 'alternative' && this.tree.typeOf(c) !== 'comment');
    let orelse: Stmt[] = [];
    for (const part of [...alternatives].reverse()) {
      if (this.tree.typeOf(part) === 'else_clause') orelse = this.bodyOf(part);
      else {
        const body = this.block(this.tree.field(part, 'consequence'));
        const test = this.required(this.tree.field(part, 'condition'), part);
        orelse = [
          { kind: 'If', ...blank(this.tree.start(part), this.tree.end(part)), test, body, orelse },
        ];
      }
    }
    return {
      kind: 'If',
      ...blank(this.tree.start(raw), this.tree.end(raw)),
      test: this.required(this.tree.field(raw, 'condition'), raw),
      body: this.block(this.tree.field(raw, 'consequence')),
      orelse,
    };
  }

  withItems(clause: Raw, items: WithItem[]): void {
    for (const item of this.tree.children(clause)) {
      if (this.tree.typeOf(item) !== 'with_item') continue;
      const value = this.tree.field(item, 'value');
      if (value === undefined) continue;
      // `with (a as b, c):` is a bracketed tuple of items to the grammar, a list of items to Python.
      if (this.tree.typeOf(value) === 'tuple') {
        for (const part of this.tree.children(value))
          if (this.tree.isValue(part)) this.withItem(part, items);
      } else if (
        this.tree.typeOf(value) === 'parenthesized_expression' &&
        this.tree.children(value).length === 3
      ) {
        this.withItem(this.tree.children(value)[1]!, items);
      } else this.withItem(value, items);
    }
  }

  withItem(value: Raw, items: WithItem[]): void {
    if (this.tree.typeOf(value) !== 'as_pattern') {
      items.push({ value: this.expr(value), target: undefined });
      return;
    }
    const alias = this.tree.field(value, 'alias');
    const target = alias === undefined ? undefined : this.tree.firstValue(alias);
    const inner = this.tree.firstValue(value);
    if (inner !== undefined) items.push({ value: this.expr(inner), target: this.maybe(target) });
  }

  tryStatement(raw: Raw, out: Stmt[]): void {
    const handlers: Handler[] = [];
    let orelse: Stmt[] = [];
    let final: Stmt[] = [];
    for (const part of this.tree.children(raw)) {
      if (this.tree.typeOf(part) === 'else_clause') orelse = this.bodyOf(part);
      else if (this.tree.typeOf(part) === 'finally_clause') final = this.bodyOf(part);
      else if (
        this.tree.typeOf(part) === 'except_clause' ||
        this.tree.typeOf(part) === 'except_group_clause'
      ) {
        handlers.push(this.handler(part));
      }
    }
    const body = this.bodyOf(raw);
    out.push({
      kind: 'Try',
      ...blank(this.tree.start(raw), this.tree.end(raw)),
      body,
      handlers,
      orelse,
      final,
    });
  }

  handler(raw: Raw): Handler {
    const types: Expr[] = [];
    let name: string | undefined;
    for (const part of this.tree.children(raw)) {
      if (this.tree.fieldOf(part) === 'alias') name = this.textOf(part);
      else if (this.tree.typeOf(part) === 'as_pattern') {
        const inner = this.tree.firstValue(part);
        if (inner !== undefined) types.push(this.expr(inner));
        const alias = this.tree.field(part, 'alias');
        if (alias !== undefined) name = this.textOf(alias);
      } else if (this.tree.typeOf(part) !== 'block' && this.tree.isValue(part))
        types.push(this.expr(part));
    }
    const [first, ...more] = types;
    // `except A, B:`, with the brackets left out as from 3.14.
    const type: Expr | undefined =
      first === undefined || more.length === 0
        ? first
        : {
            kind: 'Sequence',
            ...blank(first.start, more.at(-1)!.end),
            type: 'tuple',
            elements: types,
          };
    const isGroup =
      this.tree.typeOf(raw) === 'except_group_clause' || this.tree.childOf(raw, '*') !== undefined;
    const body = this.block(this.tree.childOf(raw, 'block'));
    return { type, name, isGroup, body, start: this.tree.start(raw), end: this.tree.end(raw) };
  }

  functionDef(raw: Raw, start: number, decorators: readonly Expr[]): FunctionDef {
    const name = this.tree.field(raw, 'name');
    return {
      kind: 'FunctionDef',
      ...blank(start, this.tree.end(raw)),
      isAsync: this.tree.childOf(raw, 'async') !== undefined,
      name: name === undefined ? '' : this.textOf(name),
      nameStart: name === undefined ? this.tree.start(raw) : this.tree.start(name),
      params: buildParams(this.tree.field(raw, 'parameters'), this.tree),
      returns: this.maybe(this.tree.field(raw, 'return_type')),
      decorators,
      body: this.bodyOf(raw),
      broken: this.tree.isBroken(raw),
      defStart: this.tree.start(raw),
    };
  }

  classDef(raw: Raw, start: number, decorators: readonly Expr[], out: Stmt[]): void {
    const name = this.tree.field(raw, 'name');
    const supers = this.tree.field(raw, 'superclasses');
    const args: readonly Argument[] = supers === undefined ? [] : buildArguments(supers, this.tree);
    out.push({
      kind: 'ClassDef',
      ...blank(start, this.tree.end(raw)),
      name: name === undefined ? '' : this.textOf(name),
      nameStart: name === undefined ? this.tree.start(raw) : this.tree.start(name),
      bases: args.filter((a) => a.name === undefined && a.star === '').map((a) => a.value),
      keywords: args.filter((a) => a.name !== undefined || a.star !== ''),
      decorators,
      body: this.bodyOf(raw),
    });
  }

  decorated(raw: Raw, out: Stmt[]): void {
    const decorators: Expr[] = [];
    for (const part of this.tree.children(raw)) {
      if (this.tree.typeOf(part) !== 'decorator') continue;
      const value = this.tree.firstValue(part);
      if (value !== undefined) decorators.push(this.expr(value));
    }
    const definition = this.tree.field(raw, 'definition');
    if (definition !== undefined && this.tree.typeOf(definition) === 'function_definition') {
      out.push(this.functionDef(definition, this.tree.start(raw), decorators));
    } else if (definition !== undefined)
      this.classDef(definition, this.tree.start(raw), decorators, out);
  }

  matchStatement(raw: Raw, out: Stmt[]): void {
    const cases: Case[] = [];
    const body = this.tree.field(raw, 'body');
    for (const part of body === undefined ? [] : this.tree.children(body)) {
      if (this.tree.typeOf(part) !== 'case_clause') continue;
      const clause = this.tree.field(part, 'guard');
      const guard = clause === undefined ? undefined : this.tree.firstValue(clause);
      const patterns = this.tree
        .children(part)
        .filter((c) => this.tree.typeOf(c) === 'case_pattern');
      cases.push({
        isCatchAll:
          patterns.length === 1 &&
          /^(?!(?:None|True|False)$)[^\W\d]\w*$/.test(this.textOf(patterns[0]!)),
        pattern: {
          kind: 'Other',
          ...blank(this.tree.start(part), this.tree.start(part)),
          parts: [],
        },
        captures: capturesOf(part, this.tree),
        guard: this.maybe(guard),
        body: this.block(this.tree.field(part, 'consequence')),
      });
    }
    const subject = this.required(this.tree.field(raw, 'subject'), raw);
    out.push({ kind: 'Match', ...blank(this.tree.start(raw), this.tree.end(raw)), subject, cases });
  }
}

/** As for expressions, a function for each type. */
const STATEMENTS = new Map<string, (builder: Builder, raw: Raw, out: Stmt[]) => void>([
  [
    'expression_statement',
    (b, raw, out) => {
      for (const part of b.tree.children(raw)) b.expressionStatement(part, out);
    },
  ],
  [
    'return_statement',
    (b, raw, out) => out.push({ kind: 'Return', ...b.place(raw), value: b.onlyExpr(raw) }),
  ],
  ['raise_statement', (b, raw, out) => b.raise(raw, out)],
  ['assert_statement', (b, raw, out) => b.plain(raw, out)],
  ['delete_statement', (b, raw, out) => b.plain(raw, out)],
  ['print_statement', (b, raw, out) => b.plain(raw, out)],
  ['exec_statement', (b, raw, out) => b.plain(raw, out)],
  ['type_alias_statement', (b, raw, out) => b.plain(raw, out)],
  ['pass_statement', (b, raw, out) => out.push({ kind: 'Jump', ...b.place(raw), type: 'pass' })],
  ['break_statement', (b, raw, out) => out.push({ kind: 'Jump', ...b.place(raw), type: 'break' })],
  [
    'continue_statement',
    (b, raw, out) => out.push({ kind: 'Jump', ...b.place(raw), type: 'continue' }),
  ],
  ['global_statement', (b, raw, out) => b.declare(raw, out, 'global')],
  ['nonlocal_statement', (b, raw, out) => b.declare(raw, out, 'nonlocal')],
  ['import_statement', (b, raw, out) => out.push(buildImport(raw, b.tree))],
  ['import_from_statement', (b, raw, out) => out.push(buildImport(raw, b.tree))],
  ['future_import_statement', (b, raw, out) => out.push(buildImport(raw, b.tree))],
  ['if_statement', (b, raw, out) => out.push(b.ifStatement(raw))],
  ['while_statement', (b, raw, out) => b.whileStatement(raw, out)],
  ['for_statement', (b, raw, out) => b.forStatement(raw, out)],
  ['with_statement', (b, raw, out) => b.withStatement(raw, out)],
  ['try_statement', (b, raw, out) => b.tryStatement(raw, out)],
  ['function_definition', (b, raw, out) => out.push(b.functionDef(raw, b.tree.start(raw), []))],
  ['class_definition', (b, raw, out) => b.classDef(raw, b.tree.start(raw), [], out)],
  ['decorated_definition', (b, raw, out) => b.decorated(raw, out)],
  ['match_statement', (b, raw, out) => b.matchStatement(raw, out)],
  ['comment', () => {}],
  ['block', (b, raw, out) => out.push(...b.block(raw))],
  ['module', (b, raw, out) => out.push(...b.block(raw))],
  ['ERROR', (b, raw, out) => b.brokenStatement(raw, out)],
]);

function isStatementType(type: string): boolean {
  return type.endsWith('_statement') || type.endsWith('_definition') || type === 'block';
}
