// Whether a function reads names that the code around it changes: told from its text, without comments and plain strings.

const KEYWORDS =
  'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield';
/** Nobody gives an object's own name to a loop. */
const FIXED = new Set([...KEYWORDS.split(' '), 'self', 'cls']);
const TOKEN = /(?<![.\w])[^\W\d]\w*|[()[\]{},:=\n"']/g;
const CLOSES = /^\s*[)\]}]/;
/** A line that ends so may be the last of an expression; one that begins so goes on with one. */
const COMPLETE =
  /(?:[)\]}"']|(?<!\b(?:and|or|not|in|is|if|else|lambda|await|yield|from|for))\b)\s*$/;
const GOES_ON = /\s*(?:[^\w\s]|(?:if|else|and|or|not|is|in|for)\b)/y;

/** Whether one of the lambdas that begin in a stretch of code does. */
export function lambdasRead(code: string, from: number, to: number): boolean {
  for (let at = from; at !== -1 && at < to; at = code.indexOf('lambda', at + 1)) {
    const params = paramsFrom(code, at + 'lambda'.length, 0);
    if (reads(code, params.end, endOfExpression(code, params.end), params.names)) return true;
  }
  return false;
}

/** Whether the function whose `def` stands here does; `indent` is that of its line. */
export function functionReads(code: string, at: number, indent: number): boolean {
  const open = code.indexOf('(', at);
  if (open === -1) return true;
  const params = paramsFrom(code, open + 1, 1);
  return reads(code, params.end, endOfBlock(code, params.end, indent), params.names);
}

/** The names of parameters, and where the colon behind them is. `depth` counts the brackets around them. */
function paramsFrom(code: string, from: number, depth: number) {
  const names = new Set<string>();
  let nested = depth;
  let isName = true;
  for (let token = next(code, from); token !== null; token = TOKEN.exec(code)) {
    const [word] = token;
    if (word === ':' && nested === 0) return { names, end: token.index + 1 };
    if ('([{'.includes(word)) nested++;
    else if (')]}'.includes(word)) nested--;
    if (nested < depth) isName = false;
    else if (nested === depth && word === ',') isName = true;
    else if (isName && /\w/.test(word)) {
      names.add(word);
      isName = false;
    }
  }
  return { names, end: code.length };
}

function next(code: string, from: number): RegExpExecArray | null {
  TOKEN.lastIndex = from;
  return TOKEN.exec(code);
}

function endOfExpression(code: string, from: number): number {
  let nested = 0;
  for (let token = next(code, from); token !== null; token = TOKEN.exec(code)) {
    const [word] = token;
    if ('([{'.includes(word)) nested++;
    else if (')]}'.includes(word) && nested-- === 0) return token.index;
    else if (nested === 0 && word === ',') return token.index;
    else if (nested === 0 && word === '\n') {
      GOES_ON.lastIndex = token.index;
      if (!GOES_ON.test(code) && COMPLETE.test(code.slice(from, token.index))) return token.index;
    }
  }
  return code.length;
}

/** Where the lines end that are indented deeper. */
function endOfBlock(code: string, from: number, indent: number): number {
  for (let line = code.indexOf('\n', from); line !== -1; line = code.indexOf('\n', line + 1)) {
    const before = /[^ \t]/g;
    before.lastIndex = line + 1;
    const first = before.exec(code);
    if (first === null) return code.length;
    const isBlank = first[0] === '\n' || first[0] === '\r';
    if (!isBlank && first.index - line - 1 <= indent && !CLOSES.test(first[0])) return line;
  }
  return code.length;
}

function reads(code: string, from: number, to: number, own: ReadonlySet<string>): boolean {
  const seen = new Set<string>();
  for (let token = next(code, from); token !== null && token.index < to; ) {
    const [word] = token;
    const after = token.index + word.length;
    if (word === '"' || word === "'") {
      // Strings with expressions in them are as they were; only empty ones can be read past.
      if (code[after] !== word || code[after + 1] === word) return true;
      token = next(code, after + 1);
      continue;
    }
    if (/\w/.test(word) && !own.has(word) && !FIXED.has(word) && !seen.has(word)) {
      seen.add(word);
      if (isChanged(code, word)) return true;
    }
    token = next(code, after);
  }
  return false;
}

/** Whether something in the code may be an assignment to a name, or a loop over it. */
function isChanged(code: string, name: string): boolean {
  const rest = String.raw`(?:\s*[,)\]][\s,)\]\w.*(\[\\]*)?`;
  const target = String.raw`(?<![.\w])${name}\b${rest}\s*(?:[-+*/%@&|^<>]*=(?!=)|:|in\b)`;
  return new RegExp(String.raw`${target}|\bas\s+[(\s\w,.*]*\b${name}\b`).test(code);
}
