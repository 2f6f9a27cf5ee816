/** Breaks sentences into lines no wider than asked, each with the same indent. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  // A number stays with its unit.
  const bound = text.replace(/(\d)[\s\u202f](ns|µs|ms|s|%|KiB|MiB|GiB)(?![\w%])/g, '$1\u00a0$2');
  for (const part of bound.split(/[ \t\r\n\u202f]+/).filter(Boolean)) {
    const word = part.replaceAll('\u00a0', ' ');
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
}
