// target-called: the work is called where it should be handed over, so it runs at once and its result becomes the work.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, FunctionDef, Node } from '../python/ast.ts';
import { argument } from '../python/calls.ts';
import { within } from '../python/children.ts';
import { launchOf } from '../python/concurrency.ts';
import { isGenerator } from '../python/effects.ts';
import { automatic, replace, source } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Check, Context } from '../rule.ts';

export const targetCalled: Check = (context) => {
  for (const call of context.model.calls) {
    const work = workOf(call, context);
    if (work?.kind !== 'Call') continue;
    const target = context.resolver.functionCalled(work);
    const path = context.resolver.callee(work);
    const known =
      target !== undefined ? givesNothing(target.fn) : path !== undefined && NOTHING.has(path);
    if (!known) continue;
    const name = target?.fn.name ?? path ?? 'it';
    context.report(
      work,
      `This calls ${name} right here, in this thread, and hands over what it returns; leave out the brackets.`,
      {
        fixes: uncall(work, call, context.model),
      },
    );
  }
};

const NOTHING = new Set(['print', 'time.sleep', 'os.system', 'input']);
const CALLBACK_AT = new Map([
  ['asyncio.Loop#call_soon', 0],
  ['asyncio.Loop#call_soon_threadsafe', 0],
  ['asyncio.Loop#call_later', 1],
  ['asyncio.Loop#call_at', 1],
]);

function workOf(call: Call, { resolver }: Context): Expr | undefined {
  const path = resolver.callee(call);
  if (path === undefined) return undefined;
  const launch = launchOf(call, path, undefined);
  if (launch !== undefined) return launch.work;
  const at = CALLBACK_AT.get(path);
  return at === undefined ? undefined : argument(call, 'callback', at);
}

/** Functions seen to return nothing, or nothing that could be called. */
function givesNothing(fn: FunctionDef): boolean {
  if (isGenerator(fn) || fn.broken) return false;
  if (fn.isAsync) return true;
  if (fn.decorators.length > 0) return false;
  if (isStub(fn)) return true;
  for (const node of within(fn.body)) {
    if (node.kind === 'Return' && node.value !== undefined && !isPlainData(node.value))
      return false;
  }
  return true;
}

const isStub = (fn: FunctionDef) => fn.body.every((s) => s.kind === 'Jump');

function isPlainData(node: Node): boolean {
  if (node.kind === 'Literal' || node.kind === 'Str' || node.kind === 'Dict') return true;
  if (node.kind === 'Operation') return true;
  return node.kind === 'Sequence' || (node.kind === 'Comprehension' && node.type !== 'generator');
}

function uncall(work: Call, call: Call, model: PythonModel): Fix[] {
  if (work.args.some((arg) => arg.star !== '')) return [];
  const func = source(model, work.func);
  const positional = work.args
    .filter((arg) => arg.name === undefined)
    .map((arg) => source(model, arg));
  const named = work.args.filter((arg) => arg.name !== undefined);
  const isThread = call.args.some((arg) => arg.name === 'target');
  if (work.args.length === 0) return [automatic('Hand over the function', [replace(work, func)])];
  if (isThread) {
    if (call.args.some((arg) => arg.name === 'args' || arg.name === 'kwargs')) return [];
    let text = func;
    if (positional.length > 0)
      text += `, args=(${positional.join(', ')}${positional.length === 1 ? ',' : ''})`;
    if (named.length > 0)
      text += `, kwargs={${named.map((arg) => `'${arg.name}': ${source(model, arg.value)}`).join(', ')}}`;
    return [automatic('Hand over the function', [replace(work, text)])];
  }
  if (named.length > 0 || call.args.at(-1)?.value !== work) return [];
  return [automatic('Hand over the function', [replace(work, [func, ...positional].join(', '))])];
}
