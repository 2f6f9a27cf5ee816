// Grammars of tree-sitter: loading them, parsing with them, and copies of their trees.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Edit, Language, Parser, type Tree } from 'web-tree-sitter';
import type { TextChange } from './lastGood.ts';
import { ERROR, type Fate, type FlatTree, type Runtime, TreeMemory } from './treeMemory.ts';

export interface GrammarFiles {
  /** Where `web-tree-sitter.wasm` and the grammars lie when they are not in node_modules. */
  readonly folder?: string;
}

export interface Grammar {
  /** Parses a text; with the tree of an earlier text, only what changed is parsed again. The caller deletes the tree. */
  parse(text: string, old?: Tree): Tree;
  /** Tells a tree of one change, so that it can serve as `old`. */
  edit(tree: Tree, change: TextChange, before: string, after: string): void;
  /** Copies a tree; the copy lasts until the next one. `isLeaf` is asked where a node of the fate `ask` starts. */
  read(tree: Tree, isLeaf?: (start: number) => boolean): FlatTree;
  /** Names by the numbers of a copy. */
  typeName(type: number): string;
  readonly typeNames: readonly string[];
  readonly fieldNames: readonly string[];
}

/** One runtime for all languages; its memory is where the trees lie. */
const runtime: Runtime & { locateFile?: () => string } = {};
let started: Promise<void> | undefined;

/** `module` is the file as npm has it: `package/name.wasm`. Rejects when it or the runtime is missing. */
export async function loadGrammar(
  module: string,
  files: GrammarFiles,
  fateOf: (type: string, isNamed: boolean) => Fate,
): Promise<Grammar> {
  const require = createRequire(import.meta.url);
  const locate = (file: string) =>
    files.folder === undefined
      ? require.resolve(file)
      : `${files.folder}/${file.slice(file.lastIndexOf('/') + 1)}`;
  runtime.locateFile ??= () => locate('web-tree-sitter/web-tree-sitter.wasm');
  started ??= Parser.init(runtime);
  await started;
  const language = await Language.load(readFileSync(locate(module)));
  const parser = new Parser();
  parser.setLanguage(language);
  const memory = new TreeMemory(runtime, language, fateOf);
  const typeNames: string[] = [];
  for (let id = 0; id < language.nodeTypeCount; id++)
    typeNames.push(language.nodeTypeForId(id) ?? 'ERROR');
  const fieldNames: string[] = [''];
  for (let id = 1; id <= language.fieldCount; id++)
    fieldNames.push(language.fieldNameForId(id) ?? '');
  return {
    parse(text, old) {
      const tree = parser.parse(text, old);
      if (tree === null) throw new Error('The parser gave no tree; was it given a language?');
      return tree;
    },
    edit(tree, change, before, after) {
      tree.edit(pointsOf(change, before, after));
    },
    read: (tree, isLeaf) => memory.read(tree, isLeaf),
    typeName: (type) => (type === ERROR ? 'ERROR' : typeNames[type]!),
    typeNames,
    fieldNames,
  };
}

/** A change as the runtime wants it told: offsets with their rows and columns. */
function pointsOf(change: TextChange, before: string, after: string): Edit {
  return new Edit({
    startIndex: change.start,
    oldEndIndex: change.oldEnd,
    newEndIndex: change.newEnd,
    startPosition: pointAt(before, change.start),
    oldEndPosition: pointAt(before, change.oldEnd),
    newEndPosition: pointAt(after, change.newEnd),
  });
}

function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', lineStart)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
