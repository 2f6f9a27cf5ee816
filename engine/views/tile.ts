/** Merges slices to a screen's resolution: per pixel at most one slice of each state, with its exact time and how many it stands for. */
import type { Spans } from '../../base/spans.ts';
import { type LaneId, SLICE_STATES, type SliceColumns, type SlicePart } from '../../wire/panel.ts';

const STATES = SLICE_STATES.length;

export interface Tile {
  readonly parts: readonly SlicePart[];
  readonly columns: SliceColumns & { readonly merged: Uint32Array };
}

class Output {
  start: number[] = [];
  end: number[] = [];
  state: number[] = [];
  label: number[] = [];
  mark: number[] = [];
  merged: number[] = [];

  push(
    start: number,
    end: number,
    state: number,
    label: number,
    mark: number,
    merged: number,
  ): void {
    this.start.push(start);
    this.end.push(end);
    this.state.push(state);
    this.label.push(label);
    this.mark.push(mark);
    this.merged.push(merged);
  }
}

export function tileOf(
  lanes: readonly { readonly lane: LaneId; readonly spans: Spans }[],
  from: number,
  to: number,
  pixels: number,
): Tile {
  const out = new Output();
  const parts = lanes.map(({ lane, spans }): SlicePart => {
    const offset = out.start.length;
    mergeLane(spans, from, to, (to - from) / Math.max(1, pixels), out);
    return { lane, keep: 0, offset, count: out.start.length - offset };
  });
  return {
    parts,
    columns: {
      start: Float64Array.from(out.start),
      end: Float64Array.from(out.end),
      state: Uint8Array.from(out.state),
      label: Uint32Array.from(out.label),
      mark: Uint8Array.from(out.mark),
      merged: Uint32Array.from(out.merged),
    },
  };
}

function mergeLane(spans: Spans, from: number, to: number, width: number, out: Output): void {
  const sums = new Float64Array(STATES);
  let index = spans.firstEndingAfter(from);
  while (index < spans.length && spans.start[index]! < to) {
    const start = spans.start[index]!;
    if (spans.end[index]! - start >= width) {
      out.push(
        start,
        spans.end[index]!,
        spans.state[index]!,
        spans.label[index]!,
        spans.mark[index]!,
        1,
      );
      index++;
      continue;
    }
    const bucketEnd = from + (Math.floor((start - from) / width) + 1) * width;
    let next = spans.firstStartingFrom(bucketEnd, index + 1);
    if (next - 1 > index && spans.end[next - 1]! - spans.start[next - 1]! >= width) next--;
    if (next - index === 1) {
      out.push(
        start,
        spans.end[index]!,
        spans.state[index]!,
        spans.label[index]!,
        spans.mark[index]!,
        1,
      );
    } else {
      sums.fill(0);
      spans.addWhole(index, next, sums);
      let at = start;
      for (let state = 0; state < STATES; state++) {
        if (sums[state]! <= 0) continue;
        out.push(at, at + sums[state]!, state, 0, 0, next - index);
        at += sums[state]!;
      }
    }
    index = next;
  }
}
