// The code of a Python text without its comments and strings, told without parsing it.

const STOP = /["'#]/g;

/** `"queue.Queue"` may be a quoted annotation, which counts as code. */
const QUOTED_NAME = /["'][a-z_]\w*(?:\.\w+)*\.[A-Z]/y;

/** Strings become an empty one; those with expressions in them stay as they are. */
export function codeOf(text: string): string {
  const kept: string[] = [];
  let from = 0;
  let at = 0;
  for (;;) {
    // A match as an object for each string of a library costs more than finding it.
    STOP.lastIndex = at;
    if (!STOP.test(text)) break;
    const start = STOP.lastIndex - 1;
    const stop = text[start]!;
    if (stop === '#') {
      kept.push(text.slice(from, start));
      const newline = text.indexOf('\n', start);
      at = newline === -1 ? text.length : newline;
      from = at;
      continue;
    }
    at = endOfString(text, start, stop);
    if (isFormatted(text, start) || isQuotedName(text, start)) continue;
    kept.push(text.slice(from, start), '""');
    from = at;
  }
  kept.push(text.slice(from));
  return kept.join('');
}

/** Just past the closing quotes; what is not closed ends with its line, or with the text when the quotes are three. */
function endOfString(text: string, start: number, quote: string): number {
  const isTriple = text.startsWith(quote + quote, start + 1);
  const closing = isTriple ? quote + quote + quote : quote;
  let at = start + closing.length;
  const newline = isTriple ? -1 : text.indexOf('\n', at);
  const most = newline === -1 ? text.length : newline;
  while (at < text.length) {
    const end = text.indexOf(closing, at);
    if (end === -1 || (end > most && !isContinued(text, most))) return most;
    if (!isEscaped(text, end)) return end + closing.length;
    at = end + 1;
  }
  return text.length;
}

/** A backslash at the end of a line takes the string over to the next. */
function isContinued(text: string, newline: number): boolean {
  return isEscaped(text, newline) || (text[newline - 1] === '\r' && isEscaped(text, newline - 1));
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

/** Whether the one or two letters before a quote have an f or t among them: there are expressions inside. */
function isFormatted(text: string, quote: number): boolean {
  const last = letterAt(text, quote - 1);
  if (last === 0) return false;
  const first = letterAt(text, quote - 2);
  return last === F || last === T || first === F || first === T;
}

const A = 97;
const F = 102;
const T = 116;
const Z = 122;
const LOWER = 32;
const UNDERSCORE = 95;

/** The code of a letter in lower case; 0 for anything else. */
function letterAt(text: string, at: number): number {
  if (at < 0) return 0;
  const code = text.charCodeAt(at) | LOWER;
  return A <= code && code <= Z ? code : 0;
}

function isQuotedName(text: string, quote: number): boolean {
  const first = text.charCodeAt(quote + 1);
  if (first !== UNDERSCORE && !(A <= first && first <= Z)) return false;
  QUOTED_NAME.lastIndex = quote;
  return QUOTED_NAME.test(text);
}
