/** Where more of the knob stops helping, and what the recordings say is in the way. */
import { formatDuration, formatShare } from '../../base/format.ts';
import type { Knee, KneeCause, SweepLevel } from '../../wire/sweep.ts';

/** So much more throughput is worth a step; less may be the day's luck. */
const WORTH = 0.1;
/** Of all cores: then they are the limit. */
const CORES_FULL = 0.85;
/** Of the work's time at the lowest level: then it is computing that wants cores, or the GIL. */
const COMPUTES = 0.5;
/** Repeats that differ by more than this say little. */
const RESTLESS = 0.2;
/** Of the work's time. */
const LOCK_SHARE = 0.2;
/** Of the pieces of work. */
const ERROR_SHARE = 0.02;

/** Null below two levels, and where nothing was done. */
export function kneeOf(
  levels: readonly SweepLevel[],
  parameter: string,
  cores: number,
): Knee | null {
  const [first] = levels;
  if (first === undefined || levels.length < 2) return null;
  let at = 0;
  for (const [index, level] of levels.entries())
    if (level.throughput.median > worthwhile(levels[at]!)) at = index;
  const knee = levels[at]!;
  if (knee.throughput.median === 0) return null;
  const next = levels[at + 1];
  if (next === undefined) {
    return {
      level: knee.level,
      reached: false,
      cause: 'unknown',
      text: `Throughput still grew at ${knee.level}, the last level (${times(first, knee)} of that at ${first.level}): try higher ones.`,
    };
  }
  const [cause, why] = causeOf(first, knee, next, cores);
  return {
    level: knee.level,
    reached: true,
    cause,
    text: `${what(knee, next, parameter)} ${why}${restlessness(knee, next)}`,
  };
}

/** Says so where the numbers are not to be trusted. */
function restlessness(...levels: readonly SweepLevel[]): string {
  const most = Math.max(...levels.map(({ throughput: { stdev, mean } }) => stdev / (mean || 1)));
  if (most < RESTLESS) return '';
  return ` But the repeats differ by ${formatShare(most)}: something else may be running on this machine. More of them (--repeat) say more.`;
}

/** What a level has to reach to count as better: above what the repeats of the best one differ by. */
function worthwhile({ throughput }: SweepLevel): number {
  return Math.max(throughput.median * (1 + WORTH), throughput.median + throughput.stdev);
}

function what(knee: SweepLevel, next: SweepLevel, parameter: string): string {
  if (next.throughput.median === 0) return `${parameter}=${next.level} gets nothing done.`;
  const change = next.throughput.median / knee.throughput.median - 1;
  const percent = formatShare(Math.abs(change));
  const moved =
    Math.abs(change) < 0.02
      ? 'stays the same'
      : change < 0
        ? `falls by ${percent}`
        : `grows by ${percent} only`;
  const slower =
    knee.latency === null || next.latency === null
      ? ''
      : `, while p95 goes from ${formatDuration(knee.latency.p95)} to ${formatDuration(next.latency.p95)}`;
  return `More than ${parameter}=${knee.level} does not pay: at ${next.level} throughput ${moved}${slower}.`;
}

function causeOf(
  first: SweepLevel,
  knee: SweepLevel,
  next: SweepLevel,
  cores: number,
): [KneeCause, string] {
  if (next.failedRuns === next.runs) return ['errors', 'Every run fails there.'];
  if (errorShare(next) > errorShare(knee) + ERROR_SHARE) {
    return [
      'errors',
      `${formatShare(errorShare(next))} of the work fails there (${formatShare(errorShare(knee))} at ${knee.level}): what is called may refuse so many at once.`,
    ];
  }
  const { lock } = next;
  if (lock !== null && lock.waitShare >= LOCK_SHARE) {
    const line = lock.created === null ? '' : ` (${lock.created.file}:${lock.created.line})`;
    const counted = /Semaphore/.test(lock.type);
    return [
      'lock',
      `${formatShare(Math.min(lock.waitShare, 1))} of the work's time there goes into waiting for ${lock.name}${line}: ${counted ? 'it lets no more in at once. Raise its count if what it guards can take more, or stay at the knee.' : 'hold it for less, or have each worker use its own.'}`,
    ];
  }
  const computes = first.computeShare >= COMPUTES;
  // Between processes what waits for a core counts as waiting for the GIL, too.
  if (computes && next.computing < 2) {
    return [
      'gil',
      `The work is computing (${formatShare(first.computeShare)} of its time at ${first.level}), in threads of one process, which take turns at the GIL. Hand it to processes.`,
    ];
  }
  if (next.cores >= CORES_FULL * cores) {
    return [
      'cores',
      `The cores are the limit: ${next.cores.toFixed(1)} of ${cores} are in use there.`,
    ];
  }
  if (computes) {
    return [
      'cores',
      `The work is computing (${formatShare(first.computeShare)} of its time at ${first.level}), for which there are ${cores} cores, and ${next.cores.toFixed(1)} of them could be had.`,
    ];
  }
  return [
    'unknown',
    'Neither the cores nor a lock nor the GIL are in the way: the limit is most likely what the work waits for (a service, a disk, a connection pool), or there is not enough work for more.',
  ];
}

function errorShare({ work, failedWork }: SweepLevel): number {
  return work === 0 ? 0 : failedWork / work;
}

function times(first: SweepLevel, level: SweepLevel): string {
  const factor = level.throughput.median / Math.max(first.throughput.median, 1e-9);
  return `${factor.toFixed(1)} times`;
}
