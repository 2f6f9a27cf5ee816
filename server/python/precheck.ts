// Which rules a file may break at all, told by its text before anything is parsed.
import type { NamesIn, Needs } from '../needs.ts';
import type { Rule } from '../ruleEntry.ts';
import { PYTHON_RULES } from '../rules.ts';
import { codeOf } from './codeOf.ts';

const ALL = [...new Set(PYTHON_RULES.map((rule) => rule.needs))];
/** One look at every text for what any rule needs: most files end here. */
const WORDS = new RegExp([...new Set(ALL.flatMap((needs) => needs.words))].join('|'));

/** The rules by what of their needs is met. */
const SOME = new Map<string, readonly Rule[]>();

/** Compiled when first asked for. */
const PATTERNS = new Map<string, RegExp>();

/**
 * The rules that may have something to say of a text. `imports` tells whether the text has one of the names that
 * this finds in the modules it imports.
 */
export function rulesFor(text: string, imports: (names: NamesIn) => boolean): readonly Rule[] {
  const code = codeOf(text);
  const hasWords = WORDS.test(code);
  const met = ALL.filter((needs) => isMet(needs, code, hasWords, imports));
  const key = met.map((needs) => ALL.indexOf(needs)).join();
  let rules = SOME.get(key);
  if (rules === undefined) {
    rules = PYTHON_RULES.filter((rule) => met.includes(rule.needs));
    SOME.set(key, rules);
  }
  return rules;
}

function isMet(
  { words, also, shape, imported }: Needs,
  code: string,
  hasWords: boolean,
  imports: (names: NamesIn) => boolean,
): boolean {
  if (hasWords && words.some((each) => has(code, each)))
    return also === undefined || also.every((each) => has(code, each));
  return shape?.(code) === true || (imported !== undefined && imports(imported));
}

function has(code: string, pattern: string): boolean {
  let known = PATTERNS.get(pattern);
  if (known === undefined) {
    known = new RegExp(pattern);
    PATTERNS.set(pattern, known);
  }
  return known.test(code);
}
