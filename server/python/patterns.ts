// The names that the patterns of a `case` bind.
import type { Raw, RawTree } from './rawTree.ts';

/** Every name once; what a pattern only compares with (`Color.RED`, a class, the key of a dict) is none. */
export function capturesOf(clause: Raw, tree: RawTree): string[] {
  const found = new Set<string>();
  for (const part of tree.children(clause))
    if (tree.typeOf(part) === 'case_pattern') collect(part, tree, found);
  return [...found];
}

function collect(pattern: Raw, tree: RawTree, found: Set<string>): void {
  const type = tree.typeOf(pattern);
  for (const part of tree.children(pattern)) {
    const partType = tree.typeOf(part);
    if (partType === 'identifier') {
      if (type === 'as_pattern' || type === 'splat_pattern') found.add(tree.textOf(part));
    } else if (partType === 'dotted_name') {
      const name = tree.textOf(part);
      if (type !== 'class_pattern' && tree.fieldOf(part) !== 'key' && !/[.\s]/.test(name))
        found.add(name);
    } else if (tree.hasChildren(part)) collect(part, tree, found);
  }
}
