// Functions that give back what they are given: `(x) => x`.
import { positionOf } from './calls.ts';
import type { JavascriptModel } from './model.ts';
import { bare, child, inner, within } from './node.ts';
import type { JsNode } from './parser.ts';
import { type Given, type Type, UNKNOWN, union } from './type.ts';

/** What a call gets back whose function returns nothing but its own parameters. */
export function passedOn(model: JavascriptModel, fn: JsNode, given: Given): Type {
  const found = returned(fn).map((value) => {
    const declaration = value.type === 'identifier' ? model.bindingOf(value)?.nodes[0] : undefined;
    const position = declaration === undefined ? undefined : positionOf(declaration);
    return position?.fn === fn ? given.argument(position.index) : undefined;
  });
  const known = found.filter((each) => each !== undefined);
  return known.length === 0 || known.length < found.length ? UNKNOWN : union(known);
}

function returned(fn: JsNode): readonly JsNode[] {
  const body = child(fn, 'body');
  if (body === undefined) return [];
  if (body.type !== 'statement_block') return [bare(body, true)];
  return [...within(body)].flatMap((each) => {
    const value = each.type === 'return_statement' ? inner(each) : undefined;
    return value === undefined ? [] : [bare(value, true)];
  });
}
