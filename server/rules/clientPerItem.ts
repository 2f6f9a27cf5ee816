// client-per-item: a session, client, executor or loop is made anew for every item of a loop.
import type { Fix } from '../diagnostic.ts';
import type { Call, For } from '../python/ast.ts';
import { loopAround } from '../python/calls.ts';
import { type around, some, within } from '../python/children.ts';
import { indentation, lineEnd, lineStart, suggestion } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import { moved } from '../python/reindent.ts';
import { functionOf } from '../python/scope.ts';
import type { Check } from '../rule.ts';

const COSTLY = new Map([
  ['aiohttp.ClientSession', 'session'],
  ['requests.Session', 'session'],
  ['httpx.Client', 'client'],
  ['httpx.AsyncClient', 'client'],
  ['urllib3.PoolManager', 'pool of connections'],
  ['concurrent.futures.ThreadPoolExecutor', 'executor'],
  ['concurrent.futures.ProcessPoolExecutor', 'executor'],
  ['multiprocessing.Pool', 'pool'],
  ['multiprocessing.ThreadPool', 'pool'],
  ['asyncio.run', 'event loop'],
  ['asyncio.new_event_loop', 'event loop'],
]);

export const clientPerItem: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    const what = COSTLY.get(resolver.callee(call) ?? '');
    if (what === undefined) continue;
    const loop = loopAround(call);
    // A `while` is a reconnect or a retry more often than a list of items, and so is a loop that is left after success.
    if (loop?.kind !== 'For' || loop.iter.kind === 'Sequence') continue;
    // Tests start from anew for every case on purpose.
    if (functionOf(call)?.name.startsWith('test') === true) continue;
    if (call.parent.kind === 'Await' || leaves(loop.body) || keepsIt(call)) continue;
    if (
      loop.iter.kind === 'Call' &&
      resolver.callee(loop.iter) === 'range' &&
      what === 'event loop'
    )
      continue;
    report(
      call,
      `Every round of this loop makes ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} of its own; make one before the loop and reuse it.`,
      { fixes: hoist(call, loop, model) },
    );
  }
};

/** Before the loop: an assignment as it stands, a `with` that is all of the loop's body around the loop. */
function hoist(call: Call, loop: For, model: PythonModel): Fix[] {
  const own = new Set<string>();
  for (const node of within([loop.target])) if (node.kind === 'Name') own.add(node.id);
  if (
    some(
      call.args.map((arg) => arg.value),
      (node) => node.kind === 'Name' && own.has(node.id),
    )
  )
    return [];
  const { text } = model;
  const title = 'Make it once, before the loop';
  const statement = call.parent;
  if (statement.kind === 'Assign' && loop.body.includes(statement)) {
    const edits = moved(
      model,
      statement,
      lineStart(text, loop.start),
      indentation(text, loop.start),
    );
    return edits === undefined || loop.body.length === 1 ? [] : [suggestion(title, edits)];
  }
  if (statement.kind !== 'With' || loop.body.length !== 1 || loop.body[0] !== statement) return [];
  const outer = text.slice(loop.start, lineEnd(text, loop.start)).trimEnd();
  const inner = text.slice(statement.start, lineEnd(text, statement.start)).trimEnd();
  // Heads of one line each only, and nothing after the loop's body that belongs to it.
  if (!outer.endsWith(':') || !inner.endsWith(':') || loop.orelse.length > 0) return [];
  return [
    suggestion(title, [
      { start: loop.start, end: loop.start + outer.length, text: inner },
      { start: statement.start, end: statement.start + inner.length, text: outer },
    ]),
  ];
}

type Body = Extract<Parameters<typeof around>[0], { kind: 'For' }>['body'];

function leaves(body: Body): boolean {
  return body.some(
    (s) =>
      (s.kind === 'Jump' && s.type === 'break') ||
      s.kind === 'Return' ||
      (s.kind === 'Try' && leaves([...s.body, ...s.orelse])) ||
      ((s.kind === 'With' || s.kind === 'If') && leaves(s.body)),
  );
}

/** One per item on purpose: collected in a list or dict, handed to something else. */
function keepsIt(call: Parameters<typeof around>[0]): boolean {
  const parent = call.parent;
  if (parent.kind === 'Call') return parent.func !== call;
  return parent.kind === 'Assign' && parent.targets.some((t) => t.kind !== 'Name');
}
