// A string and what stands in its braces, in those of a format as well.
import type { Expr } from './ast.ts';
import { LATER } from './blank.ts';
import type { Raw, RawTree } from './rawTree.ts';

type Build = (raw: Raw, tree: RawTree) => Expr;

/** `{x:>{width()}}` has braces of its own. */
function inSpecifier(specifier: Raw, tree: RawTree, parts: Expr[], build: Build): void {
  for (const each of tree.children(specifier)) {
    const inner = tree.field(each, 'expression');
    if (inner !== undefined) parts.push(build(inner, tree));
    const deeper = tree.field(each, 'format_specifier');
    if (deeper !== undefined) inSpecifier(deeper, tree, parts, build);
  }
}

export function buildString(raw: Raw, tree: RawTree, build: Build): Expr {
  const parts: Expr[] = [];
  for (const child of tree.children(raw)) {
    if (tree.typeOf(child) !== 'interpolation') continue;
    const inner = tree.field(child, 'expression') ?? tree.values(child)[0];
    if (inner !== undefined) parts.push(build(inner, tree));
    const specifier = tree.field(child, 'format_specifier');
    if (specifier !== undefined) inSpecifier(specifier, tree, parts, build);
  }
  const whole = tree.textOf(raw);
  const quote = /^[a-zA-Z]*('''|"""|'|")/.exec(whole);
  const from = quote?.[0].length ?? 0;
  const value = whole.slice(from, Math.max(from, whole.length - (quote?.[1]?.length ?? 0)));
  return {
    kind: 'Str',
    start: tree.start(raw),
    end: tree.end(raw),
    parent: LATER,
    scope: LATER,
    stands: undefined,
    known: 0,
    value,
    parts,
  };
}
