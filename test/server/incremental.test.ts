// An edited file is read in part: the copy of its tree must be the one that reading all of the same tree gives.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { buildModel } from '../../server/javascript/model.ts';
import { dialectOf, loadJavascriptParser } from '../../server/javascript/parser.ts';
import { changeBetween } from '../../server/lastGood.ts';
import { loadPythonParser } from '../../server/python/parser.ts';

const folder = new URL('./fixtures/', import.meta.url);
const PIECES = [
  '(',
  ')',
  ':',
  '\n',
  '    ',
  '"',
  "'''",
  'async ',
  'x',
  '=',
  '#',
  'é',
  '😀',
  '\n\n',
  'if a:\n',
];

/** A small generator with a seed (mulberry32), so that a failure can be had again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

it('hundreds of random edits of Python, one after another', async () => {
  const parser = await loadPythonParser();
  const random = randomFrom(23);
  for (const file of readdirSync(folder)) {
    const original = readFileSync(new URL(file, folder), 'utf8');
    let text = original;
    let tree = parser.parse(text);
    let raw = parser.read(tree, text);
    for (let round = 0; round < 60; round++) {
      const at = Math.floor(random() * text.length);
      const cut = random() < 0.5 ? Math.floor(random() * 40) : 0;
      const piece = random() < 0.7 ? PIECES[Math.floor(random() * PIECES.length)]! : '';
      // Now and then somebody takes it all back.
      const next = round % 9 === 8 ? original : text.slice(0, at) + piece + text.slice(at + cut);
      const change = changeBetween(text, next);
      parser.edit(tree, change, text, next);
      const now = parser.parse(next, tree);
      raw = parser.read(now, next, { tree, raw, change });
      tree.delete();
      assert.deepEqual(raw, parser.read(now, next), `${file}, round ${round}`);
      tree = now;
      text = next;
    }
    tree.delete();
  }
});

const golden = new URL('./javascript/golden/', import.meta.url);
const MARKS = [
  '(',
  ')',
  '{',
  '}',
  '`',
  "'",
  'async ',
  'await ',
  '/*',
  ';',
  '\n',
  'é',
  '😀',
  '=> ',
  'x',
];

it('hundreds of random edits of JavaScript, one after another', async () => {
  const random = randomFrom(29);
  for (const file of readdirSync(golden)) {
    const parser = await loadJavascriptParser(dialectOf(file), {});
    const original = readFileSync(new URL(file, golden), 'utf8');
    let text = original;
    let tree = parser.parse(text);
    let raw = parser.read(tree);
    for (let round = 0; round < 60; round++) {
      // What was found out of the copy before must be gone from the next.
      buildModel(file, text, raw);
      const at = Math.floor(random() * text.length);
      const cut = random() < 0.5 ? Math.floor(random() * 40) : 0;
      const piece = random() < 0.7 ? MARKS[Math.floor(random() * MARKS.length)]! : '';
      const next = round % 9 === 8 ? original : text.slice(0, at) + piece + text.slice(at + cut);
      const change = changeBetween(text, next);
      parser.edit(tree, change, text, next);
      const now = parser.parse(next, tree);
      raw = parser.read(now, { tree, raw, change });
      tree.delete();
      assert.deepEqual(raw, parser.read(now), `${file}, round ${round}`);
      tree = now;
      text = next;
    }
    tree.delete();
  }
});
