/** Markdown of texts that come from recordings: escaped, so that none can become a link or markup. */

export function table(heads: readonly string[], align: readonly ('left' | 'right')[]): string {
  return [row(heads), row(align.map((one) => (one === 'left' ? '---' : '---:')))].join('\n');
}

export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function safe(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#~]/g, '\\$&');
}

/** Fenced by one more backtick than it holds in a row. */
export function code(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return plain === '' ? '' : `${fence}${pad}${plain}${pad}${fence}`;
}
