/** A thread, task, loop or worker: its slices by state on a line that is as long as its life. */
import { slicesOf } from '../laneData.ts';
import { wholeRun } from '../state.ts';
import { toPx } from '../timeScale.ts';
import type { Track, TrackFrame } from '../tracks.ts';

export const slicesTrack: Track = {
  height: (lane) => (lane.kind === 'task' ? 21 : lane.kind === 'waiter' ? 18 : 24),

  collect({ lane, scale, theme, strips, strip, runs, hidden, top, height }) {
    const spans = slicesOf(lane.id);
    if (!spans) {
      strips.skip(strip);
      return;
    }
    const full = { top: top + 4, height: height - 8 };
    const thin = { top: Math.round(top + height / 2 - 2.5), height: 5 };
    for (const index of strips.add(lane.id, spans, scale, strip, theme, hidden))
      runs.add(spans, index, scale, full, thin);
  },

  draw(frame) {
    drawLife(frame);
    const { context, strips, strip, top, height } = frame;
    const full = { top: top + 4, height: height - 8 };
    strips.draw(
      context,
      strip,
      full,
      { top: Math.round(top + height / 2 - 2.5), height: 5 },
      { top: top + height - 4, height: 3 },
    );
  },
};

/** The line of idle time, from birth to end. */
export function drawLife({ context, lane, scale, theme, top, height }: TrackFrame): void {
  const left = Math.max(0, toPx(scale, lane.from));
  const right = Math.min(scale.width, toPx(scale, lane.to ?? wholeRun().to));
  context.fillStyle = theme.states[0]!;
  if (right > left) context.fillRect(left, Math.round(top + height / 2), right - left, 1);
}
