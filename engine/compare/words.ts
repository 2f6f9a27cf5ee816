/** What a comparison comes to in a line, and the reasons to doubt it. */
import { assertNever } from '../../base/assert.ts';
import { formatCount, formatDuration, formatShare, plural } from '../../base/format.ts';
import type {
  ComparedRun,
  Comparison,
  FindingChange,
  Measure,
  RunFacts,
  ThingChange,
} from '../../wire/comparison.ts';
import type { Report } from '../../wire/report.ts';
import { interpreters } from '../report/interpreters.ts';
import type { Basis } from './basis.ts';
import { shown } from './findings.ts';
import { TAIL, weightOf } from './measures.ts';

const MOST_MEASURES = 2;

/** Before the summary. */
export const VERDICTS = {
  better: 'Better.',
  worse: 'Worse.',
  mixed: 'Better and worse.',
  same: '',
} as const satisfies Record<Comparison['verdict'], string>;

export function summaryOf(
  findings: readonly FindingChange[],
  measures: readonly Measure[],
  things: readonly ThingChange[],
): string {
  const sentences = [
    counted(findings, 'gone', 'is gone', 'are gone'),
    counted(findings, 'new', 'is new', 'are new'),
    counted(findings, 'worse', 'costs more', 'cost more'),
    counted(findings, 'better', 'costs less', 'cost less'),
    ...telling(measures, things),
  ].filter((sentence) => sentence !== '');
  if (sentences.length > 0) return `${sentences.join('. ')}.`;
  const changed = [...measures, ...things.flatMap((thing) => thing.measures)].some(
    ({ change }) => change === 'changed',
  );
  return changed
    ? 'Nothing got better or worse beyond the noise, though not all is the same.'
    : 'No difference beyond the noise.';
}

function counted(
  findings: readonly FindingChange[],
  change: FindingChange['change'],
  one: string,
  many: string,
): string {
  const of = findings.filter((each) => each.change === change);
  if (of.length === 0) return '';
  const rules = [...new Set(of.map((each) => shown(each).rule))].join(', ');
  return `${plural(of.length, 'finding')} ${of.length === 1 ? one : many} (${rules})`;
}

/** The largest changes for better or worse: of the whole run, else of one of its things. */
function telling(measures: readonly Measure[], things: readonly ThingChange[]): string[] {
  const judged = (one: Measure): boolean => one.change === 'better' || one.change === 'worse';
  const whole = measures.filter(judged).sort((one, other) => weightOf(other) - weightOf(one));
  if (whole.length > 0) {
    return whole.slice(0, MOST_MEASURES).map((one) => capital(`${one.title} ${arrow(one)}`));
  }
  return things
    .flatMap(({ name, measures: of }) =>
      of.filter(judged).map((one) => ({ name, one, weight: weightOf(one) })),
    )
    .sort((one, other) => other.weight - one.weight)
    .slice(0, 1)
    .map(({ name, one }) => `${name} ${one.title} ${arrow(one)}`);
}

/** `412 ms → 3.1 ms`. */
export function arrow({ before, after, unit }: Measure): string {
  return `${formatMeasure(before, unit)} → ${formatMeasure(after, unit)}`;
}

export function formatMeasure(value: number | null, unit: Measure['unit']): string {
  if (value === null) return '–';
  switch (unit) {
    case 'ns':
      return value === 0 ? '0' : formatDuration(value);
    case 'rate':
      return value === 0 ? '0' : `${formatDuration(value)}/s`;
    case 'share':
      return formatShare(value);
    case 'count':
      return formatCount(value);
    case 'countRate':
      return value === 0
        ? '0'
        : `${value >= 10 ? formatCount(value) : Number(value.toPrecision(2))} /s`;
    default:
      return assertNever(unit);
  }
}

/** `−80 %`, `÷430`, `×14`, `+3`: how much it changed, short; nothing where that would say nothing. */
export function formatChange({ before, after, unit, change }: Measure): string {
  if (before === null || after === null || before === after) return '';
  const by = after - before;
  const sign = by < 0 ? '−' : '+';
  if (unit === 'share') return `${sign}${Math.round(Math.abs(by) * 100)} points`;
  if (before === 0 || (unit === 'count' && Math.max(before, after) < 10)) {
    return `${sign}${formatMeasure(Math.abs(by), unit)}`;
  }
  const times = after / before;
  if (times >= 3) return `×${times >= 10 ? Math.round(times) : Number(times.toPrecision(2))}`;
  if (after !== 0 && before / after >= 20) return `÷${Math.round(before / after)}`;
  const percent = Math.round(Math.abs(by / before) * 100);
  return percent === 0 && change === 'same' ? '' : `${sign}${percent} %`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Sentences: why the two may not be comparable. */
export function notesOf(
  before: RunFacts,
  after: RunFacts,
  basis: Basis,
  measures: readonly Measure[],
): readonly string[] {
  const [one, other] = [before.report, after.report];
  const work = measures.filter(
    ({ id, change }) => change === 'changed' && (id === 'tasks' || id === 'items'),
  );
  return [
    basis.kind === 'perSecond'
      ? `${endedFromOutside(one, other)} from outside: times and counts are compared per second of run.`
      : '',
    versions(one) === versions(other) || versions(one) === '' || versions(other) === ''
      ? ''
      : `They ran on different interpreters: ${versions(one)} before, ${versions(other)} after.`,
    before.cores === after.cores
      ? ''
      : `They ran on different machines: ${plural(before.cores, 'core')} before, ${plural(after.cores, 'core')} after.`,
    program(one) === program(other)
      ? ''
      : `They are different programs: ${program(one)} before, ${program(other)} after.`,
    work.length === 0
      ? ''
      : `They did not do the same work: ${work.map((each) => `${each.title} ${arrow(each)}`).join(', ')}.`,
    one.probe.dropped > 0 || other.probe.dropped > 0
      ? `Records were lost (${formatCount(one.probe.dropped)} before, ${formatCount(other.probe.dropped)} after): what is missing cannot be compared.`
      : '',
  ].filter((sentence) => sentence !== '');
}

function endedFromOutside(before: Report, after: Report): string {
  const ended = ({ exit }: Report): boolean => exit.reason !== 'exited' || exit.code === null;
  if (ended(before) && ended(after)) return 'Both runs were ended';
  return ended(before) ? 'The run before was ended' : 'The run after was ended';
}

function versions(report: Report): string {
  return interpreters(report).join(', ');
}

/** Without its interpreter and its folder: those are no other program. */
function program({ command }: Report): string {
  const words = command.map((word) => word.split(/[\\/]/).at(-1) ?? word);
  return words
    .slice(/^(?:python|pypy|node)[\d.]*(?:\.exe)?$/i.test(words[0] ?? '') ? 1 : 0)
    .join(' ');
}

/** `ended after 1.2 s with exit status 0`. */
export function ending({ exit, durationNs }: ComparedRun): string {
  const after = `after ${formatDuration(durationNs)}`;
  switch (exit.reason) {
    case 'timeout':
      return `stopped ${after}, when its time was up`;
    case 'deadlock':
      return `stopped ${after}, because it was deadlocked`;
    case 'stopped':
      return `stopped ${after} by hand${exit.code === null ? '' : `, with exit status ${exit.code}`}`;
    case 'signal':
      return `killed ${after} by ${exit.signal ?? 'a signal'}`;
    case 'exited':
      return `ended ${after} with exit status ${exit.code ?? 'unknown'}`;
    default:
      return assertNever(exit.reason);
  }
}

/** What counts as noise, for the small print. */
export function noiseSentence(noise: number, basis: Basis['kind']): string {
  const rate = basis === 'perSecond' ? ' “/s” is per second of run.' : '';
  return `Changes of less than ${formatShare(noise)} (p90, p99, max, CPU time and the GIL: ${formatShare(Math.min(1, noise * TAIL))}) or of a few milliseconds count as noise.${rate}`;
}
