// How functions end: whether the last line can be reached, and whether what fails inside is caught inside.
import type { JavascriptModel } from './model.ts';
import { memberName } from './names.ts';
import { argumentsOf, bare, child, hasWord, inner, isAsync, within } from './node.ts';
import type { JsNode } from './parser.ts';

/** Whether what follows a statement, or the end of a block, can be reached. */
export function canEnd(node: JsNode | undefined): boolean {
  if (node === undefined) return true;
  switch (node.type) {
    case 'return_statement':
    case 'throw_statement':
      return false;
    case 'statement_block':
      return node.children.every(canEnd);
    case 'else_clause':
      return canEnd(inner(node));
    case 'if_statement': {
      const other = child(node, 'alternative');
      return other === undefined || canEnd(other) || canEnd(child(node, 'consequence'));
    }
    case 'try_statement': {
      const handler = child(node, 'handler');
      if (!canEnd(child(child(node, 'finalizer'), 'body'))) return false;
      return (
        canEnd(child(node, 'body')) || (handler !== undefined && canEnd(child(handler, 'body')))
      );
    }
    case 'switch_statement': {
      const cases = child(node, 'body')?.children ?? [];
      const last = cases.at(-1);
      if (!cases.some((each) => each.type === 'switch_default') || last === undefined) return true;
      return last.children.every(canEnd) || has(node, 'break_statement');
    }
    case 'while_statement':
    case 'for_statement': {
      const condition = child(node, 'condition');
      const test = condition === undefined ? undefined : (inner(condition) ?? condition);
      const isEndless = test === undefined || /^(?:true|empty_statement)$/.test(test.type);
      return !isEndless || has(node, 'break_statement');
    }
    default:
      return true;
  }
}

function has(node: JsNode, type: string): boolean {
  for (const each of within(node)) if (each.type === type) return true;
  return false;
}

/**
 * An async function that catches what fails in it, so nobody needs to hear of its promise: it waits and throws inside
 * of try blocks only, whose handlers don't throw again.
 */
export function catchesItself(fn: JsNode): boolean {
  const body = child(fn, 'body');
  if (!isAsync(fn) || body?.type !== 'statement_block') return false;
  let caught = 0;
  let calls = 0;
  let isOpen = false;
  for (const each of within(body)) {
    if (each.type === 'call_expression' || each.type === 'new_expression') {
      if (isCaught(each, body)) calls++;
      else if (!isHandling(each, body)) isOpen = true;
    }
    if (!fails(each)) continue;
    if (!isCaught(each, body)) return false;
    caught++;
  }
  // Without an await or a throw its calls are all that can fail.
  return caught > 0 || (calls > 0 && !isOpen);
}

function isHandling(node: JsNode, body: JsNode): boolean {
  for (let at: JsNode | undefined = node; at !== undefined && at !== body; at = at.parent)
    if (at.type === 'catch_clause') return true;
  return false;
}

/** `() => load().catch(tell)`: the promise that it gives was seen to. */
export function handsOverCaught(model: JavascriptModel, fn: JsNode): boolean {
  const body = child(fn, 'body');
  return body !== undefined && body.type !== 'statement_block' && isHandled(model, bare(body));
}

/** A plain function each of whose promises has a handler somewhere in its chain: `return load().catch(tell).then(end)`. */
export function endsCaught(model: JavascriptModel, fn: JsNode): boolean {
  const body = isAsync(fn) ? undefined : child(fn, 'body');
  if (body === undefined) return false;
  if (body.type !== 'statement_block') return isCaughtOnTheWay(model, bare(body));
  const given = [...within(body)].filter((each) => each.type === 'return_statement');
  const values = given.map((each) => inner(each)).filter((each) => each !== undefined);
  return values.every((each) => isCaughtOnTheWay(model, bare(each)));
}

function isCaughtOnTheWay(model: JavascriptModel, chain: JsNode): boolean {
  if (isHandled(model, chain)) return true;
  const callee = chain.type === 'call_expression' ? child(chain, 'function') : undefined;
  const object = callee === undefined ? undefined : child(callee, 'object');
  if (callee === undefined || object === undefined) return false;
  return memberName(model, callee) === 'then' && isCaughtOnTheWay(model, bare(object));
}

function isHandled(model: JavascriptModel, chain: JsNode): boolean {
  const callee = chain.type === 'call_expression' ? child(chain, 'function') : undefined;
  const object = callee === undefined ? undefined : child(callee, 'object');
  if (callee === undefined || object === undefined) return false;
  const name = memberName(model, callee);
  const count = argumentsOf(chain).length;
  if (name === 'finally') return isHandled(model, bare(object));
  return (name === 'catch' && count > 0) || (name === 'then' && count > 1);
}

function fails(node: JsNode): boolean {
  if (node.type === 'for_in_statement') return hasWord(node, 'await');
  return /^(?:await_expression|throw_statement|yield_expression)$/.test(node.type);
}

function isCaught(node: JsNode, body: JsNode): boolean {
  for (let at = node; at.parent !== undefined && at !== body; at = at.parent) {
    if (at.parent.type !== 'try_statement' || at.field !== 'body') continue;
    const handler = child(child(at.parent, 'handler'), 'body');
    if (handler !== undefined && !has(handler, 'throw_statement')) return true;
  }
  return false;
}
