/** Distributions of two runs over each other: added up, read off, and brought to the same buckets as shares. */
import {
  type ComparedDistribution,
  type Distribution,
  PER_DOUBLING,
} from '../../wire/comparison.ts';

/** So many bars can be told apart beside each other; finer ones are added up. */
const MOST_BARS = 40;
const EMPTY: Distribution = { first: 0, counts: [] };

export function addUp(parts: readonly Distribution[]): Distribution {
  const filled = parts.filter(({ counts }) => counts.length > 0);
  if (filled.length <= 1) return filled[0] ?? EMPTY;
  const first = Math.min(...filled.map((one) => one.first));
  const end = Math.max(...filled.map((one) => one.first + one.counts.length));
  const counts = new Array<number>(end - first).fill(0);
  for (const one of filled) {
    for (const [index, count] of one.counts.entries()) counts[one.first - first + index]! += count;
  }
  return { first, counts };
}

export function countOf({ counts }: Distribution): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The value below which `share` of the values lie, ns, within 9 %; null without values. */
export function percentile(distribution: Distribution, share: number, max: number): number | null {
  const wanted = share * countOf(distribution);
  if (wanted === 0) return null;
  let seen = 0;
  for (const [index, count] of distribution.counts.entries()) {
    seen += count;
    if (seen >= wanted)
      return Math.min(2 ** ((distribution.first + index + 0.5) / PER_DOUBLING), max);
  }
  return max;
}

/** Undefined when neither run has values. */
export function overlaid(
  kind: ComparedDistribution['kind'],
  title: string,
  before: Distribution,
  after: Distribution,
): ComparedDistribution | undefined {
  const both = addUp([before, after]);
  if (both.counts.length === 0) return undefined;
  let step = 1;
  while (both.counts.length / step > MOST_BARS) step *= 2;
  // Edges at multiples of the step, so that two comparisons of one program have the same ones.
  const first = Math.floor(both.first / step);
  const end = Math.ceil((both.first + both.counts.length) / step);
  const edges = Array.from(
    { length: end - first + 1 },
    (_, index) => 2 ** (((first + index) * step) / PER_DOUBLING),
  );
  return {
    kind,
    title,
    edges,
    before: shares(before, first, end, step),
    after: shares(after, first, end, step),
    beforeCount: countOf(before),
    afterCount: countOf(after),
  };
}

function shares(distribution: Distribution, first: number, end: number, step: number): number[] {
  const sums = new Array<number>(end - first).fill(0);
  const all = countOf(distribution);
  if (all === 0) return sums;
  for (const [index, count] of distribution.counts.entries())
    sums[Math.floor((distribution.first + index) / step) - first]! += count / all;
  return sums;
}
