// A text as the grammar can read it: words that it does not know yet, and JSDoc's types behind the last line.
import { type Docs, readDocs } from './jsdoc.ts';

export interface Readable {
  /** What is parsed. Where the text has something, this has as much. */
  readonly parsed: string;
  /** What the nodes stand for: the text itself, with JSDoc's types behind it. */
  readonly text: string;
  readonly docs: Docs | undefined;
}

/** `for (using x of y)`: the grammar loses the rest of the file over it. */
const USING = /\bfor\s*(?:await\s*)?\(\s*(?:await\s+)?using(?=\s+[\w$]+\s*(?:\bof\b|=|:))/g;

export function readable(path: string, text: string): Readable {
  // A compiler reads them in JavaScript only.
  const docs = /\.[mc]?tsx?$/.test(path) ? undefined : readDocs(text);
  const all = docs === undefined ? text : text + docs.declarations;
  return { parsed: text.includes('using') ? withConst(all) : all, text: all, docs };
}

/** `const` is as long. */
function withConst(text: string): string {
  return text.replace(USING, (head) =>
    head.replace(/(?:await\s+)?using$/, (words) => 'const'.padStart(words.length)),
  );
}
