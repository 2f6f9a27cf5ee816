// A file as the grammar sees it: nodes by their number, with the few words and operators the builder needs.
import { ERROR, type FlatTree } from '../treeMemory.ts';

/** A node of a tree by its place in source order; the root is 0. */
export type Raw = number;

const PUNCTUATION = /^[^a-zA-Z_]|^(?:if|else|in|is|not|and|or|for|async|as|from|comment|ERROR)$/;

// `await`, `lambda` and `yield` are the type of the keyword and of the expression alike: a keyword has no parts.
const KEYWORD_OR_EXPR = new Set(['await', 'lambda', 'yield', 'type', 'print', 'exec']);

/** Without those that name an expression, too. */
const KEYWORDS = new Set(
  'and as assert async break class continue def del elif else except exec finally for from global if import in is match nonlocal not or pass print raise return try while with case block except_clause except_group_clause finally_clause else_clause elif_clause'.split(
    ' ',
  ),
);

/** What there is to know of a type of nodes. */
interface TypeFacts {
  readonly name: string;
  readonly isMark: boolean;
  readonly isKeywordOrExpr: boolean;
  readonly isValue: boolean;
}

/** Few types are asked about over and over: each is looked at once. */
export function lookAtTypes(names: readonly string[]): TypeTable {
  return { known: names.map(lookAt), error: lookAt('ERROR') };
}

export interface TypeTable {
  /** By the grammar's number. */
  readonly known: readonly TypeFacts[];
  readonly error: TypeFacts;
}

function lookAt(name: string): TypeFacts {
  return {
    name,
    isMark: PUNCTUATION.test(name),
    isKeywordOrExpr: KEYWORD_OR_EXPR.has(name),
    isValue: name !== 'comment' && /^[a-z_]{2,}$/.test(name) && !KEYWORDS.has(name),
  };
}

/** What the grammar calls things. */
export interface RawNames {
  readonly types: TypeTable;
  readonly fields: readonly string[];
}

export class RawTree {
  readonly text: string;
  readonly #flat: FlatTree;
  readonly #types: TypeTable;
  readonly #fields: readonly string[];

  constructor(text: string, flat: FlatTree, names: RawNames) {
    this.text = text;
    this.#flat = flat;
    this.#types = names.types;
    this.#fields = names.fields;
  }

  #factsOf(raw: Raw): TypeFacts {
    const type = this.#flat.type[raw]!;
    return type === ERROR ? this.#types.error : this.#types.known[type]!;
  }

  typeOf(raw: Raw): string {
    return this.#factsOf(raw).name;
  }

  fieldOf(raw: Raw): string {
    return this.#fields[this.#flat.field[raw]!]!;
  }

  start(raw: Raw): number {
    return this.#flat.start[raw]!;
  }

  end(raw: Raw): number {
    return this.#flat.end[raw]!;
  }

  textOf(raw: Raw): string {
    return this.text.slice(this.#flat.start[raw]!, this.#flat.end[raw]!);
  }

  hasChildren(raw: Raw): boolean {
    return this.#flat.next[raw] !== raw + 1;
  }

  children(raw: Raw): Raw[] {
    const { next } = this.#flat;
    const out: Raw[] = [];
    for (let at = raw + 1; at < next[raw]!; at = next[at]!) out.push(at);
    return out;
  }

  /** Its parts that are expressions. */
  values(raw: Raw): Raw[] {
    const { next } = this.#flat;
    const out: Raw[] = [];
    for (let at = raw + 1; at < next[raw]!; at = next[at]!)
      if (!this.isPunctuation(at)) out.push(at);
    return out;
  }

  /** The part of a field; comments can stand in any. */
  field(raw: Raw, name: string): Raw | undefined {
    const { next } = this.#flat;
    for (let at = raw + 1; at < next[raw]!; at = next[at]!)
      if (this.fieldOf(at) === name && this.typeOf(at) !== 'comment') return at;
    return undefined;
  }

  childOf(raw: Raw, type: string): Raw | undefined {
    const { next } = this.#flat;
    for (let at = raw + 1; at < next[raw]!; at = next[at]!) if (this.typeOf(at) === type) return at;
    return undefined;
  }

  firstValue(raw: Raw): Raw | undefined {
    const { next } = this.#flat;
    for (let at = raw + 1; at < next[raw]!; at = next[at]!) if (this.isValue(at)) return at;
    return undefined;
  }

  /** Something at or below a node could not be parsed. */
  isBroken(raw: Raw): boolean {
    const { next, type } = this.#flat;
    for (let at = raw; at < next[raw]!; at++) if (type[at] === ERROR) return true;
    return false;
  }

  /** Operators, keywords, brackets and comments between expressions. */
  isPunctuation(raw: Raw): boolean {
    const { isMark, isKeywordOrExpr, name } = this.#factsOf(raw);
    if (isKeywordOrExpr && !this.hasChildren(raw))
      return name !== 'yield' || this.fieldOf(raw) === '';
    return isMark;
  }

  /** Named nodes that are expressions; keywords, brackets and comments are not. */
  isValue(raw: Raw): boolean {
    return this.#factsOf(raw).isValue;
  }
}
