/** `lock-contention` and `long-hold`: time that threads or tasks lost waiting for one lock. */
import { formatCount, formatDuration, formatShare } from '../../base/format.ts';
import type { Finding } from '../../wire/report.ts';
import type { LockFacts, OwnerShare } from '../facts/locks.ts';
import { finding, listed, objectRef } from '../finding.ts';
import { location, locationsOf, place, sitesOf, userSite } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';

/** Lost to one lock before anybody should care. */
const MIN_LOST_NS = 300e6;
/** Of the life of those who lost most of theirs to it; together they must have lost the least amount above. */
const MIN_SHARE = 0.2;
const MIN_WAITS = 3;
/** A task that waits costs next to nothing, and asyncio's locks are there to make tasks queue up. */
const MIN_LOST_BY_TASKS_NS = 2e9;
const MIN_WAITS_OF_TASKS = 10;
/** Not every wait of a busy lock is on record: held this share of the time by so many in turn, it is fought over all the same. */
const MIN_BUSY = 0.75;
const MIN_HOLDERS = 3;
const MIN_HELD_NS = 250e6;
const MIN_BUSY_WAITS = 2;
/** A single hold this long, with others waiting, is long whatever the share. */
const LONG_HOLD_NS = 50e6;
const MIN_LONG_LOST_NS = 200e6;
/** Fewer, longer waits are a matter of how long the lock is held, not of how often. */
const LONG_WAIT_NS = 20e6;
/** And this much of all the time it was held: a busy machine makes one hold in thousands long. */
const LONG_SHARE = 0.1;
/** Or so long on average. */
const LONG_MEAN_NS = 4e6;
/** Known things an owner does that need no lock: it sleeps, or waits for a disk, a socket or a process. */
const IDLE_CALL =
  /^(?:sleep|select|poll|epoll|recv|recv_into|send|sendall|accept|connect|read|readinto|readline|write|flush|fsync|open|urlopen|getresponse|request|communicate|wait|_wait|run|check_output|check_call|getaddrinfo|execute|commit|fetchall)$/;

export const contention: Rule = ({ trace }) =>
  trace.facts.locks.flatMap((lock) => judge(trace, lock));

function judge(trace: Trace, lock: LockFacts): readonly Finding[] {
  const { object } = lock;
  if (object.internal || lock.waits < MIN_BUSY_WAITS) return [];
  // Used to limit or to signal: waiting for it is what it is there for.
  if (object.type !== 'Lock' && object.type !== 'RLock' && object.type !== 'Condition') return [];
  if (lock.foreignReleases > 0) return [];
  const waiters = [...lock.waiters].sort((one, other) => other[1].ns - one[1].ns);
  const losers = waiters.filter(([actor, { ns }]) => ns / aliveFor(trace, actor) >= MIN_SHARE);
  const lostNs = losers.reduce((sum, [, { ns }]) => sum + ns, 0);
  const tasks = object.library === 'asyncio';
  const measured =
    lostNs >= (tasks ? MIN_LOST_BY_TASKS_NS : MIN_LOST_NS) &&
    lock.waits >= (tasks ? MIN_WAITS_OF_TASKS : MIN_WAITS);
  if (!measured) return !tasks && isBusy(lock) ? [busyFinding(trace, lock)] : [];
  const share = lostNs / losers.reduce((sum, [actor]) => sum + aliveFor(trace, actor), 0);
  const meanNs = lock.waitNs / lock.waits;
  const worst = worstOwner(lock);
  const longHold =
    isHeldLong(lock) &&
    meanNs >= LONG_WAIT_NS &&
    Math.max(lock.holdTimes.max, lock.waitTimes.max) >= LONG_HOLD_NS &&
    lock.waitNs >= MIN_LONG_LOST_NS &&
    worst !== undefined;
  const fought = contentionFinding(trace, lock, losers, share);
  return longHold ? [longHoldFinding(trace, lock, worst, share), fought] : [fought];
}

/** Many who wait for short holds wait long, too: then it is how often the lock is taken. */
function isHeldLong(lock: LockFacts): boolean {
  const { holdNs, acquired } = lock.totals;
  const held = [...lock.holders.values()].some(({ at }) => lock.lastWaitNs - at >= LONG_HOLD_NS);
  if (held || holdNs === 0) return true;
  return (
    holdNs / acquired >= LONG_MEAN_NS ||
    (lock.holdTimes.max >= LONG_HOLD_NS && lock.holdTimes.max >= LONG_SHARE * holdNs)
  );
}

/** Hardly ever free, and passed round among many. */
function isBusy(lock: LockFacts): boolean {
  const { holdNs } = lock.totals;
  if (holdNs < MIN_HELD_NS || holdNs < MIN_BUSY * (lock.lastUseNs - lock.firstUseNs)) return false;
  const holders = [...lock.heldBy.values()].filter((share) => share.ns > 0.05 * lock.holdNs);
  return holders.length >= MIN_HOLDERS;
}

function usersOf({ library }: TracedObject): 'task' | 'process' | 'thread' {
  return library === 'asyncio' ? 'task' : library === 'multiprocessing' ? 'process' : 'thread';
}

function lessWaiting(object: TracedObject): string {
  const user = usersOf(object);
  return user === 'task'
    ? 'Hold it for less work: between two awaits no other task of the loop runs, so only what awaits in its middle needs the lock. Or split it into one lock for each part.'
    : `Hold it for less work, split it into one lock for each part, or give each ${user} its own copy and merge at the end.`;
}

function busyFinding(trace: Trace, lock: LockFacts): Finding {
  const { object } = lock;
  const name = nameObject(trace, object, trace.sourceLine);
  const { holdNs } = lock.totals;
  const busy = Math.min(1, holdNs / (lock.lastUseNs - lock.firstUseNs));
  const holders = [...lock.heldBy.keys()].map((actor) => nameActor(trace, actor));
  return finding({
    rule: 'lock-contention',
    key: `${object.stream.name}/${object.id}`,
    title: `${name} is held ${formatShare(busy)} of the time, by ${listed(holders, 3)} in turn`,
    detail: [
      `Of ${formatDuration(lock.lastUseNs - lock.firstUseNs)} it was held ${formatDuration(holdNs)}: whoever wants it waits for nearly everybody else.`,
      lessWaiting(object),
    ],
    locations: [
      ...busiest(lock.waitStacks).map((stack) => location(trace, stack, `waits for ${name} here`)),
      location(trace, lock.longest?.stack ?? 0, `${name} is held from here`),
      location(trace, object.stack, `${name} is made here`),
    ],
    evidence: {
      lock: objectRef(object),
      busy,
      holdNs,
      holders: lock.heldBy.size,
      waits: lock.waits,
    },
    spans: [{ from: lock.firstUseNs, to: lock.lastUseNs }],
    lostNs: lock.totals.waitNs,
  });
}

function aliveFor(trace: Trace, actor: Actor): number {
  const end = actor.endNs ?? actor.stream.closedNs ?? trace.durationNs;
  return Math.max(1, end - actor.startNs);
}

interface Worst {
  readonly stack: number;
  readonly share: OwnerShare;
}

function worstOwner(lock: LockFacts): Worst | undefined {
  let worst: Worst | undefined;
  for (const [stack, share] of lock.ownerStacks)
    if (worst === undefined || share.ns > worst.share.ns) worst = { stack, share };
  if (worst !== undefined || lock.longest === undefined || lock.longest.stack === 0) return worst;
  // Nobody said who owned it during the waits: then the longest hold will have been it.
  const { stack, actor, ns } = lock.longest;
  return { stack, share: { ns, count: 1, actor, nowStack: 0 } };
}

function longHoldFinding(trace: Trace, lock: LockFacts, worst: Worst, share: number): Finding {
  const { object } = lock;
  const name = nameObject(trace, object, trace.sourceLine);
  const site = userSite(trace, worst.stack);
  const now = userSite(trace, worst.share.nowStack);
  const call = sitesOf(trace, worst.share.nowStack)[0]?.function ?? '';
  const holder =
    worst.share.actor === undefined ? 'its owner' : nameActor(trace, worst.share.actor);
  const longestNs = Math.max(lock.longest?.ns ?? 0, lock.waitTimes.max);
  const doing =
    now === undefined
      ? ''
      : IDLE_CALL.test(call)
        ? ` and stood in ${call}() at ${place(now)} meanwhile`
        : ` and was at ${place(now)} meanwhile`;
  return finding({
    rule: 'long-hold',
    key: `${object.stream.name}/${object.id}`,
    title: `${name} is held long: others lost ${formatDuration(lock.waitNs)} to it`,
    detail: [
      `${holder} took ${name} at ${place(site)}${doing}; a wait lasted up to ${formatDuration(longestNs)}.`,
      `${formatCount(lock.waits)} waits of ${lock.waiters.size} threads or tasks took ${formatDuration(lock.waitNs)}, ${formatShare(share)} of their time.`,
      'Do the slow part before taking the lock or after giving it back, and keep only the change of shared state inside.',
    ],
    locations: [
      location(trace, worst.stack, `${name} is taken here and held long`),
      ...locationsOf(trace, worst.share.nowStack, `what ${holder} does while holding it`),
      ...busiest(lock.waitStacks).map((stack) =>
        location(trace, stack, `others wait for ${name} here`),
      ),
    ],
    evidence: {
      lock: objectRef(object),
      waits: lock.waits,
      waitNs: lock.waitNs,
      share,
      longestHoldNs: lock.holdTimes.max,
      longestWaitNs: lock.waitTimes.max,
    },
    spans: [{ from: lock.firstWaitNs, to: lock.lastWaitNs }],
    lostNs: lock.waitNs,
  });
}

function contentionFinding(
  trace: Trace,
  lock: LockFacts,
  waiters: readonly (readonly [Actor, { readonly ns: number }])[],
  share: number,
): Finding {
  const { object } = lock;
  const name = nameObject(trace, object, trace.sourceLine);
  const losers =
    waiters.length > 3
      ? `${formatCount(waiters.length)} ${usersOf(object) === 'process' ? 'processes' : `${usersOf(object)}s`}`
      : listed(waiters.map(([actor]) => nameActor(trace, actor)));
  const worst = worstOwner(lock);
  return finding({
    rule: 'lock-contention',
    key: `${object.stream.name}/${object.id}`,
    title: `${formatShare(share)} of the time of ${losers} went into waiting for ${name}`,
    detail: [
      `${formatCount(lock.waits)} waits for ${name} took ${formatDuration(lock.waitNs)}, ${formatDuration(lock.waitNs / lock.waits)} each, up to ${formatDuration(lock.waitTimes.max)}.`,
      worst === undefined
        ? ''
        : `Most often it had been taken at ${place(userSite(trace, worst.stack))}.`,
      lessWaiting(object),
    ],
    locations: [
      ...busiest(lock.waitStacks).map((stack) => location(trace, stack, `waits for ${name} here`)),
      worst === undefined ? undefined : location(trace, worst.stack, `${name} is held from here`),
      location(trace, object.stack, `${name} is made here`),
    ],
    evidence: {
      lock: objectRef(object),
      waits: lock.waits,
      waitNs: lock.waitNs,
      share,
      waiters: waiters
        .slice(0, 20)
        .map(([actor, { ns }]) => ({ name: nameActor(trace, actor), ns })),
    },
    spans: [{ from: lock.firstWaitNs, to: lock.lastWaitNs }],
    lostNs: lock.waitNs,
  });
}

function busiest(stacks: LockFacts['waitStacks']): number[] {
  return [...stacks]
    .sort((one, other) => other[1].ns - one[1].ns)
    .slice(0, 5)
    .map(([stack]) => stack);
}
