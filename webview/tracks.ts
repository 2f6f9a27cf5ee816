/** The table of tracks: how each kind of lane is drawn. To add one, copy a file of `tracks/` and add its line here. */
import type { Lane, LaneContent } from '../wire/panel.ts';
import type { SliceLabels } from './sliceLabels.ts';
import type { SliceStrips } from './sliceStrips.ts';
import type { StripLook } from './stripFill.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';
import { heatTrack } from './tracks/heat.ts';
import { lineTrack } from './tracks/line.ts';
import { lockTrack } from './tracks/lock.ts';
import { slicesTrack } from './tracks/slices.ts';
import { stepsTrack } from './tracks/steps.ts';

/** One frame of one lane. Tracks own nothing global: all they need is here. */
export interface TrackFrame {
  readonly context: CanvasRenderingContext2D;
  readonly scale: TimeScale;
  /** The same in device pixels, for strips. */
  readonly deviceScale: TimeScale;
  readonly theme: Theme;
  readonly look: StripLook;
  readonly lane: Lane;
  /** CSS pixels on the canvas. */
  readonly top: number;
  readonly height: number;
  readonly strips: SliceStrips;
  readonly labels: SliceLabels;
}

export interface Track {
  height(lane: Lane): number;
  /** Before anything is drawn: brings strips up to date, collects labels. */
  collect?(frame: TrackFrame): void;
  /** After: draw. */
  draw(frame: TrackFrame): void;
}

const headingTrack: Track = {
  height: () => 24,
  draw({ context, scale, theme, top, height }) {
    context.fillStyle = theme.heading;
    context.fillRect(0, top, scale.width, height);
  },
};

const TRACKS: Record<LaneContent, Track> = {
  none: headingTrack,
  slices: slicesTrack,
  lock: lockTrack,
  line: lineTrack,
  steps: stepsTrack,
  heat: heatTrack,
};

export function trackOf(lane: Lane): Track {
  return TRACKS[lane.content];
}

export function heightOf(lane: Lane): number {
  return TRACKS[lane.content].height(lane);
}
