/** Finds in one run what corresponds to a thing of another, though lines have moved and files were renamed. */
import type { Location } from '../../wire/report.ts';

export interface Matched<T> {
  readonly pairs: readonly (readonly [T, T])[];
  readonly onlyBefore: readonly T[];
  readonly onlyAfter: readonly T[];
}

/** What two things have in common when they are the same; undefined when this view cannot tell. */
export type Key<T> = (one: T) => string | undefined;

/**
 * Goes through the keys from the strictest to the loosest; what has found its partner is not asked again. Several of
 * one key are paired in the order in which they come.
 */
export function match<T>(
  before: readonly T[],
  after: readonly T[],
  keys: readonly Key<T>[],
): Matched<T> {
  const pairs: (readonly [T, T])[] = [];
  let onlyBefore = before;
  let onlyAfter = after;
  for (const key of keys) {
    const waiting = new Map<string, T[]>();
    const unmatched: T[] = [];
    for (const one of onlyAfter) {
      const text = key(one);
      if (text === undefined) unmatched.push(one);
      else waiting.set(text, [...(waiting.get(text) ?? []), one]);
    }
    onlyBefore = onlyBefore.filter((one) => {
      const text = key(one);
      const partner = text === undefined ? undefined : waiting.get(text)?.shift();
      if (partner !== undefined) pairs.push([one, partner]);
      return partner === undefined;
    });
    const left = new Set([...unmatched, ...[...waiting.values()].flat()]);
    onlyAfter = onlyAfter.filter((one) => left.has(one));
  }
  return { pairs, onlyBefore, onlyAfter };
}

/** The function around a place: it keeps its name when lines are put in above it. */
export function around(place: Location | null | undefined): string | undefined {
  return place === null || place === undefined ? undefined : `${place.file} ${inside(place)}`;
}

/** The same in a file that was moved or renamed: `before.py` and `after.py` of one program. */
export function aroundAnywhere(place: Location | null | undefined): string | undefined {
  return place?.function === undefined || place.function === '' ? undefined : inside(place);
}

function inside({ function: name = '' }: Location): string {
  return name.replaceAll('<locals>.', '');
}
