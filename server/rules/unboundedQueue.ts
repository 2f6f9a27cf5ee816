// unbounded-queue: a queue without a limit is fed by a loop; when the consumers are slower, it grows until memory ends.
import type { Expr } from '../python/ast.ts';
import { argument, loopAround } from '../python/calls.ts';
import { insert, suggestion } from '../python/fixes.ts';
import type { Check } from '../rule.ts';

const QUEUES =
  /^(?:queue|asyncio|multiprocessing)\.(?:Queue|LifoQueue|PriorityQueue|JoinableQueue)$/;

export const unboundedQueue: Check = ({ model, resolver, report }) => {
  const reported = new Set<Expr>();
  for (const call of model.calls) {
    const { func } = call;
    if (func.kind !== 'Attribute' || (func.attr !== 'put' && func.attr !== 'put_nowait')) continue;
    const value = resolver.value(func.value);
    if (
      value?.kind !== 'instance' ||
      value.made?.kind !== 'Call' ||
      !QUEUES.test(value.type) ||
      reported.has(value.made)
    )
      continue;
    if (loopAround(call)?.kind !== 'While' || argument(value.made, 'maxsize', 0) !== undefined)
      continue;
    if (resolver.model.calls.indexOf(value.made) === -1) continue;
    reported.add(value.made);
    report(
      value.made,
      'A loop feeds this queue and nothing limits it; with a maxsize the feeder waits for slow consumers.',
      {
        fixes:
          value.made.args.length === 0
            ? [suggestion('Limit it', [insert(value.made.close, 'maxsize=1000')])]
            : [],
      },
    );
  }
};
