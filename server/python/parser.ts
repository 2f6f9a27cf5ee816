// Loads the Python grammar and copies a parse tree out of wasm memory in one cursor walk.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Edit, Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
import {
  counterpart,
  type Edited,
  type Old,
  type TextChange,
  type Touched,
  touchedBy,
} from '../touched.ts';

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

export interface GrammarFiles {
  /** Where `web-tree-sitter.wasm` and `tree-sitter-python.wasm` lie when they are not in node_modules. */
  readonly folder?: string;
}

export interface PythonParser {
  /** Parses a text; with the tree of an earlier text, only what changed is parsed again. The caller deletes the tree. */
  parse(text: string, old?: Tree): Tree;
  /** Tells a tree of one change, so that it can serve as `old`. */
  edit(tree: Tree, change: TextChange, before: string, after: string): void;
  /** Copies a tree; what an edit did not touch is taken from the copy of the tree before it. */
  read(tree: Tree, text: string, before?: Before): RawNode;
}

export type Before = Edited<RawNode>;

const NO_CHILDREN: readonly RawNode[] = [];

/** Loads the grammar; rejects when one of the two wasm files is missing. */
export async function loadPythonParser(files: GrammarFiles = {}): Promise<PythonParser> {
  const paths = wasmPaths(files.folder);
  await Parser.init({ locateFile: () => paths.runtime });
  const language = await Language.load(readFileSync(paths.python));
  const parser = new Parser();
  parser.setLanguage(language);
  const types: string[] = [];
  const leaf: boolean[] = [];
  for (let id = 0; id < language.nodeTypeCount; id++) {
    types.push(language.nodeTypeForId(id) ?? 'ERROR');
    leaf.push(!language.nodeTypeIsNamed(id) || LEAVES.has(types[id]!));
  }
  const fields: string[] = [''];
  for (let id = 1; id <= language.fieldCount; id++) fields.push(language.fieldNameForId(id) ?? '');
  const grammar: Grammar = { types, leaf, fields };
  return {
    parse(text, old) {
      const tree = parser.parse(text, old);
      if (tree === null) throw new Error('The Python parser has no grammar loaded.');
      return tree;
    },
    edit(tree, change, before, after) {
      tree.edit(pointsOf(change, before, after));
    },
    read(tree, text, before) {
      const cursor = tree.walk();
      const old = before === undefined ? undefined : { list: [before.raw], at: 0 };
      const touched = before === undefined ? undefined : touchedBy(before, tree);
      try {
        return readNode(cursor, grammar, text, old, touched);
      } finally {
        cursor.delete();
      }
    },
  };
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

interface Grammar {
  readonly types: readonly string[];
  readonly leaf: readonly boolean[];
  readonly fields: readonly string[];
}

function shifted(node: RawNode, by: number): RawNode {
  const { type, field, broken } = node;
  const children =
    node.children.length === 0 ? NO_CHILDREN : node.children.map((child) => shifted(child, by));
  return { type, field, start: node.start + by, end: node.end + by, children, broken };
}

/** Every step of a cursor is a call into wasm, so it takes none into leaves and plain strings: half of a file's nodes. */
function readNode(
  cursor: TreeCursor,
  grammar: Grammar,
  text: string,
  old?: Old<RawNode>,
  touched?: Touched,
): RawNode {
  const id = cursor.nodeTypeId;
  const type = grammar.types[id] ?? 'ERROR';
  const field = grammar.fields[cursor.currentFieldId] ?? '';
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  let inside: Old<RawNode> | undefined;
  if (old !== undefined && touched !== undefined) {
    const was = counterpart(old, start, touched);
    if (was !== undefined && was.type === type && was.field === field) {
      if (end < touched.from && was.end === end) return was;
      if (start > touched.to && was.end === end - touched.shift)
        return touched.shift === 0 ? was : shifted(was, touched.shift);
      inside = { list: was.children, at: 0 };
    }
  }
  const isLeaf = grammar.leaf[id] === true || (type === 'string' && !isFormatted(text, start));
  if (isLeaf || !cursor.gotoFirstChild()) {
    return { type, field, start, end, children: NO_CHILDREN, broken: type === 'ERROR' };
  }
  const children: RawNode[] = [];
  let broken = type === 'ERROR';
  do {
    const child = readNode(cursor, grammar, text, inside, touched);
    if (child.broken) broken = true;
    if (!DROPPED.has(child.type)) children.push(child);
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
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

function wasmPaths(folder: string | undefined): { runtime: string; python: string } {
  if (folder !== undefined) {
    return {
      runtime: `${folder}/web-tree-sitter.wasm`,
      python: `${folder}/tree-sitter-python.wasm`,
    };
  }
  const require = createRequire(import.meta.url);
  return {
    runtime: require.resolve('web-tree-sitter/web-tree-sitter.wasm'),
    python: require.resolve('tree-sitter-python/tree-sitter-python.wasm'),
  };
}

/** A change as the runtime wants it told: offsets with their rows and columns. */
export function pointsOf(change: TextChange, before: string, after: string): Edit {
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
