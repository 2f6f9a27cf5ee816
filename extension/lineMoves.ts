/** Where a line of source is after edits: a run knows the lines of the program as it was, the editor shows what it has become. */

/** One replaced piece of a text; lines and columns count from 0, before the edit. */
export interface LineEdit {
  /** When it was made, ms since 1970. */
  readonly at: number;
  readonly from: { readonly line: number; readonly character: number };
  readonly to: { readonly line: number; readonly character: number };
  readonly addedLines: number;
}

export interface MovedLine {
  /** Counts from 1. */
  readonly line: number;
  /** The line itself was touched: what was measured there may not hold any more. */
  readonly isChanged: boolean;
}

/**
 * Follows a line (from 1) through edits in the order they were made. A line goes where its first character goes; where that was
 * removed, to the place of the removal.
 */
export function moveLine(line: number, edits: readonly LineEdit[]): MovedLine {
  let at = line - 1;
  let isChanged = false;
  for (const { from, to, addedLines } of edits) {
    if (at < from.line || (at === from.line && from.character > 0)) {
      // Only what follows the line's start is edited, or what follows the line.
      isChanged ||= at === from.line;
    } else if (at > to.line || (at === to.line && to.character === 0)) {
      at += addedLines - (to.line - from.line);
    } else {
      isChanged = true;
      at = from.line;
    }
  }
  return { line: at + 1, isChanged };
}
