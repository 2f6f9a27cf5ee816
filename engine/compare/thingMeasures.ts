/** The numbers of loops, locks, pools and queues that a comparison shows, and what each means. */
import type { Measure, ThingChange } from '../../wire/comparison.ts';
import type { LockRow, LoopRow, PoolRow, QueueRow } from '../../wire/report.ts';
import { type Basis, sum } from './basis.ts';
import { percentile } from './distributions.ts';
import { type Matched, match } from './match.ts';
import { EXTREME_NS, isSeen, measure, type Value, weightOf } from './measures.ts';
import { type Things, thingKeys } from './things.ts';

type Pair<Row> = (one?: Things<Row>, other?: Things<Row>) => readonly Measure[];

export function compareThings<Row>(
  before: readonly Things<Row>[],
  after: readonly Things<Row>[],
  measures: Pair<Row>,
): { readonly changes: readonly ThingChange[]; readonly matched: Matched<Things<Row>> } {
  const matched = match(before, after, thingKeys<Row>());
  const change = (one?: Things<Row>, other?: Things<Row>): ThingChange => {
    // Names are read from the source: the later one is of the source as it is now.
    const named = other ?? one!;
    return {
      kind: named.kind,
      name: named.name,
      type: named.type,
      presence: one === undefined ? 'new' : other === undefined ? 'gone' : 'both',
      before: one?.created ?? null,
      after: other?.created ?? null,
      measures: measures(one, other),
    };
  };
  const changes = [
    ...matched.pairs.map(([one, other]) => change(one, other)),
    ...matched.onlyBefore.map((one) => change(one)),
    ...matched.onlyAfter.map((other) => change(undefined, other)),
  ];
  return { changes, matched };
}

/** It came, went, or one of its numbers is another, and there is a number to show. */
export function isChanged({ presence, measures }: ThingChange): boolean {
  const changed = presence !== 'both' || measures.some(({ change }) => change !== 'same');
  return changed && measures.some(isSeen);
}

/** Those that changed most first. */
export function byChange(changes: readonly ThingChange[]): ThingChange[] {
  const weight = ({ measures, presence }: ThingChange): number =>
    Math.max(0, ...measures.filter(({ change }) => change !== 'changed').map(weightOf)) * 2 +
    Math.max(0, ...measures.map(weightOf)) +
    (presence === 'both' ? 0 : 0.5);
  return changes
    .map((one) => ({ one, weight: weight(one) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ one }) => one);
}

export function loopMeasures(basis: Basis): Pair<LoopRow> {
  return (one, other) => {
    const lag = (share: number) => (side?: Things<LoopRow>) =>
      side &&
      percentile(
        side.waits,
        share,
        most(side, (row) => row.lag.max),
      );
    const both = <T>(of: (side?: Things<LoopRow>) => T): [T, T] => [of(one), of(other)];
    const { noise } = basis;
    const late = { unit: 'ns', good: 'less', tail: true } as const;
    return [
      measure({ ...late, id: 'lagP50', title: 'lag p50' }, ...both(lag(0.5)), noise),
      measure({ ...late, id: 'lagP99', title: 'lag p99', least: 10e6 }, ...both(lag(0.99)), noise),
      measure(
        { ...late, id: 'lagMax', title: 'lag max', least: EXTREME_NS },
        ...both((side) => side && most(side, (row) => row.lag.max)),
        noise,
      ),
      sum(
        basis,
        { id: 'longSteps', title: 'long steps', unit: 'count', good: 'less', least: 0 },
        ...both((side) => side && total(side, (row) => row.longSteps)),
      ),
      measure(
        { ...late, id: 'longestStep', title: 'longest step', least: EXTREME_NS },
        ...both((side) => side && most(side, (row) => row.longestStepNs)),
        noise,
      ),
      measure(
        { id: 'busy', title: 'busy', unit: 'share', good: 'neither' },
        ...both((side) => side && mean(side, (row) => row.utilization)),
        noise,
      ),
    ];
  };
}

function stillWaiting(side: Things<LockRow>): Value {
  return most(side, (row) => row.waiters.length);
}

export function lockMeasures(basis: Basis): Pair<LockRow> {
  return (one, other) => {
    const both = (of: (side: Things<LockRow>) => Value): [Value, Value] => [
      one && of(one),
      other && of(other),
    ];
    return [
      sum(
        basis,
        { id: 'waited', title: 'waited', unit: 'ns', good: 'less', least: 20e6 },
        ...both((side) => total(side, (row) => row.waitNs)),
      ),
      sum(
        basis,
        { id: 'contended', title: 'contended', unit: 'count', good: 'less', least: 10, tail: true },
        ...both((side) => total(side, (row) => row.contended)),
      ),
      measure(
        {
          id: 'longestWait',
          title: 'longest wait',
          unit: 'ns',
          // Where both runs were ended while somebody waited, only how soon that was has changed.
          good: both(stillWaiting).every((count) => (count ?? 0) > 0) ? 'neither' : 'less',
          tail: true,
          least: EXTREME_NS,
        },
        ...both((side) => most(side, (row) => row.longestWaitNs)),
        basis.noise,
      ),
      sum(
        basis,
        { id: 'held', title: 'held', unit: 'ns', good: 'neither', least: 20e6 },
        ...both((side) => total(side, (row) => row.holdNs)),
      ),
      sum(
        basis,
        { id: 'acquired', title: 'acquired', unit: 'count', good: 'neither' },
        ...both((side) => total(side, (row) => row.acquired ?? 0)),
      ),
    ];
  };
}

export function poolMeasures(basis: Basis): Pair<PoolRow> {
  return (one, other) => {
    const both = (of: (side: Things<PoolRow>) => Value): [Value, Value] => [
      one && of(one),
      other && of(other),
    ];
    const { noise } = basis;
    return [
      measure(
        { id: 'workers', title: 'workers', unit: 'count', good: 'neither', least: 0 },
        ...both((side) => most(side, (row) => row.workers)),
        0,
      ),
      measure(
        { id: 'busy', title: 'busy', unit: 'share', good: 'neither' },
        ...both((side) => mean(side, (row) => row.utilization)),
        noise,
      ),
      measure(
        { id: 'queuedP90', title: 'queued p90', unit: 'ns', good: 'less', tail: true, least: 10e6 },
        ...both((side) =>
          percentile(
            side.waits,
            0.9,
            most(side, (row) => row.queueWait.max),
          ),
        ),
        noise,
      ),
      measure(
        { id: 'runsP50', title: 'runs p50', unit: 'ns', good: 'less', tail: true },
        ...both((side) =>
          percentile(
            side.runs,
            0.5,
            most(side, (row) => row.run.max),
          ),
        ),
        noise,
      ),
      sum(
        basis,
        { id: 'failed', title: 'failed', unit: 'count', good: 'less', least: 0 },
        ...both((side) => total(side, (row) => row.failed)),
      ),
      sum(
        basis,
        { id: 'finished', title: 'finished', unit: 'count', good: 'neither' },
        ...both((side) => total(side, (row) => row.finished)),
      ),
    ];
  };
}

export function queueMeasures(basis: Basis): Pair<QueueRow> {
  return (one, other) => {
    const both = (of: (side: Things<QueueRow>) => Value): [Value, Value] => [
      one && of(one),
      other && of(other),
    ];
    // A bounded queue that is full does its work.
    const bounded = [one, other].every((side) => side?.rows.every(({ capacity }) => capacity > 0));
    return [
      measure(
        {
          ...{ id: 'deepest', title: 'deepest', unit: 'count', tail: true, least: 10 },
          good: bounded ? 'neither' : 'less',
        },
        ...both((side) => most(side, (row) => row.maxDepth)),
        basis.noise,
      ),
      measure(
        { id: 'leftOver', title: 'left over', unit: 'count', good: 'less', least: 10, tail: true },
        ...both((side) => total(side, (row) => row.lastDepth)),
        basis.noise,
      ),
      sum(
        basis,
        { id: 'puts', title: 'puts', unit: 'count', good: 'neither' },
        ...both((side) => total(side, (row) => row.puts ?? 0)),
      ),
    ];
  };
}

function total<Row>({ rows }: Things<Row>, of: (row: Row) => number): number {
  return rows.reduce((all, row) => all + of(row), 0);
}

function most<Row>({ rows }: Things<Row>, of: (row: Row) => number): number {
  return rows.reduce((all, row) => Math.max(all, of(row)), 0);
}

function mean<Row>(side: Things<Row>, of: (row: Row) => number): number {
  return total(side, of) / Math.max(1, side.rows.length);
}
