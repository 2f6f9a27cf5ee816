/** Two analysed runs in, what got better and what got worse out. */
import {
  COMPARISON_VERSION,
  type ComparedRun,
  type Comparison,
  type FindingChange,
  type Measure,
  type RunFacts,
  type ThingChange,
} from '../../wire/comparison.ts';
import { interpreters } from '../report/interpreters.ts';
import { basisOf } from './basis.ts';
import { countOf, overlaid } from './distributions.ts';
import { compareFindings, shown } from './findings.ts';
import type { Matched } from './match.ts';
import { runMeasures } from './runMeasures.ts';
import {
  byChange,
  compareThings,
  lockMeasures,
  loopMeasures,
  poolMeasures,
  queueMeasures,
} from './thingMeasures.ts';
import { locksOf, loopsOf, poolsOf, queuesOf, type Things } from './things.ts';
import { notesOf, summaryOf } from './words.ts';

/** Of the larger value: what two runs of the same program differ by on a machine that does other things too. */
export const NOISE = 0.25;

export interface CompareOptions {
  /** A share of one, 0.25 when unsaid. */
  readonly noise?: number;
}

/** Costs time in proportion to the rows of the two reports. */
export function compareRuns(
  before: RunFacts,
  after: RunFacts,
  { noise = NOISE }: CompareOptions = {},
): Comparison {
  const basis = basisOf(before.report, after.report, noise);
  const findings = compareFindings(before.report.findings, after.report.findings, basis);
  const loops = compareThings(loopsOf(before), loopsOf(after), loopMeasures(basis));
  const locks = compareThings(locksOf(before), locksOf(after), lockMeasures(basis));
  const pools = compareThings(poolsOf(before), poolsOf(after), poolMeasures(basis));
  const queues = compareThings(queuesOf(before), queuesOf(after), queueMeasures(basis));
  const measures = runMeasures(before, after, basis);
  const things = byChange([
    ...loops.changes,
    ...locks.changes,
    ...pools.changes,
    ...queues.changes,
  ]);
  return {
    version: COMPARISON_VERSION,
    before: runOf(before),
    after: runOf(after),
    verdict: verdictOf(findings, measures, things),
    summary: summaryOf(findings, measures, things),
    notes: notesOf(before, after, basis, measures),
    noise,
    basis: basis.kind,
    findings,
    measures,
    things,
    distributions: [
      ...overlays('lag', 'Loop lag of', loops.matched, (one) => one.waits),
      ...overlays('lockWait', 'Waits for', locks.matched, (one) => one.waits),
      ...overlays('queueWait', 'Time in the queue of', pools.matched, (one) => one.waits),
      ...overlays('run', 'Run time of the items of', pools.matched, (one) => one.runs),
    ].slice(0, MOST_DISTRIBUTIONS),
  };
}

const MOST_DISTRIBUTIONS = 24;
/** A curve drawn from fewer values says nothing. */
const FEWEST_VALUES = 5;

function overlays<Row>(
  kind: Parameters<typeof overlaid>[0],
  of: string,
  { pairs }: Matched<Things<Row>>,
  values: (one: Things<Row>) => Things<Row>['waits'],
) {
  // Counted first: the buckets of two thousand locks are not brought together to be thrown away.
  return pairs
    .map(([one, other]) => {
      const [was, is] = [values(one), values(other)];
      return { name: other.name, was, is, count: countOf(was) + countOf(is) };
    })
    .filter(({ count }) => count >= FEWEST_VALUES)
    .sort((one, other) => other.count - one.count)
    .slice(0, MOST_DISTRIBUTIONS)
    .flatMap(({ name, was, is }) => overlaid(kind, `${of} ${name}`, was, is) ?? []);
}

function runOf({ title, startedAt, report }: RunFacts): ComparedRun {
  return {
    title,
    command: report.command,
    startedAt,
    durationNs: report.durationNs,
    exit: report.exit,
    versions: interpreters(report),
    findings: report.findings.length,
  };
}

/** Hints decide only where nothing else does: a cure of a fault is no worse for a hint that comes with it. */
function verdictOf(
  findings: readonly FindingChange[],
  measures: readonly Measure[],
  things: readonly ThingChange[],
): Comparison['verdict'] {
  const isHint = (one: FindingChange): boolean => shown(one).severity === 'info';
  const first = judged([
    ...findings.filter((one) => !isHint(one)).map(({ change }) => change),
    ...measures.map(({ change }) => change),
    ...things.flatMap((thing) => thing.measures.map(({ change }) => change)),
  ]);
  return first === 'same' ? judged(findings.map(({ change }) => change)) : first;
}

function judged(
  all: readonly (FindingChange['change'] | Measure['change'])[],
): Comparison['verdict'] {
  const better = all.includes('gone') || all.includes('better');
  const worse = all.includes('new') || all.includes('worse');
  if (better && worse) return 'mixed';
  return better ? 'better' : worse ? 'worse' : 'same';
}
