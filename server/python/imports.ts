// The modules a text imports, read off its lines without parsing it.
const IMPORT =
  /[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(?:\(([^)]*)|([\w, \t]*))|import[ \t]+([\w., \t]+))/y;

/** Dotted names as written, with leading dots; `from a import b` gives `a` and `a.b`, which may be a module too. */
export function* importedIn(text: string): Generator<string> {
  let read = 0;
  // The word is rare: looking for it costs far less than looking at every line.
  for (let at = text.indexOf('import'); at !== -1; at = text.indexOf('import', at + 1)) {
    const line = text.lastIndexOf('\n', at) + 1;
    if (line < read) continue;
    IMPORT.lastIndex = line;
    const match = IMPORT.exec(text);
    if (match === null) continue;
    read = IMPORT.lastIndex;
    const [, from, inBrackets, names = inBrackets ?? '', plain = ''] = match;
    if (from === undefined) {
      for (const part of plain.split(',')) yield part.trim().split(' ')[0]!;
      continue;
    }
    if (!/^\.+$/.test(from)) yield from;
    const stem = from.endsWith('.') ? from : `${from}.`;
    for (const part of names.split(',')) {
      const name = /^\s*(\w+)/.exec(part)?.[1];
      if (name !== undefined) yield stem + name;
    }
  }
}
