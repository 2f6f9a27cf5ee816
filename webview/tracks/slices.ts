/** A thread, task, loop or worker: its slices by state on a line that is as long as its life. */
import type { Lane } from '../../wire/panel.ts';
import { levelsOf, slicesOf } from '../laneData.ts';
import { LABEL_PX } from '../sliceLabels.ts';
import { wholeRun } from '../state.ts';
import type { StripStyle } from '../stripFill.ts';
import { toPx } from '../timeScale.ts';
import type { Track, TrackFrame } from '../tracks.ts';

function heightOf(lane: Lane): number {
  return lane.kind === 'task' || lane.kind === 'waiter' ? 21 : 24;
}

const styles = new Map<number, StripStyle>();

export function sliceStyle(height: number): StripStyle {
  let style = styles.get(height);
  if (!style) {
    style = {
      full: { top: 4, height: height - 8 },
      thin: { top: Math.round(height / 2 - 2.5), height: 5 },
      rail: { top: height - 4, height: 3 },
      listFrom: LABEL_PX,
      paintsListed: true,
    };
    styles.set(height, style);
  }
  return style;
}

export const slicesTrack: Track = {
  height: heightOf,

  collect({ context, lane, scale, deviceScale, look, strips, labels, top, height }) {
    const spans = slicesOf(lane.id);
    if (!spans) return;
    const style = sliceStyle(height);
    const listed = strips.update(lane.id, spans, deviceScale, look, style, levelsOf(lane.id));
    const { full } = style;
    labels.add(context, spans, listed, scale, { top: top + full.top, height: full.height });
  },

  draw(frame) {
    drawLife(frame);
    const { context, lane, strips, top, height, look } = frame;
    strips.draw(context, lane.id, top, look.ratio, sliceStyle(height));
  },
};

/** The line of idle time, from birth to end. */
export function drawLife({ context, lane, scale, theme, top, height }: TrackFrame): void {
  const left = Math.max(0, toPx(scale, lane.from));
  const right = Math.min(scale.width, toPx(scale, lane.to ?? wholeRun().to));
  context.fillStyle = theme.states[0]!;
  if (right > left) context.fillRect(left, Math.round(top + height / 2), right - left, 1);
}
