// Whether code may take one reading of the clock from another: told from its text.

/** Follows the rule's own idea of a reading: `time()` without arguments, whatever stands before it. */
const READING = /\btime\s*\(\s*\)/g;

/** A reading beside a minus, or two readings that are kept: names, or parts of what a name is given. */
export function measuresTime(code: string): boolean {
  let kept = 0;
  for (const match of code.matchAll(READING)) {
    const end = match.index + match[0].length;
    if (/^\s*-/.test(code.slice(end, end + 40))) return true;
    const before = /([-=,(])\s*[\w.\s]*$/.exec(
      code.slice(Math.max(0, match.index - 80), match.index),
    );
    if (before?.[1] === '-') return true;
    if (before !== null && ++kept === 2) return true;
  }
  return false;
}
