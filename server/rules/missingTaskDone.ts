// missing-task-done: join() waits until every item was marked done, and nothing marks any.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { isStatementCall } from '../python/calls.ts';
import { statementOf } from '../python/children.ts';
import { automatic, beginsLine, indentation, insert, lineEnd, source } from '../python/fixes.ts';
import type { Check, Context } from '../rule.ts';

const JOIN =
  /^(?:queue|asyncio|multiprocessing)\.(?:Queue|LifoQueue|PriorityQueue|JoinableQueue)#join$/;

export const missingTaskDone: Check = (context) => {
  const { model, resolver, report } = context;
  for (const call of model.calls) {
    if (!JOIN.test(resolver.callee(call) ?? '') || call.func.kind !== 'Attribute') continue;
    if (/\btask_done\b/.test(model.text)) return;
    // Not even awaited: that is said by coroutine-not-awaited.
    if (resolver.callee(call)?.startsWith('asyncio.') === true && isStatementCall(call)) continue;
    const gets = model.calls.filter(
      (each) =>
        each.func.kind === 'Attribute' &&
        /^get(?:_nowait)?$/.test(each.func.attr) &&
        /Queue$/.test(resolver.type(each.func.value) ?? ''),
    );
    if (gets.length === 0) continue;
    report(
      call,
      'join waits until task_done was called once for every item, and nothing here calls it: this waits for ever.',
      {
        fixes: gets.length === 1 ? markDone(gets[0]!, context) : [],
      },
    );
  }
};

function markDone(get: Call, { model }: Context): Fix[] {
  const statement = statementOf(get);
  if (statement === undefined || get.func.kind !== 'Attribute') return [];
  const body = blockAfter(statement);
  const last = body.at(-1);
  if (last === undefined || last.kind === 'Return' || last.kind === 'Jump') return [];
  const done = `${source(model, get.func.value)}.task_done()`;
  if (!beginsLine(model.text, last.start))
    return [automatic('Mark each item done', [insert(last.end, `; ${done}`)])];
  const at = lineEnd(model.text, last.end);
  const newline = model.text[at - 1] === '\n' ? '' : '\n';
  const text = `${newline}${indentation(model.text, statement.start)}${done}\n`;
  return [automatic('Mark each item done', [insert(at, text)])];
}

function blockAfter(statement: NonNullable<ReturnType<typeof statementOf>>) {
  const { parent } = statement;
  const block =
    parent.kind === 'While' ||
    parent.kind === 'For' ||
    parent.kind === 'With' ||
    parent.kind === 'FunctionDef'
      ? parent.body
      : [];
  return block.slice(block.indexOf(statement));
}
