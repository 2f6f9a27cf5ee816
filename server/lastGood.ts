// What was said of a text stands in for what can't be said while a function in it is being typed.
import type { Diagnostic } from './diagnostic.ts';

/** The one stretch in which a text differs from another. */
export interface TextChange {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** What is kept of a file between two looks at it. */
export interface Kept {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly broken: boolean;
}

/** Texts are compared this many units at a time first: the engine compares strings faster than code does. */
const BLOCK = 512;

/** The one stretch in which two texts differ. */
export function changeBetween(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start + BLOCK <= most && before.startsWith(after.slice(start, start + BLOCK), start)) {
    start += BLOCK;
  }
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  const rest = most - start;
  let same = 0;
  while (
    same + BLOCK <= rest &&
    before.slice(before.length - same - BLOCK, before.length - same) ===
      after.slice(after.length - same - BLOCK, after.length - same)
  ) {
    same += BLOCK;
  }
  while (
    same < rest &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/**
 * While a function is being typed its tree is guesswork: what was said of it when it last parsed stands, moved by what
 * was typed before it; nothing new is said of it.
 */
export function withLastGood(
  found: readonly Diagnostic[],
  functions: readonly Span[],
  text: string,
  before: Kept | undefined,
): readonly Diagnostic[] {
  const broken = functions.filter((fn) => fn.broken);
  const inBroken = (at: number) => broken.some((fn) => fn.start <= at && at <= fn.end);
  const good = found.filter((each) => !inBroken(each.start));
  if (before === undefined) return good;
  const change = changeBetween(before.text, text);
  const shift = change.newEnd - change.oldEnd;
  const old: Diagnostic[] = [];
  for (const each of before.diagnostics) {
    if (each.end >= change.start && each.start < change.oldEnd) continue;
    const by = each.start >= change.oldEnd ? shift : 0;
    const moved = { ...each, start: each.start + by, end: each.end + by, fixes: [], related: [] };
    const known = good.some((other) => other.rule === moved.rule && other.start === moved.start);
    if (inBroken(moved.start) && !known) old.push(moved);
  }
  return [...good, ...old].sort((a, b) => a.start - b.start || a.end - b.end);
}
