// The TypeScript grammars, and the copy of a tree that the rules read.
import type { Tree } from 'web-tree-sitter';
import { type Grammar, type GrammarFiles, loadGrammar } from '../grammar.ts';
import type { Fate, FlatTree } from '../treeMemory.ts';
import type { Binding } from './model.ts';
import { isMisread, mended } from './precedence.ts';
import type { Type } from './type.ts';

/** A node by the grammar's own names. Comments and punctuation are left out; `async`, `await`, `*` and operators stay. */
export interface JsNode {
  readonly type: string;
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly children: readonly JsNode[];
  readonly parent: JsNode | undefined;
  /** Something at or below this could not be parsed. */
  readonly broken: boolean;
  /** Of an identifier what it names, of an expression what it is, once that was asked: maps of all nodes are slower by far. */
  names: Binding | undefined;
  known: Type | undefined;
  /** Its dotted name, once that was asked; null for none. */
  dotted: string | null | undefined;
}

export type Dialect = 'typescript' | 'tsx';

export interface JavascriptParser extends Pick<Grammar, 'parse' | 'edit'> {
  /** Copies a tree that was not edited since it was parsed. */
  read(tree: Tree): JsNode;
}

/** JSX makes `<T>x` ambiguous, so only files that can't hold it are read by the grammar without. */
export function dialectOf(path: string): Dialect {
  return /\.[mc]?ts$/.test(path) ? 'typescript' : 'tsx';
}

/** Rejects when a wasm file is missing. */
export async function loadJavascriptParser(
  dialect: Dialect,
  files: GrammarFiles,
): Promise<JavascriptParser> {
  const module = `tree-sitter-typescript/tree-sitter-${dialect}.wasm`;
  const grammar = await loadGrammar(module, files, fateOf);
  return {
    parse: (text, old) => grammar.parse(text, old),
    edit: (tree, change, before, after) => grammar.edit(tree, change, before, after),
    read: (tree) => nodeAt(0, undefined, grammar.read(tree), grammar),
  };
}

/** Words without a node of their own that say what their parent is. */
const KEPT = new Set(['async', 'await', '*', 'get', 'set', 'of', 'in', 'static']);

/** Marks that never have a field. */
const DROPPED = new Set([
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  ',',
  ';',
  ':',
  '.',
  '=>',
  '"',
  "'",
  '`',
  '${',
]);

const LEAVES = new Set([
  'identifier',
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
  'type_identifier',
  'number',
  'string',
  'regex',
  'this',
  'super',
  'true',
  'false',
  'null',
  'undefined',
  'predefined_type',
]);

/** Marks are kept when their parent has a field for them, as for operators. */
function fateOf(type: string, isNamed: boolean): Fate {
  if (type === 'comment' || DROPPED.has(type)) return 'drop';
  if (isNamed) return LEAVES.has(type) ? 'leaf' : 'keep';
  return KEPT.has(type) ? 'leaf' : 'field';
}

const NO_CHILDREN: JsNode[] = [];

interface Building extends JsNode {
  broken: boolean;
}

function nodeAt(at: number, parent: JsNode | undefined, flat: FlatTree, grammar: Grammar): JsNode {
  const type = grammar.typeName(flat.type[at]!);
  const next = flat.next[at]!;
  // Most nodes have nothing below them.
  const children = next === at + 1 ? NO_CHILDREN : [];
  const node: Building = {
    type,
    field: grammar.fieldNames[flat.field[at]!]!,
    start: flat.start[at]!,
    end: flat.end[at]!,
    children,
    parent,
    broken: type === 'ERROR',
    names: undefined,
    known: undefined,
    dotted: undefined,
  };
  for (let index = at + 1; index < next; index = flat.next[index]!) {
    const child = nodeAt(index, node, flat, grammar);
    if (child.broken) node.broken = true;
    children.push(child);
  }
  return isMisread(type, children[0]) ? mended(node) : node;
}
