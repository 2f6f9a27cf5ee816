// Loads the TypeScript grammars when the first file needs one and copies a parse tree out of wasm memory in one walk.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
import { type GrammarFiles, pointsOf } from '../python/parser.ts';
import {
  counterpart,
  type Edited,
  type Old,
  type TextChange,
  type Touched,
  touchedBy,
} from '../touched.ts';
import type { Binding } from './model.ts';
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
}

export type Dialect = 'typescript' | 'tsx';

export interface JavascriptParser {
  /** Parses a text; with the tree of an earlier text, only what changed is parsed again. The caller deletes the tree. */
  parse(text: string, old?: Tree): Tree;
  /** Tells a tree of one change, so that it can serve as `old`. */
  edit(tree: Tree, change: TextChange, before: string, after: string): void;
  /** Copies a tree; what an edit did not touch is taken out of the copy of the tree before it, which is of no use then. */
  read(tree: Tree, before?: Edited<JsNode>): JsNode;
}

/** JSX makes `<T>x` ambiguous, so only files that can't hold it are read by the grammar without. */
export function dialectOf(path: string): Dialect {
  return /\.[mc]?ts$/.test(path) ? 'typescript' : 'tsx';
}

/** Rejects when a wasm file is missing. The runtime is shared with the other languages. */
export async function loadJavascriptParser(
  dialect: Dialect,
  files: GrammarFiles,
): Promise<JavascriptParser> {
  const require = createRequire(import.meta.url);
  const runtime =
    files.folder === undefined
      ? require.resolve('web-tree-sitter/web-tree-sitter.wasm')
      : `${files.folder}/web-tree-sitter.wasm`;
  const wasm =
    files.folder === undefined
      ? require.resolve(`tree-sitter-typescript/tree-sitter-${dialect}.wasm`)
      : `${files.folder}/tree-sitter-${dialect}.wasm`;
  await Parser.init({ locateFile: () => runtime });
  const language = await Language.load(readFileSync(wasm));
  const parser = new Parser();
  parser.setLanguage(language);
  const grammar = readGrammar(language);
  return {
    parse(text, old) {
      const tree = parser.parse(text, old);
      if (tree === null) throw new Error('The parser gave no tree; was it given a language?');
      return tree;
    },
    edit(tree, change, before, after) {
      tree.edit(pointsOf(change, before, after));
    },
    read(tree, before) {
      const cursor = tree.walk();
      const old = before === undefined ? undefined : { list: [before.raw], at: 0 };
      const touched = before === undefined ? undefined : touchedBy(before, tree);
      try {
        return readNode(cursor, grammar, undefined, old, touched);
      } finally {
        cursor.delete();
      }
    },
  };
}

interface Grammar {
  readonly types: readonly string[];
  /** What becomes of a node of each type; marks are kept when they have a field, as operators do. */
  readonly fate: readonly ('keep' | 'drop' | 'ask')[];
  readonly leaf: readonly boolean[];
  readonly fields: readonly string[];
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

function readGrammar(language: Language): Grammar {
  const types: string[] = [];
  const fate: ('keep' | 'drop' | 'ask')[] = [];
  const leaf: boolean[] = [];
  for (let id = 0; id < language.nodeTypeCount; id++) {
    const type = language.nodeTypeForId(id) ?? 'ERROR';
    const isNamed = language.nodeTypeIsNamed(id);
    types.push(type);
    leaf.push(!isNamed || LEAVES.has(type));
    if (type === 'comment' || DROPPED.has(type)) fate.push('drop');
    else fate.push(isNamed || type === 'ERROR' || KEPT.has(type) ? 'keep' : 'ask');
  }
  const fields: string[] = [''];
  for (let id = 1; id <= language.fieldCount; id++) fields.push(language.fieldNameForId(id) ?? '');
  return { types, fate, leaf, fields };
}

interface Building {
  type: string;
  field: string;
  start: number;
  end: number;
  children: JsNode[];
  parent: JsNode | undefined;
  broken: boolean;
  names: Binding | undefined;
  known: Type | undefined;
}

/** Takes a node over from the copy before: moved, below another parent, and with nothing known of it. */
function takeOver(node: Building, parent: JsNode | undefined, by: number): JsNode {
  node.start += by;
  node.end += by;
  node.parent = parent;
  node.names = undefined;
  node.known = undefined;
  for (const child of node.children) takeOver(child as Building, node, by);
  return node;
}

function readNode(
  cursor: TreeCursor,
  grammar: Grammar,
  parent: JsNode | undefined,
  old?: Old<JsNode>,
  touched?: Touched,
): JsNode {
  const id = cursor.nodeTypeId;
  const type = grammar.types[id] ?? 'ERROR';
  const field = grammar.fields[cursor.currentFieldId] ?? '';
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  let inside: Old<JsNode> | undefined;
  if (old !== undefined && touched !== undefined) {
    const was = counterpart(old, start, touched);
    if (was !== undefined && was.type === type && was.field === field) {
      const isBefore = end < touched.from && was.end === end;
      const isBehind = start > touched.to && was.end === end - touched.shift;
      if (isBefore || isBehind) {
        // It is another's from here on: the next one at this place is not to find it.
        old.at++;
        return takeOver(was as Building, parent, isBefore ? 0 : touched.shift);
      }
      inside = { list: was.children, at: 0 };
    }
  }
  const node: Building = {
    type,
    field,
    start,
    end,
    children: [],
    parent,
    broken: type === 'ERROR',
    names: undefined,
    known: undefined,
  };
  if (grammar.leaf[id] === true || !cursor.gotoFirstChild()) return node;
  do {
    const childId = cursor.nodeTypeId;
    // The grammar's number says enough to drop a comma; only of other marks is asked whether they have a field.
    const fate = grammar.fate[childId];
    if (fate === 'drop' || (fate === 'ask' && cursor.currentFieldId === 0)) continue;
    const child = readNode(cursor, grammar, node, inside, touched);
    if (child.broken) node.broken = true;
    node.children.push(child);
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  return node;
}
