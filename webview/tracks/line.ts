/** Lag, pools and the probe's cost: lines over time. The chart itself is a canvas of its own (charts.ts) over this row. */
import type { Track } from '../tracks.ts';

export const lineTrack: Track = {
  height: (lane) => (lane.kind === 'probe' || lane.kind === 'gil' ? 34 : 48),
  draw() {
    // charts.ts lays a chart over this row.
  },
};
