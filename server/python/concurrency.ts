// Which functions of a file run elsewhere: in threads, in pools, in other processes; and what they are handed.
import type { Call, Expr, FunctionDef } from './ast.ts';
import { argument } from './calls.ts';
import type { PythonModel } from './model.ts';
import type { Resolver } from './resolve.ts';

export type Where = 'thread' | 'process';

export interface Launch {
  readonly call: Call;
  readonly where: Where;
  /** What is to run there, as written. */
  readonly work: Expr;
  /** What the work is called with, when that can be seen. */
  readonly args: readonly Expr[];
  /** How it is started: an own thread or process, one work item of a pool, a pool's map over many. */
  readonly by: 'start' | 'submit' | 'map';
}

const TO_THREAD = new Set([
  'asyncio.to_thread',
  'trio.to_thread.run_sync',
  'anyio.to_thread.run_sync',
]);
const MAPS = /#(?:map|imap|imap_unordered|starmap|map_async|starmap_async)$/;
const POOL =
  /^(?:concurrent\.futures\.(Thread|Process)PoolExecutor|multiprocessing\.(Pool|ThreadPool))#(\w+)$/;

/** What a call launches in a thread or process; undefined for other calls. */
export function launchOf(
  call: Call,
  path: string | undefined,
  type: string | undefined,
): Launch | undefined {
  const made = type ?? path;
  if (made === 'threading.Thread' || made === 'multiprocessing.Process') {
    const work = argument(call, 'target', 1);
    if (work === undefined) return undefined;
    const where = made === 'threading.Thread' ? 'thread' : 'process';
    return { call, where, work, args: elements(argument(call, 'args', 3)), by: 'start' };
  }
  if (path === undefined) return undefined;
  if (path === 'threading.Timer') {
    const work = argument(call, 'function', 1);
    return (
      work && {
        call,
        where: 'thread',
        work,
        args: elements(argument(call, 'args', 2)),
        by: 'start',
      }
    );
  }
  if (path === '_thread.start_new_thread') {
    const work = argument(call, 'function', 0);
    return (
      work && {
        call,
        where: 'thread',
        work,
        args: elements(argument(call, 'args', 1)),
        by: 'start',
      }
    );
  }
  if (TO_THREAD.has(path) || path === 'asyncio.Loop#run_in_executor') {
    const at = TO_THREAD.has(path) ? 0 : 1;
    const work = positional(call)[at];
    return (
      work && { call, where: 'thread', work, args: positional(call).slice(at + 1), by: 'submit' }
    );
  }
  const pool = POOL.exec(path);
  if (pool === null) return undefined;
  const where = pool[1] === 'Process' || pool[2] === 'Pool' ? 'process' : 'thread';
  const [work, ...rest] = positional(call);
  if (work === undefined) return undefined;
  if (MAPS.test(path)) return { call, where, work, args: [], by: 'map' };
  if (pool[3] === 'submit') return { call, where, work, args: rest, by: 'submit' };
  if (pool[3] === 'apply' || pool[3] === 'apply_async') {
    return { call, where, work, args: elements(argument(call, 'args', 1)), by: 'submit' };
  }
  return undefined;
}

function positional(call: Call): Expr[] {
  return call.args
    .filter((arg) => arg.name === undefined && arg.star === '')
    .map((arg) => arg.value);
}

function elements(expr: Expr | undefined): readonly Expr[] {
  return expr?.kind === 'Sequence' ? expr.elements : [];
}

const LAUNCHES = new WeakMap<PythonModel, readonly Launch[]>();

/** What was found to be launched so far: nothing before the first question for `launches`. */
export function knownLaunches(model: PythonModel): readonly Launch[] {
  return LAUNCHES.get(model) ?? [];
}

/** Everything the file launches, in source order. */
export function launches(resolver: Resolver): readonly Launch[] {
  let found = LAUNCHES.get(resolver.model);
  if (found === undefined) {
    const all: Launch[] = [];
    for (const call of resolver.model.calls) {
      const launch = launchOf(call, resolver.callee(call), undefined);
      if (launch !== undefined) all.push(launch);
    }
    found = all;
    LAUNCHES.set(resolver.model, found);
    // Parameters of launched functions were unknown until now, and so was what is made of them.
    if (all.length > 0) resolver.clear();
  }
  return found;
}

/** Launches of one function of this file. */
export function launchesOf(fn: FunctionDef, resolver: Resolver): Launch[] {
  return launches(resolver).filter((launch) => {
    const value = resolver.value(launch.work);
    return value?.kind === 'function' && value.fn === fn;
  });
}

/** The function a launch runs, when it is one of the workspace. */
export function launched(
  launch: Launch,
  resolver: Resolver,
): { fn: FunctionDef; resolver: Resolver } | undefined {
  const value = resolver.value(launch.work);
  return value?.kind === 'function' ? value : undefined;
}
