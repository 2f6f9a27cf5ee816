/** The series of a lane for a window at a resolution. */
import type { LaneId, Series } from '../../wire/panel.ts';
import type { LaneBook } from './laneBook.ts';
import { Points } from './points.ts';

export function seriesOf(
  book: LaneBook,
  lane: LaneId,
  from: number,
  to: number,
  pixels: number,
): Series | undefined {
  const points = pointsOf(book, lane);
  return points?.window(lane, from, to, Math.max(16, pixels));
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
