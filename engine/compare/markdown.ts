/** The before-and-after report: a comparison as Markdown, for a change request or a notebook. */
import { plural } from '../../base/format.ts';
import type {
  ComparedRun,
  Comparison,
  FindingChange,
  Measure,
  ThingChange,
} from '../../wire/comparison.ts';
import type { Location } from '../../wire/report.ts';
import { code, row, safe, table } from '../markdown.ts';
import { shown } from './findings.ts';
import { isSeen } from './measures.ts';
import { isChanged } from './thingMeasures.ts';
import { ending, formatChange, formatMeasure, noiseSentence, VERDICTS } from './words.ts';

const MOST_FINDINGS = 50;
const MOST_THINGS = 30;

/** Ends with a line break. Text from recordings is escaped: it cannot become a link or markup. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { verdict, summary, before, after, notes, findings, measures, things, noise, basis } =
    comparison;
  const changed = things.filter(isChanged);
  const parts = [
    '# Before and after',
    `**${`${VERDICTS[verdict]} ${safe(summary)}`.trim()}**`,
    [
      table(['', 'before', 'after'], ['left', 'left', 'left']),
      row(['run', safe(before.title), safe(after.title)]),
      row(['command', code(before.command.join(' ')), code(after.command.join(' '))]),
      row(['end', ending(before), ending(after)]),
      row(['interpreter', versions(before), versions(after)]),
      row(['findings', String(before.findings), String(after.findings)]),
    ].join('\n'),
    ...notes.map((note) => `> ${safe(note)}`),
    findings.length > 0 ? '## Findings' : '',
    findings.slice(0, MOST_FINDINGS).map(findingItem).join('\n'),
    measures.length > 0 ? '## The runs' : '',
    measureTable(measures),
    changed.length > 0 ? '## Loops, locks, pools and queues' : '',
    ...changed.slice(0, MOST_THINGS).flatMap(thingParts),
    [
      noiseSentence(noise, basis),
      things.length > changed.length
        ? `${plural(things.length - changed.length, 'loop, lock, pool or queue', 'loops, locks, pools and queues')} did not change.`
        : '',
    ]
      .filter(Boolean)
      .join(' '),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const MARKS: Readonly<Record<FindingChange['change'], string>> = {
  new: '🔴 new',
  worse: '🔺 worse',
  gone: '✅ gone',
  better: '🔽 better',
  same: '▫️ same',
};

function findingItem(change: FindingChange): string {
  const finding = shown(change);
  const title = change.change === 'gone' ? `~~${safe(finding.title)}~~` : safe(finding.title);
  const where = places(change.before?.locations[0], change.after?.locations[0]);
  const lost =
    change.lost === null || change.lost.change === 'same'
      ? ''
      : `; time lost ${formatMeasure(change.lost.before, change.lost.unit)} → ${formatMeasure(change.lost.after, change.lost.unit)}`;
  const head = `- ${MARKS[change.change]} **${finding.severity} ${code(finding.rule)}** ${title}`;
  // Of what is new one wants to know everything at once.
  const detail =
    change.change === 'new' || change.change === 'worse' ? `\n  ${safe(finding.detail)}` : '';
  return `${head}${where === '' ? '' : ` (${where}${lost})`}${detail}`;
}

function thingParts(thing: ThingChange): string[] {
  const presence = thing.presence === 'both' ? '' : `, ${thing.presence}`;
  const where = places(thing.before, thing.after);
  return [
    `### ${safe(thing.name)} (${safe(thing.type)}${presence})${where === '' ? '' : ` ${where}`}`,
    measureTable(thing.measures.filter(isSeen)),
  ];
}

function measureTable(measures: readonly Measure[]): string {
  if (measures.length === 0) return '';
  const rows = measures.map((one) => {
    const word = { better: 'better', worse: '**worse**', changed: 'changed', same: '' }[one.change];
    return row([
      one.title,
      formatMeasure(one.before, one.unit),
      formatMeasure(one.after, one.unit),
      formatChange(one),
      word,
    ]);
  });
  const head = table(
    ['', 'before', 'after', 'change', ''],
    ['left', 'right', 'right', 'right', 'left'],
  );
  return [head, ...rows].join('\n');
}

function places(one: Location | null | undefined, other: Location | null | undefined): string {
  const texts = [one, other].flatMap((place) =>
    place === null || place === undefined
      ? []
      : [code(`${place.file.split(/[\\/]/).at(-1)}:${place.line}`)],
  );
  return [...new Set(texts)].join(' → ');
}

function versions(run: ComparedRun): string {
  return run.versions.map(safe).join(', ') || 'unknown';
}
