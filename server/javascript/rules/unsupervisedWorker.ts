// A Worker without an error listener ends unseen or takes the process down; one per item costs more than its work.

import type { Binding } from '../model.ts';
import { child, FUNCTIONS, statementAround } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, insert, suggestion } from '../rule.ts';

const WORKERS = /^(?:worker_threads\.Worker|Worker)$/;
const LISTENS = /^(?:on|once|addListener|addEventListener|prependListener)$/;

export const unsupervisedWorker: Check = (context) => {
  const { model, resolver, report } = context;
  for (const made of model.byType.get('new_expression') ?? []) {
    const callee = child(made, 'constructor');
    const name = callee === undefined ? undefined : resolver.dotted(callee);
    if (name === undefined || !WORKERS.test(name)) continue;
    if (isPerItem(context, made)) {
      report(
        made,
        'A worker is made for every item: each costs a thread and the load of its modules; a pool of a few serves all.',
      );
      continue;
    }
    const owner = made.parent;
    if (owner?.type === 'expression_statement') {
      report(made, 'Nobody listens to this worker: when it fails, nobody can tell why.');
      continue;
    }
    if (owner?.type !== 'variable_declarator' || child(owner, 'name')?.type !== 'identifier')
      continue;
    const binding = model.bindingOf(child(owner, 'name')!);
    if (binding === undefined || !isUnheard(context, binding)) continue;
    const isNode = name.startsWith('worker_threads');
    const at = statementAround(owner);
    const indent = /^[ \t]*/.exec(
      model.text.slice(model.text.lastIndexOf('\n', at.start - 1) + 1),
    )![0];
    const listen = isNode
      ? `${binding.name}.on('error', (error) => {\n${indent}  throw error;\n${indent}});`
      : `${binding.name}.addEventListener('error', (event) => {\n${indent}  console.error(event.message);\n${indent}});`;
    report(
      made,
      `Nobody listens for the error of ${binding.name}: when it fails, nobody can tell why.`,
      {
        fixes: [suggestion('Listen for its error', [insert(at.end, `\n${indent}${listen}`)])],
      },
    );
  }
};

/** Used only through its own methods here, none of which listens for errors; elsewhere others may. */
function isUnheard({ model }: Context, binding: Binding): boolean {
  for (const use of binding.uses) {
    const member = use.parent;
    if (member?.type !== 'member_expression' || use.field !== 'object') return false;
    const name = model.textOf(child(member, 'property') ?? member);
    if (name === 'onerror') return false;
    const call = member.parent;
    if (!LISTENS.test(name) || call?.type !== 'call_expression') continue;
    const event = child(call, 'arguments')?.children[0];
    if (
      event === undefined ||
      event.type !== 'string' ||
      /^['"]error['"]$/.test(model.textOf(event))
    )
      return false;
  }
  return true;
}

const PER_ITEM = /^(?:map|forEach|flatMap)$/;
/** A loop that counts to the number of cores or slots makes a pool. */
const POOL = /cpu|core|parallelism|concurren|pool|size|thread|worker|num|count|max|limit|\b\d+\b/i;

function isPerItem({ model }: Context, made: JsNode): boolean {
  let at = made;
  for (let up = made.parent; up !== undefined; up = up.parent) {
    if (up.type === 'for_in_statement' && at.field === 'body')
      return !POOL.test(model.textOf(child(up, 'right') ?? up));
    if (/^(?:for|while|do)_statement$/.test(up.type)) return false;
    if (FUNCTIONS.has(up.type)) {
      const call = up.parent?.type === 'arguments' ? up.parent.parent : undefined;
      const callee = call === undefined ? undefined : child(call, 'function');
      // `new Promise((resolve) => …)` runs on the spot.
      if (call?.type === 'new_expression') {
        at = up;
        continue;
      }
      if (
        callee?.type !== 'member_expression' ||
        !PER_ITEM.test(model.textOf(child(callee, 'property')!))
      )
        return false;
      return !POOL.test(model.textOf(child(callee, 'object')!));
    }
    at = up;
  }
  return false;
}
