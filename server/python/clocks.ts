// Whether code may take one reading of the clock from another: told from its text.

/** Follows the rule's own idea of a reading: `time()` without arguments, whatever stands before it. */
const READING = String.raw`\btime\s*\(\s*\)`;
const HAS_READING = new RegExp(READING);
/** The function under another name. */
const RENAMED = /\btime\s+as\s+\w|=\s*(?:\w+\s*\.\s*)*time\b(?![ \t]*[.(])/;
/** A statement laid out over more lines than this is not read to its beginning. */
const LINES = 4;

/** A minus between two that each are a reading, or a name that is given one. */
export function measuresTime(code: string): boolean {
  if (!HAS_READING.test(code)) return false;
  if (RENAMED.test(code)) return true;
  const names = new Set<string>();
  for (const { index } of code.matchAll(new RegExp(READING, 'g')))
    for (const name of targetsBefore(code, index)) names.add(name);
  const named = names.size === 0 ? '' : `|(?<![\\w.])(?:${[...names].join('|')})\\b(?!\\s*[.([])`;
  const right = `(?:[\\w.\\s]*${READING}${named})`;
  return new RegExp(`(?:${READING}${named})[\\s)\\\\]*-[\\s(\\\\]*${right}`).test(code);
}

/** Names before the `=` of the statement that a place is in. */
function targetsBefore(code: string, at: number): readonly string[] {
  let from = at;
  for (let line = 0; line < LINES && from > 0; line++) {
    from = code.lastIndexOf('\n', from - 1);
    const equals = code.lastIndexOf('=', at);
    if (equals > from) return code.slice(from + 1, equals).match(/\b[^\W\d]\w*/g) ?? [];
  }
  return [];
}
