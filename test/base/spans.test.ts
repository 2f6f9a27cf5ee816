/** The span tree against plain sums, for random spans, windows and replacements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SpanColumns, Spans } from '../../base/spans.ts';

const KINDS = 4;

interface Plain {
  readonly start: number;
  readonly end: number;
  readonly state: number;
}

function columnsOf(plain: readonly Plain[]): SpanColumns {
  return {
    start: Float64Array.from(plain, (one) => one.start),
    end: Float64Array.from(plain, (one) => one.end),
    state: Uint8Array.from(plain, (one) => one.state),
    label: new Uint32Array(plain.length),
    mark: new Uint8Array(plain.length),
  };
}

/** Lengths and gaps make sorted, disjoint spans. */
const pieces = fc.array(
  fc.record({ gap: fc.nat(5), length: fc.integer({ min: 1, max: 9 }), state: fc.nat(KINDS - 1) }),
  { maxLength: 120 },
);

function laid(parts: readonly { gap: number; length: number; state: number }[], from = 0): Plain[] {
  let at = from;
  return parts.map(({ gap, length, state }) => {
    const start = at + gap;
    at = start + length;
    return { start, end: at, state };
  });
}

function plainTime(plain: readonly Plain[], from: number, to: number): number[] {
  const sums = new Array<number>(KINDS).fill(0);
  for (const one of plain)
    sums[one.state]! += Math.max(0, Math.min(one.end, to) - Math.max(one.start, from));
  return sums;
}

test('time by kind of any window is what adding up says, after appends and replacements', () => {
  fc.assert(
    fc.property(
      pieces,
      pieces,
      fc.nat(120),
      fc.nat(1500),
      fc.nat(1500),
      (first, second, keep, one, other) => {
        const before = laid(first);
        const spans = new Spans(KINDS);
        spans.replace(0, columnsOf(before), 0, before.length);
        const kept = before.slice(0, keep);
        const after = [...kept, ...laid(second, kept.at(-1)?.end ?? 0)];
        spans.replace(keep, columnsOf(after), kept.length, after.length - kept.length);
        assert.equal(spans.length, after.length);
        const from = Math.min(one, other);
        const to = Math.max(one, other);
        const sums = new Float64Array(KINDS);
        spans.addTime(from, to, sums);
        assert.deepEqual([...sums], plainTime(after, from, to));
      },
    ),
  );
});

test('positions are found as by looking at all', () => {
  fc.assert(
    fc.property(pieces, fc.nat(1500), fc.nat(130), (parts, at, from) => {
      const plain = laid(parts);
      const spans = new Spans(KINDS);
      spans.replace(0, columnsOf(plain), 0, plain.length);
      assert.equal(
        spans.indexAt(at),
        plain.findLastIndex((one) => one.start <= at),
      );
      const ending = plain.findIndex((one) => one.end > at);
      assert.equal(spans.firstEndingAfter(at), ending < 0 ? plain.length : ending);
      const begin = Math.min(from, plain.length);
      const starting = plain.findIndex((one, index) => index >= begin && one.start >= at);
      assert.equal(spans.firstStartingFrom(at, begin), starting < 0 ? plain.length : starting);
    }),
  );
});
