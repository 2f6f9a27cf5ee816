// JSDoc's types: written as declarations that the grammar can read, and which of them stands before what.

/** What the comment before a declaration says, as names of the types that were made of it. */
export interface Doc {
  readonly type?: string;
  readonly returns?: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface Docs {
  /** By the offset of what follows the comment. */
  readonly at: ReadonlyMap<number, Doc>;
  /** The types, to be put behind the text. */
  readonly declarations: string;
}

/** Only comments that speak of promises, or of functions that give nothing, are worth the reading. */
const SPEAKS = /@\w+\s*\{[^\n]*(?:\bPromise\b|=>\s*void\b|\):\s*void\b)/;
const COMMENT = /\/\*\*(?!\/)[\s\S]*?\*\//g;
const TAG = /@(type|returns?|param|arg|argument|typedef|callback|property|prop|template)\b[ \t]*/g;
/** `[name=default]`, `name`, `name.part`. */
const NAME = /\s*(\[)?\s*([\w$.[\]]+?)(?=[\s\]=*]|$)/y;
/** All that a type is written with. */
const TYPE = /^[\w$\s.,:;|&<>()[\]{}?'"=-]+$/;

interface Tag {
  readonly word: string;
  readonly type: string | undefined;
  readonly name: string | undefined;
  readonly isOptional: boolean;
}

export function readDocs(text: string): Docs | undefined {
  if (!SPEAKS.test(text)) return undefined;
  const at = new Map<number, Doc>();
  const declarations: string[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const tags = tagsOf(match[0]);
    if (tags.length === 0) continue;
    const templates = tags.filter((each) => each.word === 'template').map((each) => each.name);
    const names = templates.filter((each) => each !== undefined);
    const generic = names.length === 0 ? '' : `<${names.join(', ')}>`;
    const named = namedType(tags);
    if (named !== undefined) {
      declarations.push(`type ${named.name}${generic} = ${named.type};`);
      continue;
    }
    const declare = (type: string | undefined) => {
      if (type === undefined) return undefined;
      const name = `interleave$${declarations.length}`;
      declarations.push(`type ${name}${generic} = ${type};`);
      return name;
    };
    const type = declare(tags.find((each) => each.word === 'type')?.type);
    const returns = declare(tags.find((each) => each.word.startsWith('return'))?.type);
    const parameters = new Map<string, string>();
    for (const each of tags) {
      const name = isParameter(each) ? declare(optional(each)) : undefined;
      if (name !== undefined && each.name !== undefined) parameters.set(each.name, name);
    }
    if (type === undefined && returns === undefined && parameters.size === 0) continue;
    const after = match.index + match[0].length;
    at.set(after + /^\s*/.exec(text.slice(after, after + 200))![0].length, {
      parameters,
      ...(type === undefined ? {} : { type }),
      ...(returns === undefined ? {} : { returns }),
    });
  }
  return declarations.length === 0
    ? undefined
    : { at, declarations: `\n;${declarations.join('\n')}\n` };
}

function tagsOf(comment: string): Tag[] {
  const plain = comment.slice(3, -2).replace(/\n[ \t]*\*?/g, '\n');
  return [...plain.matchAll(TAG)].map((match) => {
    const start = match.index + match[0].length;
    const end = plain[start] === '{' ? closing(plain, start) : start;
    NAME.lastIndex = end;
    const name = NAME.exec(plain);
    const written = end === start ? undefined : plain.slice(start + 1, end - 1);
    return {
      word: match[1]!,
      type: written === undefined ? undefined : typeIn(written),
      name: name?.[2],
      isOptional: name?.[1] !== undefined || /=\s*$/.test(written ?? ''),
    };
  });
}

/** Behind the bracket that closes the one at `start`; `start` itself when none does. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return start;
}

/** A type as TypeScript writes it; undefined for what it could not read. */
function typeIn(written: string): string | undefined {
  const type = written
    .trim()
    .replace(/^\.\.\.(.+)$/s, '($1)[]')
    .replace(/=$/, '')
    .replace(/^[!?]|(?<=[|(<,]\s*)[!?]/g, '')
    .replace(/\.</g, '<')
    .replace(/(?<![\w$.])function\s*\([^()]*\)(\s*:)?/g, (_, colon?: string) =>
      colon === undefined ? 'Function' : '(...all: any[]) =>',
    )
    .replace(/^\*$/, 'any')
    .replace(/(?<=[<|,(]\s*)\*(?=\s*[>|,)])/g, 'any');
  return TYPE.test(type) && !/\bimport\b/.test(type) && isClosed(type) ? type : undefined;
}

function isClosed(type: string): boolean {
  const open: string[] = [];
  for (const mark of type.replaceAll('=>', '').replace(/(['"])[^'"]*\1/g, '')) {
    const at = '([{<'.indexOf(mark);
    if (at !== -1) open.push(')]}>'[at]!);
    else if (')]}>'.includes(mark) && open.pop() !== mark) return false;
  }
  return open.length === 0 && type !== '';
}

function isParameter({ word }: Tag): boolean {
  return word === 'param' || word.startsWith('arg');
}

function optional({ type, isOptional }: Tag): string | undefined {
  return type !== undefined && isOptional ? `(${type}) | undefined` : type;
}

/** What `@typedef` and `@callback` declare. */
function namedType(tags: readonly Tag[]): { name: string; type: string } | undefined {
  const head = tags.find((each) => each.word === 'typedef' || each.word === 'callback');
  if (head?.name === undefined || !/^[\w$]+$/.test(head.name)) return undefined;
  const { name } = head;
  const listed = (all: readonly Tag[], between: string) =>
    all
      .filter((each) => /^[\w$]+$/.test(each.name ?? ''))
      .map((each) => `${each.name}${each.isOptional ? '?' : ''}: ${each.type ?? 'any'}`)
      .join(between);
  if (head.word === 'callback') {
    const returns = tags.find((each) => each.word.startsWith('return'))?.type ?? 'any';
    return { name, type: `(${listed(tags.filter(isParameter), ', ')}) => ${returns}` };
  }
  const properties = tags.filter((each) => each.word.startsWith('prop'));
  if (properties.length > 0) return { name, type: `{ ${listed(properties, '; ')} }` };
  return head.type === undefined ? undefined : { name, type: head.type };
}
