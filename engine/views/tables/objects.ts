/** Pools, queues, event loops and the GIL in the window. */
import { SLICE_STATES, STATE, type TableRow } from '../../../wire/panel.ts';
import { isOfProcesses } from '../../ingest/object.ts';
import { nameActor, nameObject } from '../../names.ts';
import type { LaneBook, PoolView } from '../laneBook.ts';
import {
  meanIn,
  overlap,
  percentilesOf,
  quantile,
  valueAt,
  valuesIn,
  type Window,
} from '../measure.ts';
import type { RawTable } from '../tables.ts';
import { column, distribution, row, source } from './rows.ts';

export function poolsTable(book: LaneBook, window: Window): RawTable {
  const { items } = book.history;
  const waits = new Map<number, number[]>();
  const busy = new Map<number, number>();
  const runs = new Map<number, number[]>();
  const failed = new Map<number, number>();
  for (let index = 0; index < items.pool.length; index++) {
    if (items.to.get(index) < window.from || items.from.get(index) > window.to) continue;
    const pool = items.pool.get(index);
    append(runs, pool, items.to.get(index) - items.from.get(index));
    const ns = overlap(items.from.get(index), items.to.get(index), window);
    busy.set(pool, (busy.get(pool) ?? 0) + ns);
    const submit = items.submit.get(index);
    if (!Number.isNaN(submit)) append(waits, pool, items.from.get(index) - submit);
    if (items.failed.get(index) > 0) failed.set(pool, (failed.get(pool) ?? 0) + 1);
  }
  const rows: TableRow[] = [...book.pools.values()].map((pool) => {
    const { object } = pool;
    const count = Math.max(pool.workers.size, object.capacity ?? 0);
    const queued = waits.get(object.index) ?? [];
    const ran = runs.get(object.index) ?? [];
    return row(book.laneOfObject(object), window.from, [
      nameObject(book.trace, object, book.trace.sourceLine),
      object.type,
      count,
      count > 0
        ? Math.min(1, meanBusy(book, pool, busy.get(object.index) ?? 0, window) / count)
        : null,
      ran.length,
      failed.get(object.index) ?? 0,
      queued.length > 0 ? quantile(queued, 0.95) : null,
      ran.length > 0 ? quantile(ran, 0.5) : null,
      ran.length > 0 ? quantile(ran, 0.95) : null,
      valueAt(pool.load, 1, window.to),
      source(book, object.stack),
    ]);
  });
  const histogram = distribution('Items: time from start to end', [...runs.values()].flat());
  return {
    columns: [
      column('name', 'Pool', 'name'),
      column('type', 'Type', 'text'),
      column('workers', 'Workers', 'count'),
      column('busy', 'Busy', 'share'),
      column('items', 'Items', 'count'),
      column('failed', 'Failed', 'count'),
      column('wait', 'p95 in queue', 'bar'),
      column('run', 'p50 run', 'duration'),
      column('run95', 'p95 run', 'duration'),
      column('queued', 'Queued at end', 'count'),
      column('made', 'Created at', 'source'),
    ],
    rows,
    sort: { column: 'wait', descending: true },
    note: rows.length > 0 ? '' : 'The program has no pools.',
    ...(histogram ? { histogram } : {}),
  };
}

/** Workers that ran something, on average. What a parent counts as busy may be work for a process that still starts. */
function meanBusy(book: LaneBook, pool: PoolView, endedNs: number, window: Window): number {
  if (!isOfProcesses(pool.object)) return meanIn(pool.load, 0, window);
  let ns = endedNs;
  for (const { from } of pool.running.values()) ns += overlap(from, book.trace.durationNs, window);
  return ns / Math.max(1, overlap(0, book.trace.durationNs, window));
}

export function queuesTable(book: LaneBook, window: Window): RawTable {
  const rows: TableRow[] = [...book.queues].map(([object, depth]) => {
    const inside = valuesIn(depth, 0, window);
    const facts = object.queue;
    return row(book.laneOfObject(object), window.from, [
      nameObject(book.trace, object, book.trace.sourceLine),
      `${object.library}.${object.type}`,
      object.capacity || null,
      Math.max(
        valueAt(depth, 0, window.from),
        ...(inside.length < 1e5 ? inside : inside.slice(-1e5)),
        0,
      ),
      valueAt(depth, 0, window.to),
      facts?.counted ? facts.puts : null,
      facts?.counted ? facts.gets : null,
      facts?.unfinished ?? null,
      source(book, object.stack),
    ]);
  });
  return {
    columns: [
      column('name', 'Queue', 'name'),
      column('type', 'Type', 'text'),
      column('capacity', 'Capacity', 'count'),
      column('most', 'Most in view', 'count'),
      column('last', 'At end of view', 'count'),
      column('puts', 'Puts in all', 'count'),
      column('gets', 'Gets in all', 'count'),
      column('unfinished', 'Unfinished', 'count'),
      column('made', 'Created at', 'source'),
    ],
    rows,
    sort: { column: 'most', descending: true },
    note: rows.length > 0 ? '' : 'The program has no queues, or their depths were not seen.',
  };
}

export function loopsTable(book: LaneBook, window: Window): RawTable {
  const { steps } = book.history;
  const all: number[] = [];
  const rows: TableRow[] = [...book.loops.values()].map((loop) => {
    const lags = valuesIn(loop.lag, 0, window);
    all.push(...lags);
    const lag = percentilesOf(lags);
    let long = 0;
    let longest = 0;
    let longestAt = window.from;
    let stack = 0;
    for (let index = 0; index < steps.from.length; index++) {
      if (steps.loop.get(index) !== loop.object.index) continue;
      const ns = overlap(steps.from.get(index), steps.to.get(index), window);
      if (ns >= 100e6) long++;
      if (ns <= longest) continue;
      longest = ns;
      longestAt = (steps.from.get(index) + steps.to.get(index)) / 2;
      stack = steps.stack.get(index);
    }
    const busy = valuesIn(loop.busy, 0, window);
    const lane = loop.thread === undefined ? 0 : book.laneOfActor(loop.thread);
    return row(
      lane,
      longestAt,
      [
        nameObject(book.trace, loop.object, book.trace.sourceLine),
        loop.thread === undefined ? '' : nameActor(book.trace, loop.thread),
        lag.p50,
        lag.p90,
        lag.p99,
        lag.max,
        busy.length > 0 ? busy.reduce((sum, one) => sum + one, 0) / busy.length : null,
        long,
        longest || null,
        source(book, stack),
      ],
      { trouble: long > 0 ? 'warning' : '' },
    );
  });
  const histogram = distribution('Loop lag in view', all);
  return {
    columns: [
      column('name', 'Loop', 'name'),
      column('thread', 'Thread', 'text'),
      column('p50', 'Lag p50', 'duration'),
      column('p90', 'p90', 'duration'),
      column('p99', 'p99', 'duration'),
      column('max', 'Worst', 'duration'),
      column('busy', 'Busy', 'share'),
      column('long', 'Long steps', 'count'),
      column('longest', 'Longest step', 'bar'),
      column('line', 'It ran', 'source'),
    ],
    rows,
    sort: { column: 'longest', descending: true },
    note: rows.length > 0 ? '' : 'The program has no event loop.',
    ...(histogram ? { histogram } : {}),
  };
}

export function gilTable(book: LaneBook, window: Window): RawTable {
  const rows: TableRow[] = [];
  const times = new Float64Array(SLICE_STATES.length);
  for (const [actor, lane] of book.actors) {
    if (actor.kind !== 'thread') continue;
    times.fill(0);
    lane.slices.spans.addTime(window.from, window.to, times);
    const ran = times[STATE.running]! + times[STATE.blocksLoop]!;
    const wanted = ran + times[STATE.gil]!;
    if (wanted <= 0) continue;
    rows.push(
      row(
        book.laneOfActor(actor),
        window.from,
        [
          actor.name || nameActor(book.trace, actor),
          actor.stream.pid,
          times[STATE.gil]!,
          ran,
          times[STATE.gil]! / wanted,
        ],
        { colors: [book.color(actor)] },
      ),
    );
  }
  const notes = book.trace.streams.flatMap((stream) => {
    if (stream.process?.runtime === 'node') return [];
    if (stream.process?.gil === false) return [`Process ${stream.pid} has no GIL.`];
    const points = book.gil.get(stream);
    if (points === undefined || points.x.length === 0) return [];
    return [
      `Process ${stream.pid}: ${meanIn(points, 0, window).toFixed(2)} threads waited for the GIL on average (estimate).`,
    ];
  });
  return {
    columns: [
      column('name', 'Thread', 'name'),
      column('pid', 'Process', 'text'),
      column('gil', 'Waits for GIL', 'bar'),
      column('ran', 'Running', 'duration'),
      column('share', 'Of the time it wanted to run', 'share'),
    ],
    rows,
    sort: { column: 'gil', descending: true },
    note:
      notes.slice(0, 4).join(' ') ||
      (rows.length > 0
        ? 'Waits of single threads are seen by the native core only.'
        : 'Nothing ran in this range.'),
  };
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
