/** What a run measured, line by line of the source: the text of the lenses and the evidence beside the lints. */
import { formatCount, formatDuration, formatShare, plural } from '../base/format.ts';
import type { Finding, Location, Report } from '../wire/report.ts';
import type { LineMeasure } from '../wire/worker.ts';

/** Most of what a report says of one file fits; more lenses than that would hide the source. */
const MOST = 500;

/** Worst first; several measures of one line stay several. */
export function measureLines(report: Report): readonly LineMeasure[] {
  return [
    ...report.findings.flatMap(ofFinding),
    ...report.locks.flatMap((lock) =>
      lock.contended === 0 || lock.internal
        ? []
        : measure(
            lock.created,
            'lock',
            `🔒 waited ${formatDuration(lock.waitNs)}, ${formatCount(lock.contended)} contended`,
          ),
    ),
    ...report.pools.flatMap((pool) =>
      measure(
        pool.created,
        'pool',
        `▤ ${plural(pool.workers, 'worker')}, ${formatShare(pool.utilization)} busy`,
      ),
    ),
    ...report.queues.flatMap((queue) =>
      queue.maxDepth === 0
        ? []
        : measure(queue.created, 'queue', `☰ up to ${formatCount(queue.maxDepth)} queued`),
    ),
    ...report.loops.flatMap((loop) =>
      loop.longSteps === 0 || report.findings.some((finding) => finding.rule === 'loop-blocked')
        ? []
        : measure(
            loop.longestStep,
            'loop',
            `⏱ kept the loop for ${formatDuration(loop.longestStepNs)}`,
          ),
    ),
  ].slice(0, MOST);
}

function ofFinding(finding: Finding): LineMeasure[] {
  const [first] = finding.locations;
  if (first === undefined) return [];
  const kind = finding.rule === 'loop-blocked' ? 'loop' : 'finding';
  const text = `${SIGNS[finding.severity]} ${finding.title}`;
  return [{ file: first.file, line: first.line, kind, text, finding: finding.id }];
}

const SIGNS = { error: '⛔', warning: '⚠', info: 'ⓘ' } as const;

function measure(place: Location | null, kind: LineMeasure['kind'], text: string): LineMeasure[] {
  return place === null ? [] : [{ file: place.file, line: place.line, kind, text }];
}
