/**
 * What is in each column of a strip: slices at least a pixel wide as bars, the others summed into the state that takes most of
 * the pixel, with the worst on the rail; slice by slice, or from levels where a pixel holds many.
 */
import type { Spans } from '../base/spans.ts';
import { SLICE_STATES, STATE } from '../wire/panel.ts';
import { type Level, RAIL_RANK, type SpanLevels } from './spanLevels.ts';
import { GAP_PX, ROUND_PX, SHAPE_PX, type StripRows, type StripShape } from './stripPaint.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './timeScale.ts';

/** Everything but slices and time that decides how a strip looks. */
export interface StripLook {
  readonly theme: Theme;
  /** 1 for states that the legend has switched off. */
  readonly hidden: Uint8Array;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

/** How one kind of lane lays out its strip, CSS pixels. */
export interface StripStyle extends StripShape {
  /** Slices at least this wide are listed: for labels, or to be drawn by the lane itself. */
  readonly listFrom: number;
  /** Whether the listed slices are painted here too. */
  readonly paintsListed: boolean;
}

const STATES = SLICE_STATES.length;
const THIN_STATE = new Uint8Array(STATES);
for (const state of [STATE.io, STATE.waiting, STATE.idle]) THIN_STATE[state] = 1;

/** Drawn with more than a colour from some width on. */
const SHAPED = new Uint8Array(STATES);
for (const state of [STATE.gil, STATE.lock, STATE.deadlocked, STATE.unknown, STATE.waiting])
  SHAPED[state] = 1;

/** Up to so many slices in a pixel are added up one by one. */
const FEW = 40;

const sums = new Float64Array(STATES);

export interface Fill {
  readonly rows: StripRows;
  readonly spans: Spans;
  readonly scale: TimeScale;
  /** Columns. */
  readonly first: number;
  readonly last: number;
  readonly look: StripLook;
  readonly style: StripStyle;
  readonly perNs: number;
  /** Device pixels from which a slice is listed, has a shape, has round corners; between neighbours. */
  readonly listFrom: number;
  readonly shapeFrom: number;
  readonly roundFrom: number;
  readonly gap: number;
}

/** All that is the same for each slice is worked out once. */
export function fillOf(
  known: Pick<Fill, 'rows' | 'spans' | 'scale' | 'first' | 'last' | 'look' | 'style'>,
): Fill {
  const { ratio } = known.look;
  return {
    ...known,
    perNs: 1 / known.scale.nsPerPx,
    listFrom: known.style.listFrom * ratio,
    shapeFrom: SHAPE_PX * ratio,
    roundFrom: ROUND_PX * ratio,
    gap: Math.max(1, Math.round(GAP_PX * ratio)),
  };
}

/** Slice by slice: what is narrower than a pixel is summed, the others are bars. */
export function scan(job: Fill): number[] {
  const { spans, scale, first, last, look } = job;
  const { start, end, state, length } = spans;
  const { from, nsPerPx } = scale;
  const perNs = 1 / nsPerPx;
  const fromNs = from + first * nsPerPx;
  const to = from + last * nsPerPx;
  const kinds = seenStates(spans.seen, look.hidden);
  const { pixels } = look.theme;
  const listed: number[] = [];
  let few = FEW;
  let over = 0;
  let overKind = 0;
  let overColumn = 0;
  /** A pixel with nothing else in it. */
  const paintOver = (column: number, kind: number, time: number): number => {
    if (column >= last || look.hidden[kind] === 1 || kind === STATE.idle) return 0;
    const share = time * perNs;
    setColumn(job.rows, column, kind, share, RAIL_RANK[kind]! > 0 ? kind : -1, pixels);
    return 0;
  };
  let index = spans.firstEndingAfter(fromNs);
  while (index < length) {
    const begin = start[index]!;
    if (begin >= to) break;
    const duration = end[index]! - begin;
    if (duration >= nsPerPx) {
      if (over > 0) over = paintOver(overColumn, overKind, over);
      if (bar(job, index)) listed.push(index);
      index++;
      continue;
    }
    const column = Math.max(first, Math.floor((begin - from) * perNs));
    const columnEnd = from + (column + 1) * nsPerPx;
    if (over > 0 && overColumn !== column) over = paintOver(overColumn, overKind, over);
    const alone =
      index + 1 === length ||
      start[index + 1]! >= columnEnd ||
      end[index + 1]! - start[index + 1]! >= nsPerPx;
    if (alone && over === 0) {
      // What lies before the first column is not drawn, what lies after this one belongs to the next.
      overKind = state[index]!;
      overColumn = column + 1;
      over = Math.max(0, end[index]! - columnEnd);
      paintOver(column, overKind, Math.min(duration, end[index]! - fromNs) - over);
      index++;
      continue;
    }
    for (let at = 0; at < kinds.length; at++) sums[kinds[at]!] = 0;
    sums[overKind]! += over;
    sums[state[index]!]! += Math.min(duration, end[index]! - fromNs);
    let next = index + 1;
    const near = Math.min(length, index + few);
    while (next < near && start[next]! < columnEnd) {
      const time = end[next]! - start[next]!;
      // It may reach far over the pixel: it is drawn by itself in the next round.
      if (time >= nsPerPx) break;
      sums[state[next]!]! += time;
      next++;
    }
    if (next === near && next < length) {
      let far = spans.firstStartingFrom(columnEnd, next);
      if (far > next && end[far - 1]! - start[far - 1]! >= nsPerPx) far--;
      spans.addWhole(next, far, sums);
      next = far;
    }
    few = next - index < FEW ? FEW : 1;
    over = Math.max(0, end[next - 1]! - columnEnd);
    overKind = state[next - 1]!;
    overColumn = column + 1;
    sums[overKind]! -= over;
    if (column < last) paintColumn(job.rows, column, kinds, perNs, pixels);
    index = next;
  }
  if (over > 0) paintOver(overColumn, overKind, over);
  return listed;
}

/** From buckets, when nothing is hidden: the state that leads most of the pixel's buckets. */
function fillFromSummary(job: Fill, { width, summary }: Level): void {
  const { scale, first, last, look } = job;
  const { solid, thin, rail } = job.rows;
  const { pixels } = look.theme;
  const perBucket = scale.nsPerPx / width;
  const begin = scale.from / width - 0.5;
  let bucket = Math.max(0, Math.ceil(begin + first * perBucket));
  for (let column = first; column < last; column++) {
    const until = Math.min(summary.length, Math.ceil(begin + (column + 1) * perBucket));
    if (until <= bucket) continue;
    let total = 0;
    let most = 0;
    let kind = 0;
    let worst = 0;
    for (let one = bucket; one < until; one++) {
      const packed = summary[one]!;
      if (packed === 0) continue;
      total += (packed >> 12) & 255;
      const trouble = packed >> 20;
      if (RAIL_RANK[trouble]! > RAIL_RANK[worst]!) worst = trouble;
      const state = packed & 15;
      if (state === kind) continue;
      let share = 0;
      for (let other = one; other < until; other++)
        if ((summary[other]! & 15) === state) share += (summary[other]! >> 4) & 255;
      if (share <= most) continue;
      most = share;
      kind = state;
    }
    if (kind > 0) {
      const alpha = Math.min(255, 96 + (((159.5 * total) / (255 * (until - bucket))) | 0));
      const color = ((pixels[kind]! & 0xffffff) | (alpha << 24)) >>> 0;
      if (THIN_STATE[kind] === 1) thin[column] = color;
      else solid[column] = color;
      if (worst > 0) rail[column] = pixels[worst]!;
    }
    bucket = until;
  }
}

/** From buckets: their time goes to the pixel in which they have their middle. */
export function fillColumns(job: Fill, levels: SpanLevels, level: Level): void {
  if (!job.look.hidden.includes(1)) {
    fillFromSummary(job, level);
    return;
  }
  const { scale, first, last, look } = job;
  const { states } = levels;
  const { width, shares } = level;
  const count = states.length;
  const buckets = shares.length / count;
  const kinds = Uint8Array.from(states.filter((state) => look.hidden[state] === 0));
  const places = Uint8Array.from(kinds, (state) => states.indexOf(state));
  const perBucket = scale.nsPerPx / width;
  const begin = scale.from / width - 0.5;
  let bucket = Math.max(0, Math.ceil(begin + first * perBucket));
  for (let column = first; column < last; column++) {
    const until = Math.min(buckets, Math.ceil(begin + (column + 1) * perBucket));
    if (until <= bucket) continue;
    const stop = until * count;
    let total = 0;
    let most = 0;
    let mostKind = -1;
    let worst = -1;
    let worstRank = 0;
    for (let at = 0; at < kinds.length; at++) {
      let sum = 0;
      for (let one = bucket * count + places[at]!; one < stop; one += count) sum += shares[one]!;
      if (sum === 0) continue;
      const kind = kinds[at]!;
      total += sum;
      if (sum > most) {
        most = sum;
        mostKind = kind;
      }
      const rank = RAIL_RANK[kind]!;
      if (rank > worstRank) {
        worstRank = rank;
        worst = kind;
      }
    }
    if (mostKind >= 0)
      setColumn(
        job.rows,
        column,
        mostKind,
        total / (255 * (until - bucket)),
        worst,
        look.theme.pixels,
      );
    bucket = until;
  }
}

/** Bars over the columns that already have their time; returns those to be listed. */
export function fillBars(job: Fill, long: readonly number[]): number[] {
  const { spans, scale, look } = job;
  const listed: number[] = [];
  for (const index of long) {
    if (look.hidden[spans.state[index]!] === 0) {
      const left = Math.round((spans.start[index]! - scale.from) * job.perNs);
      const right = Math.round((spans.end[index]! - scale.from) * job.perNs);
      job.rows.clear(Math.max(job.first, left), Math.min(job.last, right));
    }
    if (bar(job, index)) listed.push(index);
  }
  return listed;
}

/** Most runs are of a few pixels: for those a loop is faster than to ask the array. */
function paintRun(row: Uint32Array, color: number, from: number, to: number): void {
  if (to - from > 24) row.fill(color, from, to);
  else for (let column = from; column < to; column++) row[column] = color;
}

/** A slice at least a pixel wide; returns whether it is to be listed. */
function bar(job: Fill, index: number): boolean {
  const { spans, look, perNs, gap } = job;
  const kind = spans.state[index]!;
  if (look.hidden[kind] === 1 || kind === STATE.idle) return false;
  const begin = spans.start[index]!;
  const end = spans.end[index]!;
  const { from } = job.scale;
  const length = (end - begin) * perNs;
  const isListed = length >= job.listFrom;
  if (isListed && !job.style.paintsListed) return true;
  const x = Math.round((begin - from) * perNs);
  let x2 = Math.max(x + 1, Math.round((end - from) * perNs));
  // A gap keeps neighbours apart where there is room.
  if (x2 - x > 2 * gap) x2 -= gap;
  const isShape = length >= job.shapeFrom;
  if (isShape && SHAPED[kind] === 1) {
    job.rows.shape(x, x2, kind, 0);
    return isListed;
  }
  const left = Math.max(job.first, x);
  const right = Math.min(job.last, x2);
  // A negative end would count from the row's end.
  if (right <= left) return isListed;
  const color = look.theme.pixels[kind]!;
  paintRun(THIN_STATE[kind] === 1 ? job.rows.thin : job.rows.solid, color, left, right);
  if (RAIL_RANK[kind]! > 1 && !isShape) paintRun(job.rows.rail, color, left, right);
  if (length >= job.roundFrom) job.rows.shape(x, x2, kind, spans.mark[index]!);
  return isListed;
}

/**
 * Many slices in one pixel, their times in `sums`: the state with most time, fainter the less of the pixel it takes; the worst
 * on the rail.
 * @param unit 1 / time that fills the pixel
 */
function paintColumn(
  rows: StripRows,
  column: number,
  kinds: readonly number[],
  unit: number,
  colors: Uint32Array,
): void {
  let total = 0;
  let most = -1;
  let mostTime = 0;
  let worst = -1;
  let worstRank = 0;
  for (let at = 0; at < kinds.length; at++) {
    const kind = kinds[at]!;
    const time = sums[kind]!;
    if (time <= 0) continue;
    total += time;
    if (time > mostTime) {
      mostTime = time;
      most = kind;
    }
    const rank = RAIL_RANK[kind]!;
    if (rank > worstRank) {
      worstRank = rank;
      worst = kind;
    }
  }
  if (most >= 0) setColumn(rows, column, most, total * unit, worst, colors);
}

/** @param share of the pixel that is taken: fainter when it is less. */
function setColumn(
  rows: StripRows,
  column: number,
  most: number,
  share: number,
  worst: number,
  colors: Uint32Array,
): void {
  const alpha = Math.min(255, 96 + ((159.5 * share) | 0));
  const color = ((colors[most]! & 0xffffff) | (alpha << 24)) >>> 0;
  if (THIN_STATE[most] === 1) rows.thin[column] = color;
  else rows.solid[column] = color;
  if (worst >= 0) rows.rail[column] = colors[worst]!;
}

/** States that are in the lane and shown, idle left out. */
function seenStates(seen: number, hidden: Uint8Array): readonly number[] {
  const found: number[] = [];
  for (let state = 1; state < STATES; state++)
    if ((seen >> state) & 1 && hidden[state] === 0) found.push(state);
  return found;
}
