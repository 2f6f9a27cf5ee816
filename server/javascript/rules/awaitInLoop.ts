// An await in a loop whose rounds don't need each other: the time of all rounds adds up.

import { canEnd } from '../completion.ts';
import type { JavascriptModel } from '../model.ts';
import { bare, child, FUNCTIONS, hasWord, inner, isInside, within } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, replace, suggestion } from '../rule.ts';

const LOOPS = new Set(['for_statement', 'for_in_statement', 'while_statement', 'do_statement']);

export const awaitInLoop: Check = (context) => {
  const { model, report } = context;
  const awaits = [
    ...(model.byType.get('await_expression') ?? []),
    ...(model.byType.get('for_in_statement') ?? []).filter((each) => hasWord(each, 'await')),
  ];
  for (const node of awaits) {
    const found = loopAround(node);
    if (found === undefined) continue;
    const { loop, inHead } = found;
    if (inHead) {
      report(
        node,
        'Every round of this loop waits here first; ask once, or for all rounds at once, if the answers do not build on each other.',
      );
      continue;
    }
    const need = needOfRounds(model, loop, node);
    if (need === 'pause') continue;
    if (need === 'first') {
      report(
        node,
        'Each item waits for the answer to the one before it; where asking all costs little they can be asked at once, and the first that fits be taken.',
      );
      continue;
    }
    const fix = concurrent(context, loop, node);
    const at = node.type === 'await_expression' ? node : { start: node.start, end: node.start + 3 };
    report(
      at,
      'The rounds of this loop wait one after another; if they do not need each other, they can run at once.',
      {
        fixes: fix === undefined ? [] : [fix],
      },
    );
  }
};

/** What of a loop runs in every round, besides its body. */
const HEADS: Readonly<Record<string, readonly string[]>> = {
  while_statement: ['condition'],
  do_statement: ['condition'],
  for_statement: ['condition', 'increment'],
};

/** The loop each of whose rounds runs the node, and whether it does so in the loop's head. */
function loopAround(node: JsNode): { loop: JsNode; inHead: boolean } | undefined {
  let at = node;
  for (let up = node.parent; up !== undefined; up = up.parent) {
    const isKey = at.type === 'computed_property_name';
    if ((FUNCTIONS.has(up.type) && !isKey) || up.type === 'class_static_block') return undefined;
    if (up.type === 'for_in_statement' && hasWord(up, 'await') && at.field === 'body')
      return undefined;
    if (LOOPS.has(up.type) && at.field === 'body') return { loop: up, inHead: false };
    if (HEADS[up.type]?.includes(at.field) === true) return { loop: up, inHead: true };
    at = up;
  }
  return undefined;
}

/** A limit that is given the work itself limits nothing when each round waits for its own. */
const PAUSE =
  /\b(?:sleep|delay|wait|pause|timeout|setTimeout|backoff|tick|nextTick|throttle|acquire)\s*\(|\blimit\w*\s*\((?!\s*(?:async\b|function\b|\w+\s*=>|\([^()]*\)\s*=>))|\b(?:setTimeout|setImmediate|requestAnimationFrame)\b/i;

/**
 * `pause` where a round waits on purpose or builds on the one before it; `first` where the loop goes over items that
 * are asked one by one until one of them fits.
 */
function needOfRounds(
  model: JavascriptModel,
  loop: JsNode,
  node: JsNode,
): 'pause' | 'first' | undefined {
  const body = child(loop, 'body');
  if (body === undefined) return 'pause';
  if (node.type === 'await_expression' && PAUSE.test(model.textOf(node))) return 'pause';
  if (carried(model, loop, body, node)) return 'pause';
  if (!endsOnResult(model, loop, body, node)) return undefined;
  return asksItem(model, loop, body, node) ? 'first' : 'pause';
}

/** `for (const x of xs) { if (await fits(x)) return x; }`: neither tried again, nor left after the first round. */
function asksItem(model: JavascriptModel, loop: JsNode, body: JsNode, node: JsNode): boolean {
  if (loop.type !== 'for_in_statement' || node.type !== 'await_expression') return false;
  if (PAUSE.test(model.textOf(body))) return false;
  if (!canEnd(body) && ![...within(body)].some((each) => each.type === 'continue_statement'))
    return false;
  return [...within(node)].some((each) => {
    if (each.type !== 'identifier') return false;
    const declaration = model.bindingOf(each)?.nodes[0];
    return declaration !== undefined && (declaration === loop || isInside(declaration, loop));
  });
}

/** What the await is given was assigned in an earlier round from what an await gave. */
function carried(model: JavascriptModel, loop: JsNode, body: JsNode, node: JsNode): boolean {
  const assigned = new Set<string>();
  for (const each of within(body)) {
    if (each.type !== 'assignment_expression' && each.type !== 'augmented_assignment_expression')
      continue;
    const right = child(each, 'right');
    const left = child(each, 'left');
    if (right === undefined || left?.type !== 'identifier') continue;
    const declaredIn = model.bindingOf(left)?.nodes[0];
    if (declaredIn !== undefined && isInside(declaredIn, body)) continue;
    const derived =
      right.type === 'await_expression' ||
      [...within(right)].some(
        (part) => part.type === 'await_expression' || isAwaited(model, part, body),
      );
    if (derived || isAwaited(model, right, body)) assigned.add(model.textOf(left));
  }
  if (assigned.size === 0) return false;
  const parts =
    node.type === 'await_expression'
      ? [...within(node)]
      : [...within(child(node, 'right') ?? node)];
  if (parts.some((each) => each.type === 'identifier' && assigned.has(model.textOf(each))))
    return true;
  const conditions = [child(loop, 'condition')].flatMap((each) =>
    each === undefined ? [] : [each, ...within(each)],
  );
  return conditions.some((each) => each.type === 'identifier' && assigned.has(model.textOf(each)));
}

/** Whether a name holds, within a round, what an await gave. */
function isAwaited(model: JavascriptModel, part: JsNode, body: JsNode): boolean {
  if (part.type !== 'identifier') return false;
  const node = model.bindingOf(part)?.nodes[0];
  if (node === undefined || !isInside(node, body)) return false;
  let at: JsNode | undefined = node;
  while (at !== undefined && at.type !== 'variable_declarator' && at !== body) at = at.parent;
  const value = at?.type === 'variable_declarator' ? child(at, 'value') : undefined;
  return (
    value !== undefined &&
    (value.type === 'await_expression' ||
      [...within(value)].some((each) => each.type === 'await_expression'))
  );
}

/** The loop is left over what an await gave, or after its first success: the next round happens only if need be. */
function endsOnResult(model: JavascriptModel, loop: JsNode, body: JsNode, node: JsNode): boolean {
  for (const each of within(body)) {
    if (each.type === 'return_statement' && isInside(node, each)) return true;
    if (each.type !== 'break_statement' && each.type !== 'return_statement') continue;
    if (each.type === 'break_statement' && leaves(each, loop) === false) continue;
    let at: JsNode | undefined = each.parent;
    let conditional = false;
    while (at !== undefined && at !== loop) {
      if (at.type === 'if_statement') {
        conditional = true;
        const condition = child(at, 'condition')!;
        const parts = [...within(condition)];
        if (parts.some((part) => part.type === 'await_expression' || isAwaited(model, part, body)))
          return true;
      }
      // Tried again until it works.
      if (at.type === 'try_statement' && isInside(node, at)) return true;
      at = at.parent;
    }
    if (!conditional && each.start > node.start) return true;
  }
  return false;
}

function leaves(statement: JsNode, loop: JsNode): boolean {
  for (let at = statement.parent; at !== undefined && at !== loop; at = at.parent)
    if (LOOPS.has(at.type) || at.type === 'switch_statement') return false;
  return true;
}

/** `for (const x of xs) { await f(x); }` as one `await Promise.all` over all rounds, where a round is nothing else. */
function concurrent({ model }: Context, loop: JsNode, node: JsNode) {
  if (
    loop.type !== 'for_in_statement' ||
    node.type !== 'await_expression' ||
    hasWord(loop, 'await')
  )
    return undefined;
  const left = child(loop, 'left');
  const right = child(loop, 'right');
  const kind = child(loop, 'kind');
  const body = child(loop, 'body');
  const call = inner(node);
  if (
    left === undefined ||
    right === undefined ||
    kind === undefined ||
    body === undefined ||
    call === undefined
  )
    return undefined;
  if (model.text.slice(left.end, right.start).trim() !== 'of') return undefined;
  const only = body.type === 'statement_block' ? body.children[0] : body;
  const alone =
    (body.type !== 'statement_block' || body.children.length === 1) &&
    only?.type === 'expression_statement';
  if (!alone || bare(inner(only)!) !== node || /\/[/*]/.test(model.textOf(body))) return undefined;
  // `await using file = open(x)`: what it opens is closed at the end of the round.
  if (/^using\s/.test(model.textOf(call))) return undefined;
  const list = model.textOf(right);
  const items = /^(?:identifier|member_expression|call_expression|array)$/.test(right.type)
    ? list
    : `(${list})`;
  const name = left.type === 'identifier' ? model.textOf(left) : `(${model.textOf(left)})`;
  const made = call.type === 'object' ? `(${model.textOf(call)})` : model.textOf(call);
  return suggestion('Run all rounds at once with Promise.all', [
    replace(
      loop,
      `await Promise.all(Array.from(${items}, ${name.startsWith('(') ? name : `(${name})`} => ${made}));`,
    ),
  ]);
}
