/** What a run measured, line by line of the source: the text of the lenses and the evidence beside the lints. */
import { formatCount, formatDuration, formatShare, plural } from '../base/format.ts';
import type {
  Finding,
  Location,
  LockRow,
  LoopRow,
  PoolRow,
  QueueRow,
  Report,
} from '../wire/report.ts';
import type { LineMeasure } from '../wire/worker.ts';

/** Most of what a report says of one file fits; more lenses than that would hide the source. */
const MOST = 500;

/** Worst first; several measures of one line stay several, several objects that one line made are told of together. */
export function measureLines(report: Report): readonly LineMeasure[] {
  const { findings, loops } = report;
  const contended = report.locks.filter((lock) => lock.contended > 0 && !lock.internal);
  const filled = report.queues.filter((queue) => queue.maxDepth > 0);
  const slow = findings.some((finding) => finding.rule === 'loop-blocked')
    ? []
    : loops.filter((loop) => loop.longSteps > 0);
  return [
    ...findings.flatMap(ofFinding),
    ...byLine('lock', contended, created, ofLocks),
    ...byLine('pool', report.pools, created, ofPools),
    ...byLine('queue', filled, created, ofQueues),
    ...byLine('loop', slow, (loop) => loop.longestStep, ofLoops),
  ].slice(0, MOST);
}

function ofFinding(finding: Finding): LineMeasure[] {
  const [first] = finding.locations;
  if (first === undefined) return [];
  const kind = finding.rule === 'loop-blocked' ? 'loop' : 'finding';
  const times = formatCount(finding.spans.length);
  const text =
    kind === 'loop'
      ? `blocked the loop ${times}×, ${formatDuration(finding.lostNs)}`
      : finding.title;
  const { severity, id } = finding;
  return [{ file: first.file, line: first.line, kind, text, severity, finding: id }];
}

function ofLocks(locks: readonly LockRow[]): string {
  const waited = formatDuration(sum(locks, (lock) => lock.waitNs));
  const contended = formatCount(sum(locks, (lock) => lock.contended));
  return `${several(locks, 'lock')}waited for ${waited}, ${contended} contended`;
}

function ofPools(pools: readonly PoolRow[]): string {
  const workers = sum(pools, (pool) => pool.workers);
  const busy = sum(pools, (pool) => pool.workers * pool.utilization) / Math.max(1, workers);
  return `${several(pools, 'pool')}${plural(workers, 'worker')}, ${formatShare(busy)} busy`;
}

function ofQueues(queues: readonly QueueRow[]): string {
  const most = Math.max(...queues.map((queue) => queue.maxDepth));
  return `${several(queues, 'queue')}up to ${formatCount(most)} queued`;
}

function ofLoops(loops: readonly LoopRow[]): string {
  const longest = Math.max(...loops.map((loop) => loop.longestStepNs));
  return `kept the loop for ${formatDuration(longest)}`;
}

/** Said only where there is more than one. */
function several(rows: readonly unknown[], what: string): string {
  return rows.length === 1 ? '' : `${plural(rows.length, what)}: `;
}

function byLine<Row>(
  kind: LineMeasure['kind'],
  rows: readonly Row[],
  placeOf: (row: Row) => Location | null,
  say: (rows: readonly Row[]) => string,
): LineMeasure[] {
  const places = new Map<string, { readonly place: Location; readonly rows: Row[] }>();
  for (const row of rows) {
    const place = placeOf(row);
    if (place === null) continue;
    const key = `${place.file}\0${place.line}`;
    const group = places.get(key) ?? { place, rows: [] };
    group.rows.push(row);
    places.set(key, group);
  }
  return [...places.values()].map(({ place: { file, line }, rows: those }) => ({
    file,
    line,
    kind,
    text: say(those),
  }));
}

function created(row: { readonly created: Location | null }): Location | null {
  return row.created;
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
