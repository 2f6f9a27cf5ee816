/** What a run used, added up by the place where it was made: loops, locks, pools, queues, each with its numbers. */
import type { Distribution, RunFacts, ThingChange } from '../../wire/comparison.ts';
import type { Location, LockRow, LoopRow, PoolRow, QueueRow } from '../../wire/report.ts';
import { isLibrary } from '../frames.ts';
import { addUp } from './distributions.ts';
import { around, aroundAnywhere, type Key } from './match.ts';

/** All of a kind made at one place. */
export interface Things<Row> {
  readonly kind: ThingChange['kind'];
  readonly name: string;
  readonly type: string;
  readonly created: Location | null;
  readonly rows: readonly Row[];
  /** Loop lag, waits for a lock, time in a pool's queue. */
  readonly waits: Distribution;
  /** How long the items of a pool ran. */
  readonly runs: Distribution;
}

interface Indexed<Row> {
  readonly row: Row;
  readonly index: number;
}

export function loopsOf({ report, lag }: RunFacts): Things<LoopRow>[] {
  // Loops come and go with each asyncio.run: what stays is the thread that they run in.
  const groups = grouped(report.loops, ({ name, thread }) => `${plain(name)} ${plain(thread)}`);
  return groups.map((group) => ({
    ...things('loop', group),
    name: loopName(group[0]!.row),
    type: 'event loop',
    created: null,
    waits: addUp(group.flatMap(({ index }) => lag[index] ?? [])),
  }));
}

export function locksOf({ report, lockWaits }: RunFacts): Things<LockRow>[] {
  const groups = grouped(report.locks, place, (row) => !row.internal);
  return groups.map((group) => ({
    ...things('lock', group),
    ...made(group[0]!.row),
    waits: addUp(group.flatMap(({ index }) => lockWaits[index] ?? [])),
  }));
}

export function poolsOf({ report, queueWaits, runs }: RunFacts): Things<PoolRow>[] {
  return grouped(report.pools, place).map((group) => ({
    ...things('pool', group),
    ...made(group[0]!.row),
    waits: addUp(group.flatMap(({ index }) => queueWaits[index] ?? [])),
    runs: addUp(group.flatMap(({ index }) => runs[index] ?? [])),
  }));
}

export function queuesOf({ report }: RunFacts): Things<QueueRow>[] {
  // Queues that the library makes for its own use tell of the library.
  const groups = grouped(report.queues, place, ({ created }) => !isLibrary(created?.file ?? ''));
  return groups.map((group) => ({
    ...things('queue', group),
    ...made(group[0]!.row),
  }));
}

/** From "nothing but the line numbers differs" to "the same name of another file". */
export function thingKeys<Row>(): readonly Key<Things<Row>>[] {
  return [
    (one) => `${one.type} ${around(one.created)} ${one.name}`,
    (one) => (one.created === null ? undefined : `${one.type} ${around(one.created)}`),
    (one) => `${one.type} ${one.name}`,
    (one) => {
      const inside = aroundAnywhere(one.created);
      return inside === undefined ? undefined : `${one.type} ${inside}`;
    },
  ];
}

interface Made {
  readonly name: string;
  readonly type: string;
  readonly created: Location | null;
}

function made(row: Made): Made {
  return { name: plain(row.name), type: row.type, created: row.created };
}

/** Twins are numbered in the order they are made and processes by the system, which differs from run to run. */
function plain(name: string): string {
  return name.replace(/ of process \d+$| \(process \d+\)$/, '').replace(/ #\d+$/, '');
}

function loopName({ name, thread }: LoopRow): string {
  return thread === '' ? plain(name) : `${plain(name)} in ${plain(thread)}`;
}

/** Where it is made; by its name where nobody saw that. */
function place({ name, type, created }: Made): string {
  return created === null
    ? `${type} ${plain(name)}`
    : `${type} ${created.file}:${created.line} ${created.function ?? ''}`;
}

function grouped<Row>(
  rows: readonly Row[],
  key: (row: Row) => string,
  isWanted: (row: Row) => boolean = () => true,
): Indexed<Row>[][] {
  const groups = new Map<string, Indexed<Row>[]>();
  for (const [index, row] of rows.entries()) {
    if (!isWanted(row)) continue;
    const text = key(row);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [{ row, index }]);
    else group.push({ row, index });
  }
  return [...groups.values()];
}

function things<Row>(kind: ThingChange['kind'], group: readonly Indexed<Row>[]) {
  const none: Distribution = { first: 0, counts: [] };
  return { kind, rows: group.map(({ row }) => row), waits: none, runs: none };
}
