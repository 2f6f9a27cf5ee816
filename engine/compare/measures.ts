/** One number of two runs: how much it changed, whether that is more than noise, and whether it is good. */
import type { Measure, MeasureChange } from '../../wire/comparison.ts';

/** What people would shrug at, whatever the share: a change up to this is noise. */
const LEAST = { ns: 5e6, share: 0.1, count: 2, rate: 5e6, countRate: 2 } as const;
/** Percentiles high up rest on few values and buckets 9 % wide; CPU time and the GIL depend on who else runs. */
export const TAIL = 2;

/** The longest of all is a single value: two equal runs differ in it by this. */
export const EXTREME_NS = 100e6;

export interface Meaning {
  readonly id: string;
  readonly title: string;
  readonly unit: Measure['unit'];
  /** `neither`: how much work there was, how busy somebody is. */
  readonly good: 'less' | 'more' | 'neither';
  /** Spreads more than others from run to run: gets TAIL times the noise. */
  readonly tail?: boolean;
  /** Instead of the unit's: a change up to this is noise. */
  readonly least?: number;
}

export type Value = number | null | undefined;

/** @param noise share of the larger value that is noise. */
export function measure(meaning: Meaning, before: Value, after: Value, noise: number): Measure {
  const { id, title, unit, least, tail } = meaning;
  const one = before ?? null;
  const other = after ?? null;
  const share = noise * (tail === true ? TAIL : 1);
  const allowed = Math.max(
    least ?? LEAST[unit],
    // Shares of one are compared in points, not by their own share: 4 % and 6 % are both "hardly busy".
    unit === 'share' ? 0 : share * Math.max(Math.abs(one ?? 0), Math.abs(other ?? 0)),
  );
  return {
    id,
    title,
    unit,
    before: one,
    after: other,
    change: changeOf(meaning.good, one, other, allowed),
    noise: allowed,
  };
}

function changeOf(
  good: Meaning['good'],
  before: number | null,
  after: number | null,
  noise: number,
): MeasureChange {
  if (before === null || after === null || Math.abs(after - before) <= noise) return 'same';
  if (good === 'neither') return 'changed';
  return after < before === (good === 'less') ? 'better' : 'worse';
}

/** Of the larger value, between 0 and 1: by this the most telling change is found. */
export function weightOf({ before, after, change }: Measure): number {
  if (change === 'same' || before === null || after === null) return 0;
  const most = Math.max(Math.abs(before), Math.abs(after));
  return most === 0 ? 0 : Math.abs(after - before) / most;
}

/** There is something to show on one side at least. */
export function isSeen({ before, after }: Measure): boolean {
  return (before ?? 0) !== 0 || (after ?? 0) !== 0;
}
