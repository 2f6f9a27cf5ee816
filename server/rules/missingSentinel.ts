// missing-sentinel: a thread loops over get() for ever, and nothing can tell it to end, so the program never does.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { isTrue, keyword } from '../python/calls.ts';
import { some, within } from '../python/children.ts';
import { launched, launches } from '../python/concurrency.ts';
import {
  indentation,
  indentStep,
  insert,
  lineEnd,
  lineStart,
  suggestion,
} from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Check } from '../rule.ts';

const GET =
  /^(?:queue|multiprocessing)\.(?:Queue|LifoQueue|PriorityQueue|SimpleQueue|JoinableQueue)#get$/;

export const missingSentinel: Check = ({ model, resolver, report }) => {
  for (const launch of launches(resolver)) {
    if (launch.by !== 'start' || keyword(launch.call, 'daemon') !== undefined) continue;
    if (/\.daemon\s*=\s*True|setDaemon\(|\bterminate\(|\bcancel\(/.test(model.text)) continue;
    const target = launched(launch, resolver);
    if (target === undefined || target.resolver !== resolver) continue;
    for (const node of within(target.fn.body)) {
      if (node.kind !== 'While' || !isTrue(node.test)) continue;
      const get = [...within(node.body)].find(
        (each) => each.kind === 'Call' && GET.test(resolver.callee(each) ?? ''),
      );
      if (get?.kind !== 'Call' || get.args.length > 0) continue;
      const ends = some(
        node.body,
        (each) =>
          (each.kind === 'Jump' && each.type === 'break') ||
          each.kind === 'Return' ||
          each.kind === 'Raise',
      );
      if (ends) continue;
      report(
        get,
        `${target.fn.name} waits here for ever once the work is done, and the program never ends; put a sentinel that ends the loop.`,
        { fixes: endOnNone(get, model) },
      );
    }
  }
};

function endOnNone(get: Call, model: PythonModel): Fix[] {
  const assign = get.parent;
  const [target] = assign.kind === 'Assign' ? assign.targets : [];
  if (assign.kind !== 'Assign' || target?.kind !== 'Name' || assign.targets.length > 1) return [];
  const { text } = model;
  if (text.slice(lineStart(text, assign.start), assign.start).trim() !== '') return [];
  const indent = indentation(text, assign.start);
  const lines = `${indent}if ${target.id} is None:\n${indent}${indentStep(text)}break\n`;
  return [
    suggestion('End at None, which somebody has to put', [
      insert(lineEnd(text, assign.end), lines),
    ]),
  ];
}
