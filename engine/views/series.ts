/** The series of a lane for a window at a resolution. */
import type { LaneId, Series } from '../../wire/panel.ts';
import type { LaneBook } from './laneBook.ts';
import { Points } from './points.ts';

export function seriesOf(
  book: LaneBook,
  lane: LaneId,
  view: { readonly from: number; readonly to: number; readonly pixels: number },
  now: number,
): Series | undefined {
  const points = pointsOf(book, lane);
  if (points === undefined) return undefined;
  const series = points.window(lane, view.from, view.to, Math.max(16, view.pixels));
  // A count stays what it is until it changes: up to now, and no further.
  return points.steps && now > (series.x.at(-1) ?? now) ? prolonged(series, now) : series;
}

function prolonged(series: Series, now: number): Series {
  return {
    ...series,
    x: Float64Array.from([...series.x, now]),
    y: series.y.map((column) => Float32Array.from([...column, column.at(-1) ?? 0])),
  };
}

function pointsOf(book: LaneBook, lane: LaneId): Points | undefined {
  for (const loop of book.loops.values()) {
    if (book.laneBeside('lag', loop.object) === lane) return loop.lag;
    if (book.laneBeside('pending', loop.object) === lane) return loop.tasks;
  }
  for (const pool of book.pools.values())
    if (book.laneBeside('pool', pool.object) === lane) return pool.load;
  for (const [object, points] of book.queues) if (book.laneOfObject(object) === lane) return points;
  for (const [object, points] of book.permits)
    if (book.laneOfObject(object) === lane) return points;
  for (const [stream, points] of book.gil)
    if (book.laneBeside('gil', stream) === lane) return points;
  for (const [stream, points] of book.cost)
    if (book.laneBeside('cost', stream) === lane) return rateOf(points);
  return undefined;
}

/** CPU time so far as a share of the time that passed between two readings. */
function rateOf(points: Points): Points {
  const rate = new Points(1);
  for (let row = 1; row < points.x.length; row++) {
    const passed = points.x.get(row) - points.x.get(row - 1);
    const spent = points.y[0]!.get(row) - points.y[0]!.get(row - 1);
    if (passed > 0) rate.push(points.x.get(row - 1), Math.max(0, spent / passed));
  }
  return rate;
}
