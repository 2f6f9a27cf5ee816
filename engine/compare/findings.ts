/** Findings of two runs: which are gone, which are new, and whether those that stayed cost more or less. */
import type { FindingChange } from '../../wire/comparison.ts';
import type { Finding } from '../../wire/report.ts';
import type { RuleId } from '../../wire/rules.ts';
import { type Basis, sum } from './basis.ts';
import { around, aroundAnywhere, type Key, match } from './match.ts';

/** Stuck is stuck: the time lost says only when somebody ended the program. */
const UNTIL_ENDED: ReadonlySet<RuleId> = new Set(['deadlock', 'hang', 'pool-starvation']);

export function compareFindings(
  before: readonly Finding[],
  after: readonly Finding[],
  basis: Basis,
): readonly FindingChange[] {
  const { pairs, onlyBefore, onlyAfter } = match(before, after, KEYS);
  const changes: FindingChange[] = [
    ...onlyAfter.map((one) => ({ change: 'new', before: null, after: one, lost: null }) as const),
    ...onlyBefore.map((one) => ({ change: 'gone', before: one, after: null, lost: null }) as const),
    ...pairs.map(([one, other]): FindingChange => {
      if (UNTIL_ENDED.has(one.rule))
        return { change: 'same', before: one, after: other, lost: null };
      const lost = sum(
        basis,
        { id: 'lost', title: 'time lost', unit: 'ns', good: 'less', tail: true, least: 50e6 },
        one.lostNs,
        other.lostNs,
      );
      const change = lost.change === 'changed' ? 'same' : lost.change;
      return { change, before: one, after: other, lost };
    }),
  ];
  return changes.sort(
    (one, other) =>
      ORDER[one.change] - ORDER[other.change] ||
      SEVERITY[shown(one).severity] - SEVERITY[shown(other).severity] ||
      shown(other).lostNs - shown(one).lostNs,
  );
}

const ORDER = { new: 0, worse: 1, gone: 2, better: 3, same: 4 } as const;
const SEVERITY = { error: 0, warning: 1, info: 2 } as const;

export function shown({ before, after }: FindingChange): Finding {
  const one = after ?? before;
  if (one === null) throw new Error('a change of no finding');
  return one;
}

/** Ids hold numbers of processes and objects, which another run gives to others: they tell nothing here. */
const KEYS: readonly Key<Finding>[] = [
  (one) => `${one.rule} ${around(one.locations[0])} ${subject(one)}`,
  (one) => (one.locations.length === 0 ? undefined : `${one.rule} ${around(one.locations[0])}`),
  (one) => `${one.rule} ${subject(one)}`,
  (one) => {
    const inside = aroundAnywhere(one.locations[0]);
    // The body of a module is no function: two files have little in common by both having one.
    return inside === undefined || inside.startsWith('<') ? undefined : `${one.rule} ${inside}`;
  },
];

/** The title without its numbers: "SafeCounter._lock is held long: others lost # to it". */
function subject({ title }: Finding): string {
  return title.replace(/\d[\d\u202f.,]*\s?(?:ns|µs|ms|s|%|×)?/g, '#');
}
