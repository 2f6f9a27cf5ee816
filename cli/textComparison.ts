/** A comparison as text: the verdict, the findings that came and went, the numbers that changed. */
import { plural, printable } from '../base/format.ts';
import { shown } from '../engine/compare/findings.ts';
import { isSeen } from '../engine/compare/measures.ts';
import { isChanged } from '../engine/compare/thingMeasures.ts';
import {
  ending,
  formatChange,
  formatMeasure,
  noiseSentence,
  VERDICTS,
} from '../engine/compare/words.ts';
import type {
  ComparedRun,
  Comparison,
  FindingChange,
  Measure,
  ThingChange,
} from '../wire/comparison.ts';
import type { Location } from '../wire/report.ts';
import { cut, type Look, type Style } from './terminal.ts';
import { wrap } from './wrap.ts';

const MOST_FINDINGS = 30;
const MOST_THINGS = 20;
const STYLE_OF = {
  better: 'good',
  worse: 'error',
  mixed: 'warning',
  same: 'strong',
} as const satisfies Record<Comparison['verdict'], Style>;

export function textComparison(comparison: Comparison, look: Look): string {
  const { verdict, summary, before, after, notes, findings, measures, things } = comparison;
  const changed = things.filter(isChanged);
  const sections = [
    [
      `${look.paint(STYLE_OF[verdict], VERDICTS[verdict])} ${look.paint('strong', printable(summary))}`.trim(),
      look.paint('dim', runLine('before', before)),
      look.paint('dim', runLine('after ', after)),
      ...notes.map((note) => look.paint('warning', wrap(printable(note), look.columns))),
    ].join('\n'),
    findings
      .slice(0, MOST_FINDINGS)
      .map((one) => findingLines(one, look))
      .join('\n'),
    more(findings.length - MOST_FINDINGS, 'finding'),
    table('The runs', measures, look),
    ...changed.slice(0, MOST_THINGS).map((thing) => thingText(thing, look)),
    more(changed.length - MOST_THINGS, 'change'),
    look.paint('dim', finePrint(comparison, things.length - changed.length, look)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function runLine(when: string, run: ComparedRun): string {
  const parts = [printable(run.title), ending(run), ...run.versions];
  return `${when}  ${parts.join(' · ')}`;
}

const MARKS: Readonly<Record<FindingChange['change'], readonly [Style, string]>> = {
  new: ['error', '+ new   '],
  worse: ['error', '▲ worse '],
  gone: ['good', '− gone  '],
  better: ['good', '▼ better'],
  same: ['dim', '= same  '],
};

function findingLines(change: FindingChange, look: Look): string {
  const finding = shown(change);
  const [style, mark] = MARKS[change.change];
  const [first] = finding.locations;
  const where = [change.before?.locations[0], change.after?.locations[0]]
    .flatMap((one) => (one === undefined ? [] : [place(one)]))
    .filter((text, index, all) => all.indexOf(text) === index);
  const lost = change.lost;
  const about = [
    ...(first === undefined ? [] : [where.join(' → ')]),
    ...(lost === null || lost.change === 'same' ? [] : [`time lost ${numbers(lost)}`]),
  ].join(' · ');
  const head = `${look.paint(style, mark)} ${look.paint(finding.severity, `${finding.severity} ${finding.rule}`)}`;
  const title = wrap(printable(finding.title), look.columns - 11, ' '.repeat(11));
  return [
    `${head}  ${look.paint('dim', about)}`.trimEnd(),
    change.change === 'gone' || change.change === 'same' ? look.paint('dim', title) : title,
  ].join('\n');
}

function thingText(thing: ThingChange, look: Look): string {
  const where = [thing.before, thing.after]
    .flatMap((one) => (one === null ? [] : [place(one)]))
    .filter((text, index, all) => all.indexOf(text) === index)
    .join(' → ');
  const presence = thing.presence === 'both' ? '' : ` (${thing.presence})`;
  const title = `${KINDS[thing.kind]} ${printable(thing.name)}${presence}`;
  return table(title, thing.measures.filter(isSeen), look, where);
}

const KINDS = { loop: 'Event loop', lock: 'Lock', pool: 'Pool', queue: 'Queue' } as const;
const STYLES: Readonly<Record<Measure['change'], Style>> = {
  better: 'good',
  worse: 'error',
  changed: 'info',
  same: 'dim',
};

function table(title: string, measures: readonly Measure[], look: Look, note = ''): string {
  if (measures.length === 0) return '';
  const rows = measures.map((one) => [
    one.title,
    formatMeasure(one.before, one.unit),
    formatMeasure(one.after, one.unit),
    formatChange(one),
  ]);
  const heads = ['', 'before', 'after', ''];
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')}`;
  return [
    `${look.paint('strong', title)}${note === '' ? '' : `  ${look.paint('dim', note)}`}`,
    look.paint('dim', line(heads).trimEnd()),
    ...measures.map((one, index) => {
      const text = cut(line(rows[index] ?? []), look.columns - 9);
      const word = one.change === 'same' ? '' : `  ${one.change}`;
      return look.paint(STYLES[one.change], `${text}${word}`.trimEnd());
    }),
  ].join('\n');
}

function numbers(one: Measure): string {
  return `${formatMeasure(one.before, one.unit)} → ${formatMeasure(one.after, one.unit)}`;
}

function place({ file, line }: Location): string {
  return `${printable(file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1))}:${line}`;
}

function more(count: number, what: string): string {
  return count > 0 ? `… and ${plural(count, `more ${what}`)}: see --format json.` : '';
}

function finePrint({ noise, basis }: Comparison, same: number, look: Look): string {
  const others =
    same > 0
      ? ` ${plural(same, 'loop, lock, pool or queue', 'loops, locks, pools and queues')} did not change.`
      : '';
  return wrap(noiseSentence(noise, basis) + others, look.columns);
}
