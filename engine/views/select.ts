/** What is known of one slice: facts, stack, who blocks it or woke it, and what to do. */
import { formatDuration } from '../../base/format.ts';
import {
  type Arrow,
  type Fact,
  type LaneId,
  type PanelFinding,
  type Selection,
  SLICE_STATES,
  STATE,
} from '../../wire/panel.ts';
import { WAIT_RESULT } from '../../wire/recording.ts';
import { isLibrary, location, sitesOf, stackLocations } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { nameActor, nameObject } from '../names.ts';
import type { LaneBook } from './laneBook.ts';
import { type WaitRow, waitRow } from './measure.ts';
import { isStuck } from './tables/locks.ts';

const STATE_WORDS: Record<(typeof SLICE_STATES)[number], string> = {
  idle: 'Idle',
  io: 'In I/O or asleep',
  waiting: 'Waiting for others',
  running: 'Running',
  gil: 'Waiting for the GIL',
  lock: 'Waiting for lock',
  blocksLoop: 'Blocking the event loop',
  deadlocked: 'Waiting for ever',
  unknown: 'Unknown',
  held: 'Held',
  heldContended: 'Held while others wait',
};

export function selectActor(
  book: LaneBook,
  actor: Actor,
  at: number,
  findings: readonly PanelFinding[],
): Selection {
  const spans = book.actors.get(actor)?.slices.spans;
  const index = spans?.indexAt(at) ?? -1;
  const inside = spans !== undefined && index >= 0 && spans.end[index]! > at;
  const state = inside ? spans.state[index]! : STATE.idle;
  const start = inside ? spans.start[index]! : index >= 0 ? spans!.end[index]! : actor.startNs;
  const next = spans?.start[index + 1];
  const end = inside ? spans.end[index]! : (next ?? actor.endNs ?? book.trace.durationNs);
  const wait = inside ? waitOf(book, actor, at) : undefined;
  const open = wait?.open === true;
  const length = formatDuration(end - start);
  const facts: Fact[] = [
    {
      label: 'State',
      value: STATE_WORDS[SLICE_STATES[state]!],
      note: `${length}${open ? ' so far' : ''}`,
      ...(isTrouble(state) ? { tone: 'error' as const } : {}),
    },
    {
      label: actor.kind === 'task' ? 'Task' : 'Thread',
      value: nameActor(book.trace, actor),
      note: `pid ${actor.stream.pid}`,
    },
  ];
  const what = inside ? book.labels.texts[spans.label[index]!] : '';
  if (wait === undefined && what) facts.push({ label: 'In', value: what });
  const arrows: Arrow[] = [];
  if (wait !== undefined) addWait(book, actor, wait, facts, arrows, at);
  addHeld(book, actor, at, facts);
  const stack =
    wait?.stack ||
    (inside
      ? stepStack(book, actor, start, end) || book.history.sampleIn(actor.index, start, end)
      : actor.suspendedStack);
  const found = findings.find((one) => explains(one, actor, start, end));
  const owner = facts.find((fact) => fact.label === 'Held by');
  const who = `${actor.kind === 'task' ? 'Task' : 'Thread'} ${nameActor(book.trace, actor)}`;
  return {
    lane: book.laneOfActor(actor),
    start,
    end,
    state,
    sentence: [
      who,
      [
        STATE_WORDS[SLICE_STATES[state]!].toLowerCase(),
        wait !== undefined ? objectName(book, wait) : what,
      ]
        .filter(Boolean)
        .join(' '),
      `${length}${open ? ' so far' : ''}`,
      owner ? `held by ${owner.value}` : '',
    ]
      .filter(Boolean)
      .join(', '),
    facts,
    ...stackOf(book, stack),
    arrows,
    lights:
      wait !== undefined && book.trace.object(wait.object) !== undefined
        ? [book.laneOfObject(book.trace.object(wait.object)!)]
        : [],
    finding: found?.id ?? '',
  };
}

/** A wait, chosen on the lane below its lock: the same, told from there. */
export function selectWaiter(
  book: LaneBook,
  actor: Actor,
  lane: LaneId,
  at: number,
  findings: readonly PanelFinding[],
): Selection {
  const selection = selectActor(book, actor, at, findings);
  const own = selection.lane;
  const here = (one: LaneId): LaneId => (one === own ? lane : one);
  return {
    ...selection,
    lane,
    arrows: selection.arrows.map((arrow) => ({
      ...arrow,
      fromLane: here(arrow.fromLane),
      toLane: here(arrow.toLane),
    })),
  };
}

export function selectLock(
  book: LaneBook,
  object: TracedObject,
  at: number,
  findings: readonly PanelFinding[],
): Selection {
  const spans = book.locks.get(object)?.slices.spans;
  const index = spans?.indexAt(at) ?? -1;
  const held = spans !== undefined && index >= 0 && spans.end[index]! > at;
  const label = held ? spans.label[index]! : 0;
  let first = index;
  let last = index;
  // Pieces with other numbers of waiters are one hold.
  while (
    held &&
    first > 0 &&
    spans.label[first - 1] === label &&
    spans.end[first - 1] === spans.start[first]
  )
    first--;
  while (
    held &&
    last + 1 < spans.length &&
    spans.label[last + 1] === label &&
    spans.start[last + 1] === spans.end[last]
  )
    last++;
  const start = held ? spans.start[first]! : at;
  const end = held ? spans.end[last]! : at;
  const holder = held ? (book.labels.texts[label] ?? '') : '';
  const name = nameObject(book.trace, object, book.trace.sourceLine);
  const { owner, stack } = held ? holderAt(book, object, at) : NOBODY;
  const facts: Fact[] = [{ label: 'Lock', value: name, note: `${object.library}.${object.type}` }];
  const made = location(book.trace, object.stack, 'made here');
  if (made) facts.push({ label: 'Made at', value: '', location: made });
  facts.push(
    held
      ? {
          label: 'Held by',
          value: holder,
          note: `for ${formatDuration(end - start)}`,
          ...(owner ? { go: { lane: book.laneOfActor(owner), at } } : {}),
        }
      : { label: 'State', value: 'Free here' },
  );
  const waiters: string[] = [];
  for (const [actor, wait] of book.openWaits) {
    if (wait.object !== object.index || wait.from > at) continue;
    waiters.push(nameActor(book.trace, actor));
  }
  const { waits } = book.history;
  for (let row = 0; row < waits.actor.length && waiters.length < 20; row++) {
    if (
      waits.object.get(row) !== object.index ||
      waits.from.get(row) > at ||
      waits.to.get(row) < at
    )
      continue;
    const actor = book.trace.actor(waits.actor.get(row));
    if (actor !== undefined) waiters.push(nameActor(book.trace, actor));
  }
  if (waiters.length > 0)
    facts.push({ label: 'Waiting', value: waiters.join(', '), tone: 'error' });
  const lane = book.laneOfObject(object);
  return {
    lane,
    start,
    end,
    state: held ? spans.state[index]! : STATE.idle,
    sentence: [
      `Lock ${name}`,
      held ? `held by ${holder}, ${formatDuration(end - start)}` : 'free',
      waiters.length > 0 ? `${waiters.length} waiting` : '',
    ]
      .filter(Boolean)
      .join(', '),
    facts,
    ...stackOf(book, stack),
    // From here it goes on to who holds it.
    arrows: owner
      ? [
          {
            kind: 'holds',
            fromLane: lane,
            fromNs: at,
            toLane: book.laneOfActor(owner),
            toNs: at,
            label: '',
          },
        ]
      : [],
    lights: [lane],
    finding:
      findings.find(
        (one) =>
          one.lanes.includes(lane) &&
          one.spans.some((span) => span.from <= end && span.to >= start),
      )?.id ?? '',
  };
}

interface Holder {
  readonly owner: Actor | undefined;
  readonly stack: number;
}
const NOBODY: Holder = { owner: undefined, stack: 0 };

/** Who held the lock then, and where it was taken. */
function holderAt(book: LaneBook, object: TracedObject, at: number): Holder {
  for (const [owner, hold] of book.openHolds.get(object) ?? [])
    if (hold.from <= at) return { owner, stack: hold.stack };
  const { holds } = book.history;
  for (let row = holds.actor.length - 1; row >= 0; row--)
    if (
      holds.object.get(row) === object.index &&
      holds.from.get(row) <= at &&
      holds.to.get(row) >= at
    )
      return { owner: book.trace.actor(holds.actor.get(row)), stack: holds.stack.get(row) };
  return NOBODY;
}

function waitOf(book: LaneBook, actor: Actor, at: number): WaitRow | undefined {
  const open = book.openWaits.get(actor);
  if (open !== undefined && open.from <= at)
    return {
      ...open,
      actor: actor.index,
      to: book.trace.durationNs,
      open: true,
      endedBy: 0,
      result: WAIT_RESULT.unknown,
    };
  const row = book.history.waitAt(actor.index, at);
  return row < 0 ? undefined : waitRow(book, row);
}

function objectName(book: LaneBook, wait: WaitRow): string {
  const object = book.trace.object(wait.object);
  return object === undefined ? '' : nameObject(book.trace, object, book.trace.sourceLine);
}

function addWait(
  book: LaneBook,
  actor: Actor,
  wait: WaitRow,
  facts: Fact[],
  arrows: Arrow[],
  at: number,
): void {
  const object = book.trace.object(wait.object);
  if (object !== undefined && object.type !== 'Future')
    facts.push({
      label: 'Wants',
      value: objectName(book, wait),
      note: `${object.library}.${object.type}`,
      go: { lane: book.laneOfObject(object), at },
    });
  const owner = book.trace.actor(wait.owner);
  const here = book.laneOfActor(actor);
  if (owner !== undefined) {
    const line = location(book.trace, wait.ownerStack, 'taken here');
    facts.push({
      label: object?.lock || object?.type.endsWith('Lock') ? 'Held by' : 'Needs',
      value: nameActor(book.trace, owner),
      go: { lane: book.laneOfActor(owner), at },
      ...(line ? { location: line } : {}),
    });
    const now = location(book.trace, wait.nowStack, 'was here meanwhile');
    if (now) facts.push({ label: 'Owner was at', value: now.function ?? '', location: now });
    arrows.push({
      kind: 'blockedBy',
      fromLane: here,
      fromNs: Math.max(wait.from, Math.min(at, wait.to)),
      toLane: book.laneOfActor(owner),
      toNs: Math.max(wait.from, Math.min(at, wait.to)),
      label: isStuck(book, actor.index)
        ? 'cycle: each waits for the other'
        : wait.open
          ? 'waits for'
          : 'waited for',
    });
  }
  const ender = book.trace.actor(wait.endedBy);
  if (ender !== undefined && ender !== actor) {
    facts.push({
      label: 'Ended by',
      value: nameActor(book.trace, ender),
      go: { lane: book.laneOfActor(ender), at: wait.to },
    });
    arrows.push({
      kind: 'wokenBy',
      fromLane: book.laneOfActor(ender),
      fromNs: wait.to,
      toLane: here,
      toNs: wait.to,
      label: '',
    });
  }
}

/** Locks the actor holds at that time. */
function addHeld(book: LaneBook, actor: Actor, at: number, facts: Fact[]): void {
  const names: string[] = [];
  for (const [object, holds] of book.openHolds) {
    const held = holds.get(actor);
    if (held !== undefined && held.from <= at) names.push(describeHeld(book, object));
  }
  const { holds } = book.history;
  for (let row = 0; row < holds.actor.length && names.length < 8; row++) {
    if (holds.actor.get(row) !== actor.index || holds.from.get(row) > at || holds.to.get(row) < at)
      continue;
    const object = book.trace.object(holds.object.get(row));
    if (object !== undefined) names.push(describeHeld(book, object));
  }
  if (names.length > 0) facts.push({ label: 'Holds', value: names.join(', ') });
}

function describeHeld(book: LaneBook, object: TracedObject): string {
  const waiting = object.waiting?.size ?? 0;
  const name = nameObject(book.trace, object, book.trace.sourceLine);
  return waiting > 0 ? `${name} (${waiting} waiting)` : name;
}

/** Stack of the long step that covers the slice. */
function stepStack(book: LaneBook, actor: Actor, start: number, end: number): number {
  const { steps } = book.history;
  const loop = actor.loop;
  for (let row = steps.from.length - 1; row >= 0; row--) {
    if (steps.to.get(row) < start) return 0;
    if (steps.from.get(row) >= end) continue;
    if (steps.actor.get(row) === actor.index || steps.loop.get(row) === loop?.index)
      return steps.stack.get(row);
  }
  return 0;
}

function stackOf(book: LaneBook, stack: number): Pick<Selection, 'stack' | 'library'> {
  return {
    stack: stackLocations(book.trace, stack),
    library: sitesOf(book.trace, stack).map((site) => isLibrary(site.file)),
  };
}

function isTrouble(state: number): boolean {
  return state === STATE.lock || state === STATE.deadlocked || state === STATE.blocksLoop;
}

function explains(found: PanelFinding, actor: Actor, start: number, end: number): boolean {
  const named =
    found.evidence.edges?.some(
      (edge) => edge.waiterActor.id === actor.id && edge.waiterActor.stream === actor.stream.name,
    ) ?? false;
  if (
    !named &&
    !(
      found.rule === 'loop-blocked' ||
      found.rule === 'lock-contention' ||
      found.rule === 'long-hold'
    )
  )
    return false;
  if (!named && !found.lanes.length) return false;
  return found.spans.some((span) => span.from < end && span.to > start);
}
