/** The pixels of a lane: true to the slices, the same after moving as drawn anew, and nearly the same from levels as slice by slice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Spans } from '../../base/spans.ts';
import { SLICE_STATES, STATE } from '../../wire/panel.ts';
import { numbers } from './drawing.ts';

// Hatches are made on a canvas; without one they are plain, which is enough here.
Object.assign(globalThis, { document: { createElement: () => ({ getContext: () => null }) } });
const { LaneStrip } = await import('../../webview/laneStrip.ts');
const { SpanLevels } = await import('../../webview/spanLevels.ts');
type Look = Parameters<InstanceType<typeof LaneStrip>['update']>[3];

const WIDTH = 120;
const ROWS = 24;
const STYLE = {
  full: { top: 4, height: 16 },
  thin: { top: 10, height: 5 },
  rail: { top: 20, height: 3 },
  listFrom: 40,
  paintsListed: true,
};
/** Each state's colour is its code. */
const LOOK = {
  ratio: 1,
  hidden: new Uint8Array(SLICE_STATES.length),
  theme: {
    pixels: Uint32Array.from(SLICE_STATES, (_, state) => 0xff000000 + state),
    states: SLICE_STATES.map(String),
    errorPixel: 0xff0000ff,
    background: '',
  },
} as unknown as Look;

const KINDS = [STATE.running, STATE.io, STATE.lock, STATE.gil, STATE.waiting, STATE.blocksLoop];

function spansOf(
  pieces: readonly { readonly gap: number; readonly length: number; readonly kind: number }[],
): Spans {
  const start: number[] = [];
  const end: number[] = [];
  let at = 0;
  for (const { gap, length } of pieces) {
    start.push(at + gap);
    at += gap + length;
    end.push(at);
  }
  const spans = new Spans(SLICE_STATES.length);
  const columns = {
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    state: Uint8Array.from(pieces, ({ kind }) => KINDS[kind]!),
    label: new Uint32Array(pieces.length),
    mark: new Uint8Array(pieces.length),
  };
  spans.replace(0, columns, 0, pieces.length);
  return spans;
}

function scaleOf(from: number, nsPerPx: number) {
  return { from, to: from + WIDTH * nsPerPx, width: WIDTH, nsPerPx };
}

function random(count: number, mean: number, seed: number): Spans {
  const next = numbers(seed);
  return spansOf(
    Array.from({ length: count }, () => ({
      gap: Math.floor(next() * mean * 0.3),
      // Now and then a long one.
      length: Math.ceil(next() * mean * (next() > 0.97 ? 40 : 1)) + 1,
      kind: Math.floor(next() * KINDS.length),
    })),
  );
}

/** Rows of a strip, whichever way it is kept: bars, thin bars, rail. */
function painted(strip: InstanceType<typeof LaneStrip>, pixels: Uint32Array) {
  const row = (flat: number, full: number) =>
    pixels.subarray((strip.flat ? flat : full) * WIDTH, ((strip.flat ? flat : full) + 1) * WIDTH);
  return { solid: row(0, 6), thin: row(1, 12), rail: row(2, 21) };
}

function draw(
  spans: Spans,
  scale: ReturnType<typeof scaleOf>,
  levels?: InstanceType<typeof SpanLevels>,
) {
  const strip = new LaneStrip();
  const pixels = new Uint32Array(WIDTH * ROWS);
  strip.update(pixels, spans, scale, LOOK, STYLE, levels);
  return { strip, pixels };
}

const pieces = fc.array(
  fc.record({
    gap: fc.nat(30),
    length: fc.integer({ min: 1, max: 400 }),
    kind: fc.nat(KINDS.length - 1),
  }),
  { minLength: 1, maxLength: 200 },
);

test('moved by whole pixels a strip is what it is when it is drawn anew', () => {
  fc.assert(
    fc.property(
      pieces,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: -50, max: 50 }),
      fc.nat(2000),
      (list, nsPerPx, by, begin) => {
        const spans = spansOf(list);
        const from = begin * nsPerPx;
        const { strip, pixels } = draw(spans, scaleOf(from, nsPerPx));
        const there = scaleOf(from + by * nsPerPx, nsPerPx);
        strip.update(pixels, spans, there, LOOK, STYLE);
        const fresh = draw(spans, there);
        const one = painted(strip, pixels);
        const other = painted(fresh.strip, fresh.pixels);
        assert.deepEqual([...one.solid], [...other.solid]);
        assert.deepEqual([...one.rail], [...other.rail]);
        assert.deepEqual(strip.listed, fresh.strip.listed);
      },
    ),
  );
});

test('zooming from many slices to few leaves nothing behind', () => {
  const spans = random(2000, 100, 4);
  const strip = new LaneStrip();
  const pixels = new Uint32Array(WIDTH * ROWS);
  strip.update(pixels, spans, scaleOf(0, 900), LOOK, STYLE);
  assert.equal(strip.flat, true);
  strip.update(pixels, spans, scaleOf(0, 3), LOOK, STYLE);
  assert.equal(strip.flat, false);
  const fresh = draw(spans, scaleOf(0, 3));
  assert.deepEqual(pixels, fresh.pixels);
  assert.ok(pixels.subarray(0, 4 * WIDTH).every((pixel) => pixel === 0));
});

test('a pixel has the colour of the state that takes most of it, its rail that of the worst in it', () => {
  let clear = 0;
  for (const seed of [1, 2, 3]) {
    const spans = random(20_000, 100, seed);
    const whole = spans.end[spans.length - 1]!;
    const levels = new SpanLevels(spans);
    for (const zoom of [1, 3, 10]) {
      const scale = scaleOf(Math.floor(whole / 3), Math.ceil(whole / WIDTH / zoom));
      assert.ok(levels.levelFor(scale.nsPerPx), 'many slices a pixel: there is a level');
      for (const from of [undefined, levels]) {
        const { strip, pixels } = draw(spans, scale, from);
        const { solid, thin, rail } = painted(strip, pixels);
        const same = (most: number, column: number) =>
          assert.equal((solid[column] || thin[column]!) & 0xff, most, `column ${column}`);
        clear += told(spans, scale, same, from ? 3 : 1.05);
        // Trouble in a pixel or its neighbour is on the rail, and nowhere else.
        const near = (column: number) => [column - 1, column, column + 1];
        const worst = Array.from({ length: WIDTH }, (_, column) => worstIn(spans, scale, column));
        for (let column = 1; column < WIDTH - 1; column++) {
          const seen = rail[column]! & 0xff;
          if (seen > 0)
            assert.ok(
              near(column).some((at) => troubles(spans, scale, at).has(seen)),
              `rail of column ${column}`,
            );
          // A long slice shows itself, hatched where it waits.
          if (worst[column]! > 0 && !hasBar(spans, scale, column))
            assert.ok(
              near(column).some(
                (at) => Math.max(rail[at]! & 0xff, solid[at]! & 0xff) >= worst[column]!,
              ),
              `trouble of column ${column}`,
            );
        }
      }
    }
  }
  assert.ok(clear > 200, `${clear} columns could be told`);
});

/** Calls `check` for each column in which one state clearly has most of the time; returns how many. */
function told(
  spans: Spans,
  scale: ReturnType<typeof scaleOf>,
  check: (state: number, column: number) => void,
  clearly: number,
): number {
  const sums = new Float64Array(SLICE_STATES.length);
  let count = 0;
  for (let column = 0; column < WIDTH; column++) {
    const begin = scale.from + column * scale.nsPerPx;
    sums.fill(0);
    spans.addTime(begin, begin + scale.nsPerPx, sums);
    const [most, second] = [...sums].sort((one, other) => other - one) as [number, number];
    // Bars begin and end on whole pixels, with a gap.
    if (hasBar(spans, scale, column) || most < second * clearly || most < scale.nsPerPx / 4)
      continue;
    count++;
    check(sums.indexOf(most), column);
  }
  return count;
}

/** Part of the column is a slice of a pixel or more. */
function hasBar(spans: Spans, scale: ReturnType<typeof scaleOf>, column: number): boolean {
  const begin = scale.from + column * scale.nsPerPx;
  const last = spans.firstStartingFrom(begin + scale.nsPerPx, 0);
  for (let index = spans.firstEndingAfter(begin); index < last; index++)
    if (spans.end[index]! - spans.start[index]! >= scale.nsPerPx) return true;
  return false;
}

function worstIn(spans: Spans, scale: ReturnType<typeof scaleOf>, column: number): number {
  return Math.max(0, ...troubles(spans, scale, column));
}

/** States in a column that the rail knows. */
function troubles(spans: Spans, scale: ReturnType<typeof scaleOf>, column: number): Set<number> {
  const begin = scale.from + column * scale.nsPerPx;
  const found = new Set<number>();
  const last = spans.firstStartingFrom(begin + scale.nsPerPx, 0);
  for (let index = spans.firstEndingAfter(begin); index < last; index++) {
    const state = spans.state[index]!;
    if (state === STATE.gil || state === STATE.lock || state === STATE.blocksLoop) found.add(state);
  }
  return found;
}

test('levels keep the time of each state, however coarse', () => {
  const spans = random(5000, 1000, 5);
  const levels = new SpanLevels(spans);
  const sums = new Float64Array(SLICE_STATES.length);
  spans.addWhole(0, spans.length, sums);
  const count = levels.states.length;
  for (const level of levels.levels)
    levels.states.forEach((state, at) => {
      let time = 0;
      for (let one = at; one < level.shares.length; one += count)
        time += (level.shares[one]! / 255) * level.width;
      // What is there at all is rounded up.
      const buckets = level.shares.length / count;
      assert.ok(time >= sums[state]! * 0.999);
      assert.ok(time - sums[state]! <= (buckets * level.width * 2 * levels.levels.length) / 255);
    });
});
