// What a hover says of a lock, queue, pool or async function: what it is, where it was made, who uses it.
import { LineIndex } from '../lines.ts';
import type { Hover } from '../service.ts';
import type { Expr, FunctionDef, Node } from './ast.ts';
import { launchesOf } from './concurrency.ts';
import { ASYNC_LOCKS, Locks, type LockUse, THREAD_LOCKS } from './locks.ts';
import type { Resolver } from './resolve.ts';
import { functionOf } from './scope.ts';

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^asyncio\.(?:Lock|Condition|Semaphore|BoundedSemaphore)$/, 'asyncio lock (held by a task)'],
  [
    /^threading\.(?:Lock|RLock|Condition|Semaphore|BoundedSemaphore)$/,
    'thread lock (held by a thread)',
  ],
  [
    /^multiprocessing\.(?:Lock|RLock|Condition|Semaphore|BoundedSemaphore)$/,
    'lock between processes',
  ],
  [/Executor$|^multiprocessing\.(?:Pool|ThreadPool)$/, 'pool of workers'],
  [/Queue$/, 'queue'],
  [/\.(?:Event|Barrier)$/, 'signal'],
  [/^threading\.Thread$|^multiprocessing\.Process$/, 'worker'],
];

/** The hover at an offset; undefined where there is nothing about concurrency to say. */
export function hoverAt(resolver: Resolver, offset: number): Hover | undefined {
  const node = nodeAt(resolver, offset);
  if (node === undefined) return undefined;
  if (node.kind === 'FunctionDef') return functionHover(node, resolver);
  if (node.kind !== 'Name' && node.kind !== 'Attribute') return undefined;
  const value = resolver.value(node);
  if (value?.kind === 'function' && value.fn.isAsync) {
    return {
      ...range(node),
      markdown: `**${value.fn.name}** is a coroutine function: calling it needs \`await\` or a task.`,
    };
  }
  const type = resolver.typeOfValue(value);
  if (type === undefined || value?.kind !== 'instance') return undefined;
  const kind = KINDS.find(([pattern]) => pattern.test(type))?.[1];
  if (kind === undefined) return undefined;
  const lines = new LineIndex(resolver.model.text);
  const parts = [`**${type}**, a ${kind}.`];
  const made = value.made === undefined ? undefined : resolver.project.placeOf(value.made);
  const places = made === undefined ? [] : [made];
  if (made !== undefined) {
    const file =
      made.path === resolver.model.path
        ? ''
        : ` of ${made.path.slice(made.path.lastIndexOf('/') + 1)}`;
    parts.push(`Made in line ${made.line}${file}.`);
  }
  if (THREAD_LOCKS.has(type) || ASYNC_LOCKS.has(type)) {
    const users = lockUsers(node, resolver);
    parts.push(usersOf(users, lines));
    for (const use of users)
      places.push({ path: resolver.model.path, line: lines.lineAt(use.at.start) + 1 });
  }
  return { ...range(node), markdown: parts.join('\n\n'), places };
}

function range(node: Node): { start: number; end: number } {
  return { start: node.start, end: node.end };
}

function nodeAt(resolver: Resolver, offset: number): Node | undefined {
  let best: Node | undefined;
  for (const node of resolver.model.nodes) {
    if (node.start > offset) break;
    if (node.kind === 'FunctionDef') {
      if (node.nameStart <= offset && offset <= node.nameStart + node.name.length) return node;
    } else if (
      (node.kind === 'Name' || node.kind === 'Attribute') &&
      node.start <= offset &&
      offset <= node.end
    ) {
      // Of `a.b`, the part under the cursor: the whole when it is on `b`, else `a`.
      if (node.kind === 'Name' || offset >= node.attrStart)
        best =
          node.kind === 'Name' && best?.kind === 'Attribute' && offset >= best.attrStart
            ? best
            : node;
    }
  }
  return best;
}

function lockUsers(node: Expr, resolver: Resolver): LockUse[] {
  const locks = new Locks(resolver);
  const key = locks.identity(node)?.key;
  return key === undefined ? [] : locks.uses().filter((use) => use.key === key);
}

function usersOf(users: readonly LockUse[], lines: LineIndex): string {
  if (users.length === 0) return 'Nothing in this file takes it.';
  const places = users.slice(0, 8).map((use) => {
    const fn = functionOf(use.at);
    return `line ${lines.lineAt(use.at.start) + 1}${fn === undefined ? '' : ` in ${fn.name}`}`;
  });
  return `Taken at ${places.join(', ')}${users.length > 8 ? ' and elsewhere' : ''}.`;
}

function functionHover(fn: FunctionDef, resolver: Resolver): Hover | undefined {
  const launched = launchesOf(fn, resolver);
  const parts: string[] = [];
  if (fn.isAsync) parts.push(`**${fn.name}** runs on the event loop.`);
  const lines = new LineIndex(resolver.model.text);
  for (const launch of launched.slice(0, 4)) {
    parts.push(
      `Runs in a ${launch.where}, started in line ${lines.lineAt(launch.call.start) + 1}.`,
    );
  }
  if (parts.length === 0) return undefined;
  return { start: fn.nameStart, end: fn.nameStart + fn.name.length, markdown: parts.join('\n\n') };
}
