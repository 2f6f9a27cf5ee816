/** Counts of tests, and the one line that closes a run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Names of those that failed, where the stage prints them. */
  readonly names?: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    NOTHING,
  );
}

export function told({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The tests of `FAIL` lines, without where they stand in their file. */
export function readFailures(text: string): readonly string[] {
  const found = text.matchAll(/^\s*FAIL (.+)$/gm);
  return [...new Set([...found].map(([, name]) => name!.replace(/:\d+ {2}/, ' ').trim()))];
}

/** Of two runs of a stage: what failed in one of them alone has passed in the other. */
export function better(first: Tally, second: Tally): Tally {
  const { names: before = [] } = first;
  const { names = [] } = second;
  if (second.failed === 0 || names.length === 0 || before.length === 0) return second;
  if (names.some((name) => before.includes(name))) return second;
  return { ...second, passed: second.passed + second.failed, failed: 0 };
}

/** The last such line of a text. */
export function readTally(text: string): Tally | undefined {
  const match = [...text.matchAll(/(\d+) passed, (\d+) failed, (\d+) skipped/g)].at(-1);
  if (match === undefined) return undefined;
  const [, passed, failed, skipped] = match.map(Number);
  return { passed: passed ?? 0, failed: failed ?? 0, skipped: skipped ?? 0 };
}
