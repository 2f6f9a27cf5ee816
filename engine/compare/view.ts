/** A comparison as the compare view shows it: every number worded. */
import type {
  CompareSide,
  CompareView,
  FindingRow,
  FindingSide,
  MeasureRow,
  ThingTable,
} from '../../wire/comparePanel.ts';
import type {
  ComparedRun,
  Comparison,
  FindingChange,
  Measure,
  ThingChange,
} from '../../wire/comparison.ts';
import type { Finding } from '../../wire/report.ts';
import { shown } from './findings.ts';
import { isSeen } from './measures.ts';
import { isChanged } from './thingMeasures.ts';
import { ending, formatChange, formatMeasure, noiseSentence, VERDICTS } from './words.ts';

const MOST_THINGS = 60;
const MOST_LOCATIONS = 4;

export function compareView(comparison: Comparison): CompareView {
  const { verdict, summary, notes, noise, basis, distributions } = comparison;
  return {
    verdict,
    headline: VERDICTS[verdict],
    summary,
    notes,
    noise: noiseSentence(noise, basis),
    before: sideOf(comparison.before),
    after: sideOf(comparison.after),
    findings: comparison.findings.map(findingRow),
    measures: comparison.measures.map(measureRow),
    things: comparison.things
      .filter(({ measures }) => measures.some(isSeen))
      .slice(0, MOST_THINGS)
      .map(thingTable),
    distributions,
  };
}

function sideOf(run: ComparedRun): CompareSide {
  return {
    title: run.title,
    facts: [ending(run), ...run.versions],
    startedAt: run.startedAt,
    command: run.command.join(' '),
  };
}

function findingRow(change: FindingChange): FindingRow {
  const { rule, severity } = shown(change);
  const { lost } = change;
  return {
    change: change.change,
    rule,
    severity,
    before: findingSide(change.before),
    after: findingSide(change.after),
    lost:
      lost === null || lost.change === 'same'
        ? ''
        : `time lost ${formatMeasure(lost.before, lost.unit)} → ${formatMeasure(lost.after, lost.unit)}`,
  };
}

function findingSide(finding: Finding | null): FindingSide | null {
  if (finding === null) return null;
  const { id, title, detail, locations } = finding;
  return { id, title, detail, locations: locations.slice(0, MOST_LOCATIONS) };
}

function measureRow(one: Measure): MeasureRow {
  return {
    title: one.title,
    before: formatMeasure(one.before, one.unit),
    after: formatMeasure(one.after, one.unit),
    delta: formatChange(one),
    change: one.change,
  };
}

const KINDS = { loop: 'Event loop', lock: 'Lock', pool: 'Pool', queue: 'Queue' } as const;

function thingTable(thing: ThingChange): ThingTable {
  const { kind, name, presence, before, after, measures } = thing;
  return {
    title: `${KINDS[kind]} ${name}`,
    presence,
    changed: isChanged(thing),
    before,
    after,
    rows: measures.filter(isSeen).map(measureRow),
  };
}
