// The Python grammar, and the copy of a tree that the model is built from.
import type { Tree } from 'web-tree-sitter';
import { type Grammar, type GrammarFiles, loadGrammar } from '../grammar.ts';
import type { Fate } from '../treeMemory.ts';
import { lookAtTypes, type RawNames, RawTree } from './rawTree.ts';

export interface PythonParser extends Pick<Grammar, 'parse' | 'edit'> {
  /** Copies a tree that was not edited since it was parsed. The copy lasts until the next one. */
  read(tree: Tree, text: string): RawTree;
}

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
  const names: RawNames = {
    types: lookAtTypes(grammar.typeNames),
    fields: grammar.fieldNames,
  };
  return {
    parse: (text, old) => grammar.parse(text, old),
    edit: (tree, change, before, after) => grammar.edit(tree, change, before, after),
    read(tree, text) {
      return new RawTree(
        text,
        grammar.read(tree, (start) => !isFormatted(text, start)),
        names,
      );
    },
  };
}

function fateOf(type: string, isNamed: boolean): Fate {
  if (DROPPED.has(type)) return 'drop';
  if (!isNamed || LEAVES.has(type)) return 'leaf';
  return type === 'string' ? 'ask' : 'keep';
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
