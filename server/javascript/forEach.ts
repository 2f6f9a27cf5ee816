// Ways out of `xs.forEach(async …)`: a loop that waits for each, or Promise.all over all.
import type { Fix } from '../diagnostic.ts';
import type { JavascriptModel } from './model.ts';
import { parametersOf } from './model.ts';
import {
  argumentsOf,
  asyncAround,
  child,
  functionAround,
  inner,
  isFunction,
  within,
} from './node.ts';
import type { JsNode } from './parser.ts';
import { automatic, replace, suggestion } from './rule.ts';

/** Only where an await may stand, and the call is a statement of its own. */
export function forEachFixes(
  model: JavascriptModel,
  call: JsNode,
  callee: JsNode,
  callback: JsNode,
): Fix[] {
  const statement = call.parent?.type === 'expression_statement' ? call.parent : undefined;
  if (statement === undefined || !canAwait(model, statement)) return [];
  const property = child(callee, 'property')!;
  if (child(callee, 'optional_chain') !== undefined || argumentsOf(call).length !== 1) return [];
  const all = suggestion('Wait for all at once with Promise.all', [
    { start: call.start, end: call.start, text: 'await Promise.all(' },
    replace(property, 'map'),
    { start: call.end, end: call.end, text: ')' },
  ]);
  const loop = isFunction(callback) ? asLoop(model, statement, callee, callback) : undefined;
  return loop === undefined ? [all] : [loop, all];
}

function canAwait(model: JavascriptModel, node: JsNode): boolean {
  if (asyncAround(node) !== undefined) return true;
  return (
    functionAround(node) === undefined &&
    [
      ...(model.byType.get('import_statement') ?? []),
      ...(model.byType.get('export_statement') ?? []),
    ].length > 0
  );
}

function asLoop(
  model: JavascriptModel,
  statement: JsNode,
  callee: JsNode,
  callback: JsNode,
): Fix | undefined {
  const body = child(callback, 'body');
  const parameters = parametersOf(callback);
  if (body === undefined || parameters.length === 0 || parameters.length > 2) return undefined;
  const names = parameters.map((each) => child(each, 'pattern') ?? each);
  if (
    parameters.some((each) => child(each, 'value') !== undefined) ||
    names.some((each) => each.type === 'rest_pattern')
  )
    return undefined;
  const returns: JsNode[] = [];
  for (const each of within(body)) {
    if (each.type === 'this' && callback.type !== 'arrow_function') return undefined;
    if (each.type === 'identifier' && model.textOf(each) === 'arguments') return undefined;
    if (each.type !== 'return_statement') continue;
    // Inside another loop `continue` would mean that one.
    if (inner(each) !== undefined || inLoop(each, body)) return undefined;
    returns.push(each);
  }
  const list = model.textOf(child(callee, 'object')!);
  const [item, index] = names.map((each) => model.textOf(each));
  const head =
    index === undefined
      ? `const ${item} of ${list}`
      : `const [${index}, ${item}] of ${list}.entries()`;
  const block = body.type === 'statement_block' ? { start: body.start, end: body.end } : undefined;
  const semicolon = model.text[statement.end - 1] === ';' ? ';' : '';
  if (block === undefined)
    return automatic('Turn into a for…of loop that waits', [
      replace(
        statement,
        `for (${head}) {\n  ${model.textOf(body)}${semicolon}\n}`.replaceAll(
          '\n',
          `\n${indentOf(model.text, statement.start)}`,
        ),
      ),
    ]);
  return automatic('Turn into a for…of loop that waits', [
    { start: statement.start, end: block.start, text: `for (${head}) ` },
    ...returns.map((each) =>
      replace({ start: each.start, end: each.start + 'return'.length }, 'continue'),
    ),
    { start: block.end, end: statement.end, text: '' },
  ]);
}

function inLoop(node: JsNode, body: JsNode): boolean {
  for (let at = node.parent; at !== undefined && at !== body; at = at.parent)
    if (/^(?:for|while|do|for_in)_statement$/.test(at.type)) return true;
  return false;
}

function indentOf(text: string, at: number): string {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))![0];
}
