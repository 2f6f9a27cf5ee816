/** The lanes as the panel lists them: processes with loops, threads and tasks, then pools, locks, queues; worst first. */
import { formatDuration } from '../../base/format.ts';
import type { Lane, LaneId } from '../../wire/panel.ts';
import { isServiceStack } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import { isOfProcesses } from '../ingest/object.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject } from '../names.ts';
import type { LaneBook, LoopView, PoolView } from './laneBook.ts';
import { lane, place } from './laneDraft.ts';
import { lockLanes } from './lockLanes.ts';
import { endOfStream, isSilent } from './losses.ts';

/** Tasks shown one by one; the others are behind "more tasks". */
const SHOWN_TASKS = 6;
const MOST_TASKS = 400;
const MOST_THREADS = 3000;
/** So many threads of the program's own get a heading: beside a loop, and without one. */
const GROUP_BESIDE_LOOP = 2;
const GROUP_ALONE = 9;
/** Drawn on the lag's axis: from here on a person notices. */
export const LAG_LIMIT_NS = 50e6;

export function buildLanes(book: LaneBook): readonly Lane[] {
  const { streams } = book.trace;
  // The program first, then what it started, in the order it did.
  const shown = streams
    .filter((stream) => stream.threads.length > 0)
    .sort(
      (one, other) =>
        Number(one.process?.parent !== undefined) - Number(other.process?.parent !== undefined) ||
        one.startNs - other.startNs,
    );
  const lanes: Lane[] = [];
  for (const stream of shown) {
    lanes.push(...processLanes(book, stream, shown.length));
    lanes.push(...poolLanes(book, stream));
    lanes.push(...lockLanes(book, stream, shown.length));
  }
  return lanes;
}

function processLanes(book: LaneBook, stream: Stream, processes: number): Lane[] {
  const id = book.laneBeside('process', stream);
  const threads = stream.threads
    .filter((thread) => book.actors.has(thread) && !isPooled(book, thread))
    .slice(0, MOST_THREADS);
  const loops = [...book.loops.values()].filter((loop) => loop.object.stream === stream);
  const onLoops = new Set(loops.map((loop) => loop.thread));
  const end =
    stream.closedNs ??
    stream.endSeen?.atNs ??
    (stream.ended ? endOfStream(book.trace, stream) : null);
  const title = programName(stream);
  const silent = isSilent(book.trace, stream);
  const heading = lane({
    id,
    parent: 0,
    kind: 'process',
    content: 'none',
    name: title,
    note: [
      stream.process?.parent === undefined
        ? processes > 1
          ? 'main'
          : ''
        : (stream.process.how ?? ''),
      `pid ${stream.pid}`,
    ]
      .filter(Boolean)
      .join(' · '),
    pid: stream.pid,
    library: stream.process?.service === true,
    from: stream.startNs,
    to: end,
    ...(silent ? { badge: { text: 'ended without a word', severity: 'warning' as const } } : {}),
  });
  const rows = [
    ...loops.flatMap((loop) => loopLanes(book, loop, id)),
    ...threadLanes(
      book,
      stream,
      threads.filter((thread) => !onLoops.has(thread)),
      loops.length > 0,
    ),
    ...gilLanes(book, stream, id),
    ...costLanes(book, stream, id),
  ];
  // A process that is only a pool's worker is shown under its pool.
  return rows.some((row) => row.kind !== 'probe') ? [heading, ...rows] : [];
}

/** Beside a loop, or where they are many, the other threads stand below a heading that closes. */
function threadLanes(
  book: LaneBook,
  stream: Stream,
  threads: readonly Actor[],
  beside: boolean,
): Lane[] {
  const process = book.laneBeside('process', stream);
  const id = book.laneBeside('threads', stream);
  const lanesOf = (parent: LaneId): Lane[] =>
    [...threads]
      .sort(
        (one, other) => troubleOf(book, other) - troubleOf(book, one) || one.index - other.index,
      )
      .map((thread) => threadLane(book, thread, parent));
  const below = lanesOf(id);
  const own = below.filter((one) => !one.library);
  if (own.length < (beside ? GROUP_BESIDE_LOOP : GROUP_ALONE)) return lanesOf(process);
  const alive = own.filter((one) => one.to === null).length;
  return [
    lane({
      id,
      parent: process,
      kind: 'threads',
      content: 'none',
      name: 'Threads',
      note: alive === own.length ? `${own.length}` : `${own.length}, ${alive} alive`,
      pid: stream.pid,
      from: stream.startNs,
    }),
    ...below,
  ];
}

/** Of a test or function that was run by itself the program is its file, not our script that ran it. */
const RUNNER = /(?:^|[\\/])run_target\.py$/;

function programName(stream: Stream): string {
  const argv = stream.process?.argv ?? [];
  const script =
    argv.find((part) => /\.(?:py|m?js|cjs|ts)$/.test(part) && !RUNNER.test(part)) ??
    argv[0] ??
    stream.process?.executable ??
    `process ${stream.pid}`;
  return (script.split(/[\\/]/).at(-1) ?? script).replace(/\.py$/, '');
}

function loopLanes(book: LaneBook, loop: LoopView, parent: LaneId): Lane[] {
  const { object } = loop;
  const thread = loop.thread;
  const result: Lane[] = [];
  const pid = object.stream.pid;
  if (loop.lag.x.length > 0)
    result.push(
      lane({
        id: book.laneBeside('lag', object),
        parent,
        kind: 'lag',
        content: 'line',
        name: 'Event-loop lag',
        note: `p99 ${formatDuration(object.loop?.lag.percentile(0.99) ?? 0)} · limit ${LAG_LIMIT_NS / 1e6} ms`,
        pid,
        series: [{ name: 'Loop lag', unit: 'ns' }],
        limit: LAG_LIMIT_NS,
      }),
    );
  const id = thread === undefined ? parent : book.laneOfActor(thread);
  if (thread !== undefined) result.push(threadLane(book, thread, parent, 'event loop'));
  return [...result, ...taskLanes(book, loop, id)];
}

/** Living tasks in trouble first, then those that took longest. */
function taskLanes(book: LaneBook, loop: LoopView, parent: LaneId): Lane[] {
  const now = book.trace.endNs;
  const tasks = [...book.actors.keys()].filter(
    (actor) => actor.kind === 'task' && actor.loop === loop.object,
  );
  if (tasks.length === 0) return [];
  const weight = (task: Actor): number =>
    troubleOf(book, task) * 1e3 + ((task.endNs ?? now) - task.startNs);
  tasks.sort((one, other) => weight(other) - weight(one) || one.index - other.index);
  const first = tasks.slice(0, SHOWN_TASKS).sort((one, other) => one.index - other.index);
  const rest = tasks.slice(SHOWN_TASKS, MOST_TASKS);
  const result = first.map((task) => taskLane(book, task, parent));
  const id = book.laneBeside('pending', loop.object);
  const more = tasks.length - first.length;
  result.push(
    lane({
      id,
      parent,
      kind: 'pendingTasks',
      content: 'heat',
      name: more > 0 ? `${more} more ${more === 1 ? 'task' : 'tasks'}` : 'Tasks',
      note: `${loop.live} pending`,
      pid: loop.object.stream.pid,
      collapsed: true,
      series: [
        { name: 'Tasks pending', unit: 'count' },
        { name: 'of them waiting for locks', unit: 'count' },
      ],
    }),
  );
  return [...result, ...rest.map((task) => taskLane(book, task, id))];
}

function taskLane(book: LaneBook, task: Actor, parent: LaneId): Lane {
  const target = book.trace.strings.get(task.target);
  return lane({
    id: book.laneOfActor(task),
    parent,
    kind: 'task',
    content: 'slices',
    name: task.name || target || `task ${task.id}`,
    note: task.name && target && task.name !== target ? target : '',
    pid: task.stream.pid,
    color: book.color(task),
    from: task.startNs,
    to: task.endNs ?? null,
    ...place(book, task.createStack, 'created here'),
  });
}

function threadLane(book: LaneBook, thread: Actor, parent: LaneId, note = ''): Lane {
  const pooledProcess = thread.main && isPooled(book, thread);
  return lane({
    id: book.laneOfActor(thread),
    parent,
    kind: note ? 'loop' : isPooled(book, thread) ? 'worker' : 'thread',
    content: 'slices',
    name: pooledProcess ? `pid ${thread.stream.pid}` : thread.name || nameActor(book.trace, thread),
    note: note || (thread.daemon && !thread.main ? 'daemon' : ''),
    pid: thread.stream.pid,
    color: book.color(thread),
    library:
      thread.stream.process?.service === true ||
      (!thread.main && isServiceStack(book.trace, thread.createStack) && !isPooled(book, thread)),
    from: Math.max(thread.startNs, thread.stream.startNs),
    to: thread.endNs ?? null,
    ...place(book, thread.createStack, 'started here'),
    ...badgeOf(book, thread),
  });
}

function badgeOf(book: LaneBook, actor: Actor): Pick<Lane, 'badge'> {
  const wait = book.openWaits.get(actor);
  if (wait === undefined || actor.ended) return {};
  for (const found of book.trace.watch.found.values())
    if (
      found.evidence.edges?.some(
        (edge) => edge.waiterActor.id === actor.id && edge.waiterActor.stream === actor.stream.name,
      )
    )
      return { badge: { text: 'deadlocked', severity: 'error' } };
  return {};
}

function isPooled(book: LaneBook, actor: Actor): boolean {
  if (actor.pool !== undefined) return true;
  for (const pool of book.pools.values()) if (pool.workers.has(actor)) return true;
  return false;
}

function troubleOf(book: LaneBook, actor: Actor): number {
  return book.actors.get(actor)?.trouble ?? 0;
}

function poolLanes(book: LaneBook, stream: Stream): Lane[] {
  const result: Lane[] = [];
  for (const pool of book.pools.values()) {
    if (pool.object.stream !== stream) continue;
    result.push(...onePool(book, pool));
  }
  return result;
}

function onePool(book: LaneBook, pool: PoolView): Lane[] {
  const { object } = pool;
  const id = book.laneOfObject(object);
  const all = new Set(pool.workers);
  for (const thread of object.stream.threads) if (thread.pool === object) all.add(thread);
  const workers = [...all].filter((worker) => book.actors.has(worker));
  const kind = isOfProcesses(object) ? 'Process pool' : 'Thread pool';
  const name = nameObject(book.trace, object, book.trace.sourceLine);
  const count = Math.max(all.size, object.capacity ?? 0);
  const series = book.laneBeside('pool', object);
  return [
    lane({
      id,
      parent: 0,
      kind: 'pool',
      content: 'none',
      // What Node itself has is no name that the program gave.
      name: name.startsWith('the ') ? `T${name.slice(1)}` : `${kind} “${name}”`,
      note: `${count} ${count === 1 ? 'worker' : 'workers'}`,
      pid: object.stream.pid,
      library: object.internal,
      ...place(book, object.stack, 'made here'),
    }),
    lane({
      id: series,
      parent: id,
      kind: 'poolSeries',
      content: 'line',
      name: 'Busy workers + queue',
      note: `${pool.busy} of ${count} · ${pool.queued} queued`,
      pid: object.stream.pid,
      limit: count,
      series: [
        { name: 'Workers busy', unit: 'count' },
        { name: 'Items queued', unit: 'count' },
      ],
    }),
    ...workers.map((worker) => threadLane(book, worker, id)),
  ];
}

function gilLanes(book: LaneBook, stream: Stream, parent: LaneId): Lane[] {
  const points = book.gil.get(stream);
  // A line at zero says nothing that is not said by its absence.
  if (points === undefined || (points.top[0] ?? 0) < 0.05) return [];
  return [
    lane({
      id: book.laneBeside('gil', stream),
      parent,
      kind: 'gil',
      content: 'line',
      name: 'Waiting for the GIL',
      note: `up to ${(points.top[0] ?? 0).toFixed(1)} threads, estimated`,
      pid: stream.pid,
      series: [{ name: 'Threads waiting for the GIL', unit: 'count' }],
    }),
  ];
}

function costLanes(book: LaneBook, stream: Stream, parent: LaneId): Lane[] {
  const points = book.cost.get(stream);
  if (points === undefined || points.x.length < 2) return [];
  return [
    lane({
      id: book.laneBeside('cost', stream),
      parent,
      kind: 'probe',
      content: 'line',
      name: 'Cost of the probe',
      note: 'its own measure',
      pid: stream.pid,
      library: true,
      series: [{ name: 'CPU of the probe', unit: 'share' }],
    }),
  ];
}
