// A notebook's Python cells as one text, so that names of one cell are known in the next, and the way back to the cells.

export interface Cell {
  readonly uri: string;
  readonly text: string;
}

export interface JoinedCells {
  readonly text: string;
  /** The cell an offset lies in and the offset within it. */
  cellAt(offset: number): { readonly cell: Cell; readonly offset: number } | undefined;
  /** The offset in the whole of an offset in a cell. */
  offsetOf(uri: string, offset: number): number | undefined;
}

/** What these make of the rest of their cell is no Python, or none of this notebook. */
const OTHER_LANGUAGE =
  /^\s*%%(?:!|(?:bash|sh|zsh|script|system|sx|cmd|html|HTML|svg|SVG|latex|markdown|javascript|js|perl|ruby|R|sql|cython|writefile|file)\b)/;

/** A cell as Python: the notebook's own language (`%time`, `!ls`) becomes comments of the same length, so offsets stay. */
function asPython(text: string): string {
  return OTHER_LANGUAGE.test(text)
    ? text.replace(/^./gmu, (first) => '#'.padEnd(first.length))
    : text.replace(/^([ \t]*)(?:%|!(?!=))(?=\S)/gm, '$1#');
}

export function joinCells(cells: readonly Cell[]): JoinedCells {
  const starts: number[] = [];
  let text = '';
  for (const cell of cells) {
    starts.push(text.length);
    text += `${asPython(cell.text)}\n`;
  }
  return {
    text,
    cellAt(offset) {
      for (let index = cells.length - 1; index >= 0; index--) {
        const cell = cells[index]!;
        const start = starts[index]!;
        if (offset >= start) return { cell, offset: Math.min(offset - start, cell.text.length) };
      }
      return undefined;
    },
    offsetOf(uri, offset) {
      const index = cells.findIndex((cell) => cell.uri === uri);
      return index === -1 ? undefined : starts[index]! + offset;
    },
  };
}
