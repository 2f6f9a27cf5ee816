/** `no-overlap`: many awaits one after another, where nothing else ran meanwhile. */
import { formatDuration, plural } from '../../base/format.ts';
import type { AwaitRun } from '../facts/tasks.ts';
import { finding } from '../finding.ts';
import { isLibrary, location, place, sitesOf, userSite } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import { nameActor } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';

const MIN_AWAITS = 4;
const MIN_WAITED_NS = 400e6;
/** More tasks than this at once meanwhile, and something overlaps. */
const MAX_TASKS = 2;
/** Items of a pool on their way at once, on average: a task that hands over one and awaits it has one at most. */
const MAX_ITEMS = 1.5;

export const noOverlap: Rule = ({ trace }) => {
  const { tasks } = trace.facts;
  return [...tasks.awaits].flatMap(([task, run]) => {
    // Of tasks that are not told of some may have run meanwhile.
    if (task.stream.process?.partly?.includes('tasks') === true) return [];
    if (run.maxLive > MAX_TASKS || run.count < MIN_AWAITS || run.ns < MIN_WAITED_NS) return [];
    if (isLibrary(userSite(trace, run.stack)?.file ?? '') || waitsForPool(trace, task, run))
      return [];
    if (isPause(trace, run) || isIteration(trace, run)) return [];
    const name = nameActor(trace, task);
    // Of a loop with much to do only some awaits are told with their lines.
    const least = task.stream.process?.detail === 'full' ? '' : 'at least ';
    return [
      finding({
        rule: 'no-overlap',
        key: `${task.stream.name}/${task.id}`,
        title: `${name} awaits ${least}${run.count} times one after another, with nothing beside it`,
        detail: [
          `At ${place(userSite(trace, run.stack))} ${name} waited ${least}${run.count} times, ${least}${formatDuration(run.ns)} in all, and never more than ${plural(run.maxLive, 'task', 'tasks')} lived at once. Where none needs what the one before gave, the waits could overlap.`,
          'Start those together: asyncio.gather(…) or a TaskGroup, with a Semaphore if too many at once would hurt.',
        ],
        locations: [location(trace, run.stack, 'awaits here, each time alone')],
        evidence: { awaits: run.count, waitedNs: run.ns, maxTasks: run.maxLive },
        spans: [{ from: task.startNs, to: task.endNs ?? task.lastNs }],
        lostNs: run.ns,
      }),
    ];
  });
};

/** A task that itself sleeps time and again is a clock or keeps to a rate: nothing is waited for. */
function isPause(trace: Trace, run: AwaitRun): boolean {
  const [sleep, ...callers] = sitesOf(trace, run.stack);
  return sleep?.function === 'sleep' && isLibrary(sleep.file) && callers.length === 1;
}

/** `async for line in stream`: the next one comes when this one has. */
function isIteration(trace: Trace, run: AwaitRun): boolean {
  const sites = sitesOf(trace, run.stack);
  const own = sites.findIndex((site) => !isLibrary(site.file));
  return own > 0 && /(?:^|\.)__anext__$/.test(sites[own - 1]!.function);
}

/** Whether a pool of its process had much to do meanwhile: then its results are awaited one by one, and come from beside. */
function waitsForPool(trace: Trace, task: Actor, run: AwaitRun): boolean {
  return trace.facts.pools.some((pool) => {
    if (pool.object.stream !== task.stream) return false;
    if (pool.firstNs > run.toNs || pool.lastNs < run.toNs - run.ns) return false;
    const underwayNs = pool.queueWait.total + pool.run.total;
    return underwayNs > MAX_ITEMS * (pool.lastNs - pool.firstNs);
  });
}
