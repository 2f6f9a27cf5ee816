// Comments that silence other linters' rules for the same mistakes: ESLint's, Oxlint's and Biome's.
import type { Suppressions } from '../suppressions.ts';

/** What the others call our rules, without the plugin they are of. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'no-floating-promises': ['floating-promise'],
  noFloatingPromises: ['floating-promise'],
  'catch-or-return': ['floating-promise'],
  'no-misused-promises': ['async-callback-ignored'],
  noMisusedPromises: ['async-callback-ignored'],
  'no-async-promise-executor': ['async-promise-executor'],
  noAsyncPromiseExecutor: ['async-promise-executor'],
  'no-await-in-loop': ['await-in-loop'],
  noAwaitInLoops: ['await-in-loop'],
  'require-atomic-updates': ['non-atomic-update'],
  'no-sync': ['sync-io-in-async'],
};

const ALL = [...new Set(Object.values(NAMES).flat())];

const WORD = '\\s*(?:eslint|oxlint)-(disable-next-line|disable-line|disable|enable)(?![\\w-])';
const ESLINT = new RegExp(`/\\*${WORD}([^]*?)\\*/|//${WORD}(.*)`, 'g');
const BIOME = /(?:\/\*|\/\/)\s*biome-ignore\s+(lint\/[\w/]+)\s*:/g;

/** Lines count from 0. */
export function readDisabled(text: string): Suppressions {
  if (!/(?:eslint|oxlint)-disable|biome-ignore/.test(text)) return { has: () => false };
  const lines = new Map<number, Set<string>>();
  const open = new Map<string, number>();
  const blocks: { readonly rule: string; readonly from: number; readonly to: number }[] = [];
  const add = (line: number, rules: readonly string[]) => {
    lines.set(line, new Set([...(lines.get(line) ?? []), ...rules]));
  };
  for (const match of text.matchAll(ESLINT)) {
    const [whole, inBlock, names, inLine] = match;
    const word = inBlock ?? inLine;
    const rules = rulesIn(names ?? match[4] ?? '');
    const line = lineOf(text, match.index);
    if (word === 'disable-line') add(line, rules);
    else if (word === 'disable-next-line') add(lineOf(text, match.index + whole.length) + 1, rules);
    else if (inBlock !== undefined) {
      for (const rule of rules) {
        const from = open.get(rule);
        if (word === 'disable') open.set(rule, from ?? line);
        else if (from !== undefined && open.delete(rule)) blocks.push({ rule, from, to: line });
      }
    }
  }
  for (const [rule, from] of open) blocks.push({ rule, from, to: Number.POSITIVE_INFINITY });
  for (const match of text.matchAll(BIOME))
    add(lineOf(text, match.index) + 1, rulesIn(match[1] ?? ''));
  return {
    has: (rule, line) =>
      lines.get(line)?.has(rule) === true ||
      blocks.some((each) => each.rule === rule && each.from <= line && line < each.to),
  };
}

/** A list of names before the reason for it; without names all are meant. */
function rulesIn(list: string): readonly string[] {
  const names = list
    .replace(/--.*/s, '')
    .split(',')
    .map((each) => each.trim());
  if (names.every((each) => each === '')) return ALL;
  return names.flatMap((each) => NAMES[each.slice(each.lastIndexOf('/') + 1)] ?? []);
}

function lineOf(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line++;
  return line;
}
