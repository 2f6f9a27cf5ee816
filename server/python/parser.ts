// The Python grammar, and the copy of a tree that the model is built from.
import type { Tree } from 'web-tree-sitter';
import { type Grammar, type GrammarFiles, loadGrammar } from '../grammar.ts';
import type { Fate, FlatTree } from '../treeMemory.ts';

/** One node as the grammar sees it: named nodes and the few words and operators the builder needs. */
export interface RawNode {
  readonly type: string;
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly children: readonly RawNode[];
  /** Something at or below this could not be parsed. */
  readonly broken: boolean;
}

export interface PythonParser extends Pick<Grammar, 'parse' | 'edit'> {
  /** Copies a tree that was not edited since it was parsed. */
  read(tree: Tree, text: string): RawNode;
}

const NO_CHILDREN: readonly RawNode[] = [];

/** Punctuation that carries no meaning once the tree has its shape: not worth a node each. */
const DROPPED = new Set([
  ',',
  ':',
  '.',
  '"',
  ';',
  'def',
  'class',
  'return',
  'import',
  'line_continuation',
]);

/** Nodes whose parts say nothing that their text does not. */
const LEAVES = new Set([
  'identifier',
  'integer',
  'float',
  'true',
  'false',
  'none',
  'comment',
  'ellipsis',
]);

/** Loads the grammar; rejects when one of the two wasm files is missing. */
export async function loadPythonParser(files: GrammarFiles = {}): Promise<PythonParser> {
  const grammar = await loadGrammar('tree-sitter-python/tree-sitter-python.wasm', files, fateOf);
  return {
    parse: (text, old) => grammar.parse(text, old),
    edit: (tree, change, before, after) => grammar.edit(tree, change, before, after),
    read(tree, text) {
      const flat = grammar.read(tree, (start) => !isFormatted(text, start));
      return nodeAt(0, flat, grammar);
    },
  };
}

function fateOf(type: string, isNamed: boolean): Fate {
  if (DROPPED.has(type)) return 'drop';
  if (!isNamed || LEAVES.has(type)) return 'leaf';
  return type === 'string' ? 'ask' : 'keep';
}

function nodeAt(at: number, flat: FlatTree, grammar: Grammar): RawNode {
  const type = grammar.typeName(flat.type[at]!);
  const field = grammar.fieldNames[flat.field[at]!]!;
  const [start, end, next] = [flat.start[at]!, flat.end[at]!, flat.next[at]!];
  let broken = type === 'ERROR';
  if (next === at + 1) return { type, field, start, end, children: NO_CHILDREN, broken };
  const children: RawNode[] = [];
  for (let index = at + 1; index < next; index = flat.next[index]!) {
    const child = nodeAt(index, flat, grammar);
    if (child.broken) broken = true;
    children.push(child);
  }
  return { type, field, start, end, children, broken };
}

/** Whether a string has a prefix with f or t. */
function isFormatted(text: string, start: number): boolean {
  for (let at = start; at < start + 3; at++) {
    const char = text[at];
    if (char === '"' || char === "'") return false;
    if (char === 'f' || char === 'F' || char === 't' || char === 'T') return true;
  }
  return false;
}
