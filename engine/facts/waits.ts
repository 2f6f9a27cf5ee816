/** Who waits for what right now, and who could end it. */
import { OWNER, OWNER_REFRESH, WAIT, WAIT_TIMEOUT } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Trace } from '../trace.ts';

/** Records of one repetition are stamped within this; the next repetition comes 100 ms later. */
const REPETITION_NS = 5e6;
const MAX_OWNERS = 64;

/** One who could end a wait, as the probe said it. */
export interface WaitOwner {
  /** Of OWNER. */
  readonly kind: number;
  readonly actor: Actor | undefined;
  /** Pool or loop. */
  readonly object: TracedObject | undefined;
  readonly pid: number;
  /** Where the owner got it. */
  readonly stack: number;
  /** What the owner does now; 0 until said. */
  nowStack: number;
  /** When this was said last. */
  readonly atNs: number;
  /** Since when it is said of this one, without another in between. */
  readonly sinceNs: number;
}

export class OpenWait {
  readonly actor: Actor;
  readonly object: TracedObject | undefined;
  /** Of WAIT. */
  readonly kind: number;
  /** It ends by itself. */
  readonly timed: boolean;
  readonly timeoutMs: number;
  readonly stack: number;
  readonly sinceNs: number;
  owners: WaitOwner[] = [];
  /** The latest one said at all, also when it has let go since: whom the wait was for. */
  lastOwner: WaitOwner | undefined;
  /** Where a thread took it that this process, a forked one, does not have. */
  leftStack = 0;
  /** What keeps the process whose end it is for from ending: full, and only the waiter's process could read it. */
  pipe: TracedObject | undefined;
  /** It ended with what it was for. */
  granted = false;
  /** Start of the latest repetition of the owners. */
  ownersNs: number;

  constructor(
    actor: Actor,
    object: TracedObject | undefined,
    aux: number,
    stack: number,
    timeoutMs: number,
    at: number,
  ) {
    this.actor = actor;
    this.object = object;
    this.kind = aux & 0xff;
    this.timed = (aux & WAIT_TIMEOUT) !== 0 || timeoutMs > 0;
    this.timeoutMs = timeoutMs;
    this.stack = stack;
    this.sinceNs = at;
    this.ownersNs = at;
  }

  /** It keeps the whole thread, not only a task, from running. */
  get blocksThread(): boolean {
    if (this.actor.kind === 'thread') return true;
    if (this.kind === WAIT.await) return false;
    if (this.object !== undefined) return this.object.library !== 'asyncio';
    if (this.kind === WAIT.result || this.kind === WAIT.processJoin) return true;
    return this.owners.some((owner) => owner.actor?.kind === 'thread');
  }

  /** For a lock, or for a permit of a semaphore. */
  get forLock(): boolean {
    return this.kind === WAIT.acquire || this.kind === WAIT.semaphore;
  }
}

export class WaitFacts {
  readonly open = new Set<OpenWait>();
  /** Grows with every change of a wait or its owners: a look at an equal number sees the same graph. */
  changes = 0;

  begin(wait: OpenWait): void {
    const before = wait.actor.wait;
    if (before !== undefined) this.end(wait.actor);
    wait.actor.wait = wait;
    this.open.add(wait);
    if (wait.object !== undefined) {
      wait.object.usedAt(wait.stack);
      wait.object.waiting ??= new Set();
      wait.object.waiting.add(wait);
    }
    this.changes++;
  }

  owner(
    trace: Trace,
    wait: OpenWait,
    at: number,
    aux: number,
    a: number,
    stack: number,
    c: number,
  ): void {
    const kind = aux & 0xff;
    const named = kind === OWNER.process ? trace.objects[a] : undefined;
    wait.pipe = named === wait.object || named?.library !== 'subprocess' ? undefined : named;
    if ((aux & OWNER_REFRESH) !== 0 && (c === 0 || at - wait.ownersNs > REPETITION_NS)) {
      wait.owners = [];
      wait.ownersNs = at;
    }
    wait.leftStack = c === 0 ? stack : 0;
    if (c === 0 || wait.owners.length >= MAX_OWNERS) return;
    const isObject = kind === OWNER.queued || kind === OWNER.loop;
    const actor = isObject || kind === OWNER.process ? undefined : trace.actor(c);
    const before = wait.lastOwner?.actor === actor ? wait.lastOwner : undefined;
    const owner: WaitOwner = {
      kind,
      actor,
      object: isObject ? trace.object(c) : undefined,
      pid: kind === OWNER.process ? c : 0,
      stack,
      nowStack: before?.nowStack ?? 0,
      atNs: at,
      sinceNs: before?.sinceNs ?? at,
    };
    if (owner.actor === undefined && owner.object === undefined && owner.pid === 0) return;
    wait.lastOwner = owner;
    const same = wait.owners.findIndex(
      (one) => one.actor === owner.actor && one.object === owner.object && one.pid === owner.pid,
    );
    if (same >= 0) wait.owners[same] = owner;
    else wait.owners.push(owner);
    this.changes++;
  }

  ownerNow(wait: OpenWait, stack: number, c: number): void {
    for (const owner of wait.lastOwner === undefined ? [] : [wait.lastOwner, ...wait.owners]) {
      if (owner.actor?.index === c || owner.object?.index === c || owner.pid === c)
        owner.nowStack = stack;
    }
  }

  /** The wait that ended, or undefined when its beginning was not recorded. */
  end(actor: Actor): OpenWait | undefined {
    const wait = actor.wait;
    if (wait === undefined) return undefined;
    actor.wait = undefined;
    this.open.delete(wait);
    wait.object?.waiting?.delete(wait);
    if (wait.kind === WAIT.get && wait.object !== undefined) wait.object.consumed = true;
    this.changes++;
    return wait;
  }
}
