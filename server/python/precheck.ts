// Which rules a file may break at all, told by its text before anything is parsed.
import type { NamesIn } from '../needs.ts';
import type { Rule } from '../ruleEntry.ts';
import { PYTHON_RULES } from '../rules.ts';
import { codeOf } from './codeOf.ts';

const ALL = [...new Set(PYTHON_RULES.map((rule) => rule.needs))];
/** One look at every text for what any rule needs: most files end here. */
const WORDS = new RegExp([...new Set(ALL.flatMap((needs) => needs.words))].join('|'));
const SHAPED = ALL.filter((needs) => needs.shape !== undefined);
const IMPORTED = ALL.filter((needs) => needs.imported !== undefined);

/** What a rule needs, other than its own file's words, is met for few files; they are linted by few rules. */
const SOME = new Map<string, readonly Rule[]>();

/**
 * The rules that may have something to say of a text. `imports` tells whether the text has one of the names that
 * this finds in the modules it imports.
 */
export function rulesFor(text: string, imports: (names: NamesIn) => boolean): readonly Rule[] {
  const code = codeOf(text);
  if (WORDS.test(code)) return PYTHON_RULES;
  const met = [
    ...SHAPED.filter((needs) => needs.shape?.(code)),
    ...IMPORTED.filter((needs) => imports(needs.imported!)),
  ];
  const key = met.map((needs) => ALL.indexOf(needs)).join();
  let rules = SOME.get(key);
  if (rules === undefined) {
    rules = PYTHON_RULES.filter((rule) => met.includes(rule.needs));
    SOME.set(key, rules);
  }
  return rules;
}

/** Whether one rule may have something to say of a text: what the others need does not count. */
export function mayReport(
  { needs }: Rule,
  text: string,
  imports: (names: NamesIn) => boolean,
): boolean {
  const code = codeOf(text);
  return (
    needs.words.some((words) => new RegExp(words).test(code)) ||
    needs.shape?.(code) === true ||
    (needs.imported !== undefined && imports(needs.imported))
  );
}
