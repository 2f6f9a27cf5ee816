/** How many tasks stand pending, as cells of growing strength; the second series says how many of them wait for locks or others' work. */

import { STATE } from '../../wire/panel.ts';
import { seriesOf } from '../laneData.ts';
import { wholeRun } from '../state.ts';
import { toPx } from '../timeScale.ts';
import type { Track } from '../tracks.ts';

const CELL_PX = 8;

export const heatTrack: Track = {
  height: () => 20,

  draw({ context, lane, scale, theme, top, height }) {
    const series = seriesOf(lane.id);
    const all = series?.y[0];
    if (!series || !all) return;
    const stuck = series.y[1];
    const most = Math.max(series.top[0] ?? 1, 1);
    // Cells stand still in time, so that they do not flicker while panning.
    const cellNs = CELL_PX * scale.nsPerPx;
    const power = 2 ** Math.round(Math.log2(cellNs));
    let index = 0;
    for (
      let at = Math.floor(scale.from / power) * power;
      at < Math.min(scale.to, wholeRun().to);
      at += power
    ) {
      while (index + 1 < series.x.length && series.x[index + 1]! <= at + power / 2) index++;
      const value = series.x[index]! <= at + power ? all[index]! : 0;
      if (!(value > 0)) continue;
      const troubled = stuck !== undefined && (stuck[index] ?? 0) * 2 > value;
      context.fillStyle = theme.states[troubled ? STATE.lock : STATE.io]!;
      context.globalAlpha = 0.18 + 0.6 * (value / most);
      const left = toPx(scale, at);
      context.fillRect(left, top + 4, Math.max(1, power / scale.nsPerPx - 1), height - 8);
    }
    context.globalAlpha = 1;
  },
};
