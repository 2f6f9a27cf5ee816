/** Sentences in lines of a width. */
import { unbroken } from '../base/format.ts';

/** Breaks sentences into lines no wider than asked, each with the same indent. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const part of unbroken(text)
    .split(/[ \t\r\n\u202f]+/)
    .filter(Boolean)) {
    const word = part.replaceAll('\u00a0', ' ');
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
}
