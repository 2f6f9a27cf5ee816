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
    STOP.lastIndex = at;
    const stop = STOP.exec(text);
    if (stop === null) break;
    const start = stop.index;
    if (stop[0] === '#') {
      kept.push(text.slice(from, start));
      const newline = text.indexOf('\n', start);
      at = newline === -1 ? text.length : newline;
      from = at;
      continue;
    }
    at = endOfString(text, start, stop[0]);
    QUOTED_NAME.lastIndex = start;
    if (isFormatted(text, start) || QUOTED_NAME.test(text)) continue;
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

/** Whether the letters before a quote have an f or t among them: there are expressions inside. */
function isFormatted(text: string, quote: number): boolean {
  const letters = /[a-zA-Z]{0,2}$/.exec(text.slice(Math.max(0, quote - 2), quote))![0];
  return /[fFtT]/.test(letters);
}
