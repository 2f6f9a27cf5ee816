// The plain syntax tree of a Python file: what the rules read instead of the parser's own nodes, which live in wasm memory.
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** Positions are offsets in UTF-16 units; `parent` and `scope` are set once, right after the tree is built. */
export interface Place {
  readonly start: number;
  readonly end: number;
  parent: Node;
  scope: Scope;
  /** What the resolver found this to stand for, and in which of its generations: a map of all nodes is ten times slower. */
  stands: Value | undefined;
  known: number;
}

export interface Name extends Place {
  readonly kind: 'Name';
  readonly id: string;
}
export interface Attribute extends Place {
  readonly kind: 'Attribute';
  readonly value: Expr;
  readonly attr: string;
  readonly attrStart: number;
}
export interface Argument {
  readonly name: string | undefined;
  /** `*` for a spread list, `**` for a spread dict. */
  readonly star: '' | '*' | '**';
  readonly value: Expr;
  readonly start: number;
  readonly end: number;
}
export interface Call extends Place {
  readonly kind: 'Call';
  readonly func: Expr;
  readonly args: readonly Argument[];
  /** Offset of the opening and of the closing bracket. */
  readonly open: number;
  readonly close: number;
}
export interface Await extends Place {
  readonly kind: 'Await';
  readonly value: Expr;
}
export interface Str extends Place {
  readonly kind: 'Str';
  readonly value: string;
  readonly parts: readonly Expr[];
}
export interface Literal extends Place {
  readonly kind: 'Literal';
  readonly text: string;
}
export interface Param {
  readonly name: string;
  readonly star: '' | '*' | '**';
  readonly annotation: Expr | undefined;
  readonly value: Expr | undefined;
  readonly start: number;
  readonly end: number;
}
export interface Lambda extends Place {
  readonly kind: 'Lambda';
  readonly params: readonly Param[];
  readonly body: Expr;
}
export interface Sequence extends Place {
  readonly kind: 'Sequence';
  readonly type: 'list' | 'tuple' | 'set';
  readonly elements: readonly Expr[];
}
export interface Dict extends Place {
  readonly kind: 'Dict';
  readonly keys: readonly (Expr | undefined)[];
  readonly values: readonly Expr[];
}
export interface Generator {
  readonly isAsync: boolean;
  readonly target: Expr;
  readonly iter: Expr;
  readonly start: number;
}
export interface Comprehension extends Place {
  readonly kind: 'Comprehension';
  readonly type: 'list' | 'set' | 'dict' | 'generator';
  readonly element: Expr;
  readonly value: Expr | undefined;
  readonly generators: readonly Generator[];
  readonly conditions: readonly Expr[];
}
/** Binary, boolean, comparing and unary operators; `op` is the operator's text. */
export interface Operation extends Place {
  readonly kind: 'Operation';
  readonly op: string;
  readonly operands: readonly Expr[];
}
export interface Subscript extends Place {
  readonly kind: 'Subscript';
  readonly value: Expr;
  readonly index: readonly Expr[];
}
export interface Conditional extends Place {
  readonly kind: 'Conditional';
  readonly test: Expr;
  readonly body: Expr;
  readonly orelse: Expr;
}
export interface Yield extends Place {
  readonly kind: 'Yield';
  readonly isFrom: boolean;
  readonly value: Expr | undefined;
}
export interface Walrus extends Place {
  readonly kind: 'Walrus';
  readonly target: Expr;
  readonly value: Expr;
}
export interface Star extends Place {
  readonly kind: 'Star';
  readonly value: Expr;
}
/** Slices, patterns and whatever the parser could not make sense of: only its parts are known. */
export interface Other extends Place {
  readonly kind: 'Other';
  readonly parts: readonly Expr[];
}

export type Expr =
  | Name
  | Attribute
  | Call
  | Await
  | Str
  | Literal
  | Lambda
  | Sequence
  | Dict
  | Comprehension
  | Operation
  | Subscript
  | Conditional
  | Yield
  | Walrus
  | Star
  | Other;

export interface ExprStmt extends Place {
  readonly kind: 'ExprStmt';
  readonly value: Expr;
}
export interface Assign extends Place {
  readonly kind: 'Assign';
  readonly targets: readonly Expr[];
  readonly annotation: Expr | undefined;
  readonly value: Expr | undefined;
}
export interface AugAssign extends Place {
  readonly kind: 'AugAssign';
  readonly target: Expr;
  readonly op: string;
  readonly value: Expr;
}
export interface Return extends Place {
  readonly kind: 'Return';
  readonly value: Expr | undefined;
}
export interface Raise extends Place {
  readonly kind: 'Raise';
  readonly value: Expr | undefined;
  /** What stands behind `from`. */
  readonly cause: Expr | undefined;
}
/** `assert`, `del` and other statements that only hold expressions. */
export interface Plain extends Place {
  readonly kind: 'Plain';
  readonly type: string;
  readonly values: readonly Expr[];
}
export interface Jump extends Place {
  readonly kind: 'Jump';
  readonly type: 'break' | 'continue' | 'pass';
}
export interface Declare extends Place {
  readonly kind: 'Declare';
  readonly type: 'global' | 'nonlocal';
  readonly names: readonly string[];
}
export interface ImportedName {
  /** Dotted for `import a.b`, one word (or `*`) for `from a import b`. */
  readonly name: string;
  readonly alias: string | undefined;
  readonly start: number;
  readonly end: number;
}
export interface Import extends Place {
  readonly kind: 'Import';
  /** Undefined for `import x`; with its leading dots for `from ..x import y`. */
  readonly from: string | undefined;
  readonly names: readonly ImportedName[];
}
export interface If extends Place {
  readonly kind: 'If';
  readonly test: Expr;
  readonly body: readonly Stmt[];
  /** An `elif` is an If alone in here. */
  readonly orelse: readonly Stmt[];
}
export interface While extends Place {
  readonly kind: 'While';
  readonly test: Expr;
  readonly body: readonly Stmt[];
  readonly orelse: readonly Stmt[];
}
export interface For extends Place {
  readonly kind: 'For';
  readonly isAsync: boolean;
  readonly target: Expr;
  readonly iter: Expr;
  readonly body: readonly Stmt[];
  readonly orelse: readonly Stmt[];
}
export interface WithItem {
  readonly value: Expr;
  readonly target: Expr | undefined;
}
export interface With extends Place {
  readonly kind: 'With';
  readonly isAsync: boolean;
  readonly items: readonly WithItem[];
  readonly body: readonly Stmt[];
}
export interface Handler {
  readonly type: Expr | undefined;
  readonly name: string | undefined;
  readonly isGroup: boolean;
  readonly body: readonly Stmt[];
  readonly start: number;
  readonly end: number;
}
export interface Try extends Place {
  readonly kind: 'Try';
  readonly body: readonly Stmt[];
  readonly handlers: readonly Handler[];
  readonly orelse: readonly Stmt[];
  readonly final: readonly Stmt[];
}
export interface FunctionDef extends Place {
  readonly kind: 'FunctionDef';
  readonly isAsync: boolean;
  readonly name: string;
  readonly nameStart: number;
  readonly params: readonly Param[];
  readonly returns: Expr | undefined;
  readonly decorators: readonly Expr[];
  readonly body: readonly Stmt[];
  /** Something inside could not be parsed: what is found here is not to be trusted. */
  readonly broken: boolean;
  /** Where `async def` or `def` starts, past the decorators. */
  readonly defStart: number;
}
export interface ClassDef extends Place {
  readonly kind: 'ClassDef';
  readonly name: string;
  readonly nameStart: number;
  readonly bases: readonly Expr[];
  readonly keywords: readonly Argument[];
  readonly decorators: readonly Expr[];
  readonly body: readonly Stmt[];
}
export interface Case {
  readonly pattern: Expr;
  /** `case _` and `case name`, which match whatever comes. */
  readonly isCatchAll: boolean;
  /** The names it binds. */
  readonly captures: readonly string[];
  readonly guard: Expr | undefined;
  readonly body: readonly Stmt[];
}
export interface Match extends Place {
  readonly kind: 'Match';
  readonly subject: Expr;
  readonly cases: readonly Case[];
}

export type Stmt =
  | ExprStmt
  | Assign
  | AugAssign
  | Return
  | Raise
  | Plain
  | Jump
  | Declare
  | Import
  | If
  | While
  | For
  | With
  | Try
  | FunctionDef
  | ClassDef
  | Match;

export interface Module extends Place {
  readonly kind: 'Module';
  readonly body: readonly Stmt[];
  readonly broken: boolean;
}

export type Node = Expr | Stmt | Module;
export type Kind = Node['kind'];
