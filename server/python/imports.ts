// The modules a text imports, read off its lines without parsing it.
const IMPORT =
  /^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+\(?([\w, \t]*)|import[ \t]+([\w., \t]+))/gm;

/** Dotted names as written, with leading dots; `from a import b` gives `a` and `a.b`, which may be a module too. */
export function* importedIn(text: string): Generator<string> {
  for (const [, from, names = '', plain = ''] of text.matchAll(IMPORT)) {
    if (from === undefined) {
      for (const part of plain.split(',')) yield part.trim().split(' ')[0]!;
      continue;
    }
    if (!/^\.+$/.test(from)) yield from;
    const stem = from.endsWith('.') ? from : `${from}.`;
    for (const part of names.split(','))
      if (part.trim() !== '') yield stem + part.trim().split(' ')[0]!;
  }
}
