/** Arguments as people write them: one line, with the quotes of a shell. */

/** Splits as a shell does: spaces part, quotes keep together, a backslash takes the next character as it is. */
export function splitArguments(line: string): string[] {
  const parts: string[] = [];
  for (const [whole] of line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)) {
    const part = whole.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
      (_all, double, single, one) =>
        double !== undefined ? String(double).replace(/\\(["\\$`])/g, '$1') : String(single ?? one),
    );
    parts.push(part);
  }
  return parts;
}

export function quote(part: string): string {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`;
}
