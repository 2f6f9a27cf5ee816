// Trees are read where the runtime keeps them: each node must be the one that the runtime's own cursor shows.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import type { Tree } from 'web-tree-sitter';
import { randomFrom } from '../../scripts/faults/random.ts';
import { type Grammar, loadGrammar } from '../../server/grammar.ts';
import { dialectOf } from '../../server/javascript/parser.ts';
import { changeBetween } from '../../server/lastGood.ts';

const python = new URL('./fixtures/', import.meta.url);
const golden = new URL('./javascript/golden/', import.meta.url);
const PIECES = ['(', ')', '{', '}', ':', '\n', '    ', '"', "'''", '`', 'async ', 'await ', '=> '];
const MORE = ['x', '=', '#', '/*', ';', 'é', '😀', '\n\n', 'if a:\n'];

type Row = readonly [type: string, field: string, start: number, end: number, depth: number];

function seenByCursor(tree: Tree): Row[] {
  const rows: Row[] = [];
  const cursor = tree.walk();
  const visit = (depth: number) => {
    const { nodeType, currentFieldName, startIndex, endIndex } = cursor;
    rows.push([nodeType, currentFieldName ?? '', startIndex, endIndex, depth]);
    if (!cursor.gotoFirstChild()) return;
    do visit(depth + 1);
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  };
  visit(0);
  cursor.delete();
  return rows;
}

function readFromMemory(grammar: Grammar, tree: Tree, isLeaf?: (start: number) => boolean): Row[] {
  const { count, type, field, start, end, next } = grammar.read(tree, isLeaf);
  const rows: Row[] = [];
  const open: number[] = [];
  for (let at = 0; at < count; at++) {
    while (open.length > 0 && open.at(-1)! <= at) open.pop();
    const names = [grammar.typeName(type[at]!), grammar.fieldNames[field[at]!]!] as const;
    rows.push([...names, start[at]!, end[at]!, open.length]);
    open.push(next[at]!);
  }
  return rows;
}

async function compare(folder: URL, grammarOf: (file: string) => string, seed: number) {
  const random = randomFrom(seed);
  const pieces = [...PIECES, ...MORE];
  const grammars = new Map<string, Grammar>();
  for (const file of readdirSync(folder)) {
    const wasm = grammarOf(file);
    const grammar = grammars.get(wasm) ?? (await loadGrammar(wasm, {}, () => 'keep'));
    grammars.set(wasm, grammar);
    const original = readFileSync(new URL(file, folder), 'utf8');
    let text = original;
    let tree = grammar.parse(text);
    for (let round = 0; round < 30; round++) {
      const at = Math.floor(random() * text.length);
      const cut = random() < 0.5 ? Math.floor(random() * 40) : 0;
      const piece = random() < 0.7 ? pieces[Math.floor(random() * pieces.length)]! : '';
      // Now and then somebody takes it all back.
      const next = round % 9 === 8 ? original : text.slice(0, at) + piece + text.slice(at + cut);
      grammar.edit(tree, changeBetween(text, next), text, next);
      const now = grammar.parse(next, tree);
      tree.delete();
      assert.deepEqual(readFromMemory(grammar, now), seenByCursor(now), `${file}, round ${round}`);
      tree = now;
      text = next;
    }
    tree.delete();
  }
}

it('Python, through hundreds of random edits', async () => {
  await compare(python, () => 'tree-sitter-python/tree-sitter-python.wasm', 23);
});

it('JavaScript and TypeScript, through hundreds of random edits', async () => {
  const wasm = (file: string) => `tree-sitter-typescript/tree-sitter-${dialectOf(file)}.wasm`;
  await compare(golden, wasm, 29);
});

it('what is dropped is gone with all below it, what is a leaf has nothing below', async () => {
  const grammar = await loadGrammar(
    'tree-sitter-python/tree-sitter-python.wasm',
    {},
    (type, isNamed) => {
      if (type === 'comment') return 'drop';
      if (type === 'string') return 'ask';
      return isNamed ? 'keep' : 'field';
    },
  );
  const text = 'f(1 + x)  # no\ng("{a}", f"{b}")\n';
  const tree = grammar.parse(text);
  const rows = readFromMemory(grammar, tree, (start) => text[start] !== 'f');
  tree.delete();
  const shown = rows.map(([type, field, start, end]) => [type, field, text.slice(start, end)]);
  const has = (type: string, field: string, source: string) =>
    shown.some((row) => row[0] === type && row[1] === field && row[2] === source);
  assert.ok(has('+', 'operator', '+'), 'a mark with a field is kept');
  assert.ok(!has('(', '', '('), 'one without is not');
  assert.ok(!has('comment', '', '# no'));
  assert.ok(has('interpolation', '', '{b}'));
  assert.ok(has('string', '', '"{a}"'));
  assert.ok(!has('string_content', '', '{a}'), 'a leaf has nothing below it');
});
