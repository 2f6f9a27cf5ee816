// How functions end: whether the last line can be reached, and whether what fails inside is caught inside.
import { child, inner, isAsync, within } from './node.ts';
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

/** An async function that catches whatever fails in it, so nobody needs to hear of its promise. */
export function catchesItself(fn: JsNode): boolean {
  const body = child(fn, 'body');
  if (!isAsync(fn) || body?.type !== 'statement_block') return false;
  const hasTry = body.children.some((each) => each.type === 'try_statement');
  return hasTry && body.children.every(isHarmless);
}

const RISKY =
  /^(?:call_expression|new_expression|await_expression|yield_expression|throw_statement|for_in_statement)$/;

function isHarmless(statement: JsNode): boolean {
  if (statement.type === 'try_statement') {
    const caught = child(child(statement, 'handler'), 'body');
    return caught !== undefined && !has(caught, 'throw_statement');
  }
  if (RISKY.test(statement.type)) return false;
  for (const each of within(statement)) if (RISKY.test(each.type)) return false;
  return true;
}
