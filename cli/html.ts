/** Text in HTML. */
import { printable } from '../base/format.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for values in quotes, on one line. */
export function escaped(text: string): string {
  return printable(text.replaceAll('\t', '    ')).replace(
    /[&<>"']/g,
    (character) => ENTITIES[character]!,
  );
}
