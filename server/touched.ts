// What an edit left as it was: which copies of a tree's nodes may be used again.
import type { Tree } from 'web-tree-sitter';

export interface TextChange {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** The tree that was told of an edit, the copy made of it, and the edit. */
export interface Edited<N> {
  readonly tree: Tree;
  readonly raw: N;
  readonly change: TextChange;
}

/** The stretch of the new text in which the trees may differ; what is behind it moved by `shift`. */
export interface Touched {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

export function touchedBy({ tree, change }: Edited<unknown>, now: Tree): Touched {
  let from = change.start;
  let to = change.newEnd;
  for (const range of tree.getChangedRanges(now)) {
    from = Math.min(from, range.startIndex);
    to = Math.max(to, range.endIndex);
  }
  return { from, to, shift: change.newEnd - change.oldEnd };
}

/** The copies of the parts of a node as it was, gone through in step with the parts it has now. */
export interface Old<N> {
  readonly list: readonly N[];
  at: number;
}

/** The copy of what started at the same place before the edit. */
export function counterpart<N extends { readonly start: number }>(
  old: Old<N>,
  start: number,
  touched: Touched,
): N | undefined {
  const wanted = start < touched.from ? start : start - touched.shift;
  while (old.at < old.list.length && old.list[old.at]!.start < wanted) old.at++;
  const found = old.list[old.at];
  return found?.start === wanted ? found : undefined;
}
