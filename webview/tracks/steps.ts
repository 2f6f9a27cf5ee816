/** A count that changes in steps, as blocks on a scale up to its capacity: semaphores and queues. */
import { seriesOf } from '../laneData.ts';
import { wholeRun } from '../state.ts';
import { toPx } from '../timeScale.ts';
import type { Track } from '../tracks.ts';

/** Up to here a unit is a block of its own; above it the count is an area. */
const MOST_BLOCKS = 8;

export const stepsTrack: Track = {
  height: () => 32,

  draw({ context, lane, scale, theme, top, height }) {
    const series = seriesOf(lane.id);
    const values = series?.y[0];
    if (!series || !values) return;
    const most = Math.max(lane.limit ?? 0, series.top[0] ?? 1, 1);
    const room = height - 10;
    const unit = room / most;
    const blocks = most <= MOST_BLOCKS;
    if (blocks) {
      context.fillStyle = theme.line;
      for (let step = 0; step < most; step++)
        context.fillRect(0, top + 5 + step * unit, scale.width, Math.max(1, unit - 1.5));
    }
    context.fillStyle = theme.states[1]!;
    const count = series.x.length;
    for (let index = 0; index < count; index++) {
      const value = values[index]!;
      if (!(value > 0)) continue;
      const left = Math.max(0, toPx(scale, series.x[index]!));
      const next = index + 1 < count ? series.x[index + 1]! : wholeRun().to;
      const right = Math.min(scale.width, toPx(scale, next));
      if (right <= left) continue;
      const width = Math.max(0.75, right - left);
      if (blocks)
        for (let step = 0; step < value; step++)
          context.fillRect(
            left,
            top + height - 5 - (step + 1) * unit,
            width,
            Math.max(1, unit - 1.5),
          );
      else context.fillRect(left, top + height - 5 - value * unit, width, value * unit);
    }
  },
};
