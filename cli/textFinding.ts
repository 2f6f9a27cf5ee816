/** One finding as text: its sentence, the cycle it is about, and the source line to go to. */
import { formatDuration, printable } from '../base/format.ts';
import type { SourceLine } from '../record/sourceLines.ts';
import type { Finding, Location, WaitEdge } from '../wire/report.ts';
import { chainsOf } from '../wire/waitChains.ts';
import { cut, type Look } from './terminal.ts';
import { wrap } from './wrap.ts';

const MOST_LOCATIONS = 6;
const MOST_EDGES = 12;

/** `durationNs`: of the whole run, for how long a wait has lasted. */
export function findingText(
  finding: Finding,
  durationNs: number,
  look: Look,
  source: SourceLine,
): string {
  const { edges = [], cyclic = false } = finding.evidence;
  const lines = [
    `${look.paint(finding.severity, `${finding.severity} ${finding.rule}`)}  ${look.paint('strong', printable(finding.title))}`,
    wrap(printable(finding.detail), look.columns, '  '),
  ];
  if (edges.length > 0) lines.push('', ...drawing(edges, cyclic, durationNs, look, source));
  // The drawing shows its lines; what it does not show comes after it.
  const drawn = new Set(
    edges.flatMap((edge) => [key(edge.waiterLocation), key(edge.ownerLocation)]),
  );
  const rest = finding.locations.filter((location) => !drawn.has(key(location)));
  if (rest.length > 0) lines.push('', ...places(rest, look, source));
  return lines.join('\n');
}

/**
 * Each waiter, an arrow to who could help it, and back to the first:
 *
 *     ┌─▶ ledger_1
 *     │     │ waits for accounts_lock        transfer.py:14  with accounts_lock:
 *     │     │ which ledger_2 took            transfer.py:20  with accounts_lock:
 *     │     ▼
 *     │   ledger_2 …
 *     └─────┘
 *
 * Of a hang the rows that end with nobody, one below the other.
 */
function drawing(
  edges: readonly WaitEdge[],
  cyclic: boolean,
  durationNs: number,
  look: Look,
  source: SourceLine,
): string[] {
  const chains = chainsOf(edges.slice(0, MOST_EDGES), cyclic);
  const shown = chains.flat();
  const ends = new Set(chains.map((chain) => chain.at(-1)));
  const rows = shown.flatMap((edge, index) => {
    const wait = `waits for ${printable(edge.resource)}`;
    const lasts = edge.sinceNs > 0 ? durationNs - edge.sinceNs : 0;
    const since = lasts > 0 ? ` for ${formatDuration(lasts)}` : '';
    const owner = printable(edge.owner);
    const held =
      edge.heldSinceNs === undefined
        ? ''
        : `, held for ${formatDuration(durationNs - edge.heldSinceNs)}`;
    const last = ends.has(edge);
    return [
      { name: printable(edge.waiter), text: '', location: undefined },
      { name: '', text: `│ ${wait}${since}`, location: edge.waiterLocation },
      ...(edge.ownerLocation === undefined
        ? []
        : [{ name: '', text: `│ taken by ${owner}${held}`, location: edge.ownerLocation }]),
      ...(cyclic && last ? [] : [{ name: '', text: '▼', location: undefined }]),
      ...(!cyclic && last ? [{ name: owner, text: '', location: undefined }] : []),
      ...(last && index < shown.length - 1 ? [{ name: '', text: '', location: undefined }] : []),
    ];
  });
  if (edges.length > MOST_EDGES) {
    rows.push({ name: `… ${edges.length - MOST_EDGES} more`, text: '', location: undefined });
  }
  const names = new Set(shown.map((edge) => edge.waiter));
  // What stands beside a place leaves it room; what stands alone has the line.
  const placed = rows.filter((row) => row.location !== undefined);
  const width = Math.min(
    Math.max(52, look.columns - 44),
    Math.max(...placed.map((row) => 2 + row.text.length), 0),
  );
  const lines = rows.map((row, index) => {
    const rail = cyclic ? (index === 0 ? '┌─▶ ' : '│   ') : '    ';
    const body =
      row.name === ''
        ? `  ${cut(row.text, row.location === undefined ? look.columns - 8 : width - 2)}`
        : look.paint('strong', row.name);
    const place = row.location === undefined ? '' : quoted(row.location, look, source, width + 8);
    const pad = place === '' ? '' : ' '.repeat(Math.max(0, width - 2 - row.text.length) + 2);
    return `  ${rail}${body}${pad}${place}`.trimEnd();
  });
  return cyclic && names.size > 0 ? [...lines, '  └─────┘'] : lines;
}

/** `transfer.py:14  with accounts_lock:`, cut to what is left of the line. */
function quoted(location: Location, look: Look, source: SourceLine, taken: number): string {
  const place = `${baseName(location.file)}:${location.line}`;
  // There is little room: a comment at the end of the line is the first to go.
  const text = (source(location.file, location.line) ?? '').replace(/ {2}#.*$/, '').trim();
  const room = look.columns - taken - place.length - 4;
  return (
    look.paint('info', place) + (text === '' || room < 8 ? '' : `  ${cut(printable(text), room)}`)
  );
}

/** The first with its surroundings, the others with their line. */
function places(locations: readonly Location[], look: Look, source: SourceLine): string[] {
  const lines: string[] = [];
  for (const [index, location] of locations.slice(0, MOST_LOCATIONS).entries()) {
    const where = look.paint('info', `${printable(location.file)}:${location.line}`);
    const label = location.label === '' ? '' : `  ${printable(location.label)}`;
    lines.push(`  ${where}${label}`);
    const around = index === 0 ? 1 : 0;
    for (let line = location.line - around; line <= location.line + around; line++) {
      const text = line < 1 ? undefined : source(location.file, line);
      if (text === undefined) continue;
      const mark = line === location.line ? '>' : ' ';
      const quote = `  ${mark} ${String(line).padStart(5)} │ ${printable(text.replaceAll('\t', '    '))}`;
      const shown = cut(quote.trimEnd(), look.columns);
      lines.push(line === location.line ? shown : look.paint('dim', shown));
    }
  }
  if (locations.length > MOST_LOCATIONS) {
    lines.push(`  … and ${locations.length - MOST_LOCATIONS} more places`);
  }
  return lines;
}

function key(location: Location | undefined): string {
  return location === undefined ? '' : `${location.file}:${location.line}`;
}

function baseName(path: string): string {
  return printable(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
}
