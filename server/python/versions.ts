// Which versions of Python get to a place in the source, where it asks `sys.version_info`.
import type { Expr, Node } from './ast.ts';
import { around, dotted } from './children.ts';

/** Whether only Pythons older than 3.`minor` run this: `if sys.version_info < (3, 10):`, or the `else` of `>=`. */
export function isForOlder(node: Node, minor: number): boolean {
  for (const outer of around(node)) {
    if (outer.kind !== 'If' || outer.test.kind !== 'Operation') continue;
    const { op, operands } = outer.test;
    const branch = op === '<' ? outer.body : op === '>=' ? outer.orelse : [];
    const last = minorOf(operands[1]);
    if (last === undefined || last > minor) continue;
    if (dotted(operands[0]!) !== 'sys.version_info') continue;
    if (branch.some((each) => each.start <= node.start && node.end <= each.end)) return true;
  }
  return false;
}

/** The 10 of `(3, 10)`. */
function minorOf(version: Expr | undefined): number | undefined {
  if (version?.kind !== 'Sequence') return undefined;
  const [major, minor] = version.elements;
  if (major?.kind !== 'Literal' || major.text !== '3' || minor?.kind !== 'Literal')
    return undefined;
  const number = Number(minor.text);
  return Number.isInteger(number) ? number : undefined;
}
