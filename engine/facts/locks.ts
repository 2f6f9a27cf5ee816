/** What is known of one lock or semaphore: who holds it, who waited how long, at which lines, for whom. */
import { OWNER } from '../../wire/recording.ts';
import { Histogram } from '../histogram.ts';
import type { Actor } from '../ingest/actor.ts';
import { isMutex, type TracedObject } from '../ingest/object.ts';
import type { OpenWait } from './waits.ts';

/** Distinct actors or stacks kept per lock; the rest is only in the totals. */
const MAX_KEYS = 4096;

export interface Share {
  ns: number;
  count: number;
}

export interface OwnerShare extends Share {
  readonly actor: Actor | undefined;
  /** What the owner did meanwhile, when it was seen. */
  nowStack: number;
}

export interface LongHold {
  readonly ns: number;
  readonly at: number;
  readonly stack: number;
  readonly actor: Actor;
}

export class LockFacts {
  readonly object: TracedObject;
  /** Since when and where, of every owner known now. */
  readonly holders = new Map<Actor, { readonly at: number; readonly stack: number }>();
  /** Cumulative counts by stream, as the probes said them. */
  readonly #said = new Map<number, Said>();
  /** Who must have given it back, as somebody else got it: where threads run at once that may be told first. */
  readonly #left = new Map<Actor, { readonly at: number; readonly stack: number }>();
  /** When each was last seen to give it back. */
  readonly #freedNs = new Map<Actor, number>();
  /** When these last said that it was acquired again. */
  #countedNs = 0;
  /** Seen one by one. */
  acquires = 0;
  releases = 0;
  /** Releases by somebody who had not acquired it: the lock is used as a signal. */
  foreignReleases = 0;
  holdNs = 0;
  waits = 0;
  /** Waits that ended with it. */
  #got = 0;
  waitNs = 0;
  readonly waitTimes = new Histogram();
  readonly holdTimes = new Histogram();
  readonly waiters = new Map<Actor, Share>();
  readonly heldBy = new Map<Actor, Share>();
  /** By stack of the wait. */
  readonly waitStacks = new Map<number, Share>();
  /** By stack of the owner's acquire, when an owner was known. */
  readonly ownerStacks = new Map<number, OwnerShare>();
  longest: LongHold | undefined;
  firstUseNs = Number.POSITIVE_INFINITY;
  lastUseNs = 0;
  firstWaitNs = Number.POSITIVE_INFINITY;
  lastWaitNs = 0;

  constructor(object: TracedObject) {
    this.object = object;
  }

  acquire(actor: Actor, at: number, stack: number): void {
    // Of one that nobody told of it is said late, when somebody waits for it: again at its release, or after it.
    if (this.holders.get(actor)?.at === at || at < (this.#freedNs.get(actor) ?? 0)) return;
    this.acquires++;
    this.leave(actor, at);
    this.#left.delete(actor);
    this.holders.set(actor, { at, stack });
  }

  /** Whoever else had it before has given it back, unseen so far. */
  leave(actor: Actor, at: number): void {
    if (!isMutex(this.object)) return;
    if (this.#left.size > MAX_KEYS) this.#left.clear();
    for (const [other, held] of this.holders)
      if (other !== actor && held.at < at) {
        this.holders.delete(other);
        this.#left.set(other, held);
      }
  }

  release(actor: Actor, at: number): void {
    this.releases++;
    this.#free(actor, at);
    const held = this.holders.get(actor) ?? this.#left.get(actor);
    if (held === undefined) {
      if (this.holders.size > 0) this.foreignReleases++;
      // A lock has one owner: whoever released it, nobody holds it now.
      if (this.object.type === 'Lock') this.holders.clear();
      return;
    }
    this.holders.delete(actor);
    this.#left.delete(actor);
    this.hold(actor, at, held.stack, at - held.at);
  }

  /** A whole one, told at its end. */
  held(actor: Actor, at: number, stack: number, ns: number): void {
    this.#free(actor, at);
    this.holders.delete(actor);
    this.#left.delete(actor);
    this.hold(actor, at, stack, ns);
  }

  #free(actor: Actor, at: number): void {
    if (!isMutex(this.object)) return;
    if (this.#freedNs.size > MAX_KEYS) this.#freedNs.clear();
    this.#freedNs.set(actor, at);
  }

  hold(actor: Actor, at: number, stack: number, ns: number): void {
    this.holdNs += ns;
    this.firstUseNs = Math.min(this.firstUseNs, at - ns);
    this.lastUseNs = Math.max(this.lastUseNs, at);
    this.holdTimes.add(ns);
    bump(this.heldBy, actor, ns);
    if (this.longest === undefined || ns > this.longest.ns)
      this.longest = { ns, at: at - ns, stack, actor };
  }

  /**
   * What has not been given back until `now`: who has it, and for how many ns at least. Of a mutex alone, as a permit of a
   * semaphore may be given back by anybody; by its own record, else as those who wait for it were told.
   */
  openHolds(now: number): ReadonlyMap<Actor, number> {
    const holds = new Map<Actor, number>();
    if (!isMutex(this.object)) return holds;
    for (const [actor, { at }] of this.holders) holds.set(actor, now - at);
    if (holds.size > 0) return holds;
    // What was counted after it was said may be another acquire of the same owner, unless there was only one.
    const again = this.totals.acquired > 1 ? this.#countedNs : 0;
    for (const wait of this.object.waiting ?? [])
      for (const { kind, actor, sinceNs } of wait.owners) {
        if (kind !== OWNER.holder || actor === undefined) continue;
        const ns = now - Math.max(sinceNs, again);
        holds.set(actor, Math.max(holds.get(actor) ?? 0, ns));
      }
    return holds;
  }

  waited(wait: OpenWait, at: number, got: boolean): void {
    const ns = Math.max(0, at - wait.sinceNs);
    this.waits++;
    if (got) this.#got++;
    this.waitNs += ns;
    this.waitTimes.add(ns);
    this.firstWaitNs = Math.min(this.firstWaitNs, wait.sinceNs);
    this.lastWaitNs = Math.max(this.lastWaitNs, at);
    bump(this.waiters, wait.actor, ns);
    bump(this.waitStacks, wait.stack, ns);
    const owner = wait.owners[0] ?? wait.lastOwner;
    if (owner === undefined || owner.stack === 0) return;
    const share = this.ownerStacks.get(owner.stack);
    if (share !== undefined) {
      share.ns += ns;
      share.count++;
      if (owner.nowStack !== 0) share.nowStack = owner.nowStack;
    } else if (this.ownerStacks.size < MAX_KEYS) {
      const { actor, nowStack } = owner;
      this.ownerStacks.set(owner.stack, { ns, count: 1, actor, nowStack });
    }
  }

  sayCounts(stream: number, at: number, acquires: number, contended: number): void {
    const said = this.#of(stream);
    if (acquires !== said.lastAcquires) this.#countedNs = at;
    said.acquires += (acquires - said.lastAcquires) >>> 0;
    said.contended += (contended - said.lastContended) >>> 0;
    said.lastAcquires = acquires;
    said.lastContended = contended;
  }

  sayTotals(stream: number, waitUs: number, holdUs: number): void {
    const said = this.#of(stream);
    said.waitNs += ((waitUs - said.lastWaitUs) >>> 0) * 1e3;
    said.holdNs += ((holdUs - said.lastHoldUs) >>> 0) * 1e3;
    said.lastWaitUs = waitUs;
    said.lastHoldUs = holdUs;
  }

  /** The most that either the counts or the single records prove; who waits now is among the contended. */
  get totals(): { acquired: number; contended: number; waitNs: number; holdNs: number } {
    const sum = { acquired: 0, contended: 0, waitNs: 0, holdNs: 0 };
    for (const said of this.#said.values()) {
      sum.acquired += said.acquires;
      sum.contended += said.contended;
      sum.waitNs += said.waitNs;
      sum.holdNs += said.holdNs;
    }
    const counted = Math.max(sum.acquired, this.acquires, this.holdTimes.count);
    return {
      // Where nothing counts them, the waits alone would say nothing of those that did not wait.
      acquired: counted > 0 ? Math.max(counted, this.#got) : 0,
      contended: Math.max(sum.contended, this.waits + (this.object.waiting?.size ?? 0)),
      waitNs: Math.max(sum.waitNs, this.waitNs),
      holdNs: Math.max(sum.holdNs, this.holdNs),
    };
  }

  #of(stream: number): Said {
    let said = this.#said.get(stream);
    if (said === undefined) {
      said = {
        acquires: 0,
        contended: 0,
        waitNs: 0,
        holdNs: 0,
        lastAcquires: 0,
        lastContended: 0,
        lastWaitUs: 0,
        lastHoldUs: 0,
      };
      this.#said.set(stream, said);
    }
    return said;
  }
}

interface Said {
  acquires: number;
  contended: number;
  waitNs: number;
  holdNs: number;
  lastAcquires: number;
  lastContended: number;
  lastWaitUs: number;
  lastHoldUs: number;
}

function bump<K>(shares: Map<K, Share>, key: K, ns: number): void {
  const share = shares.get(key);
  if (share !== undefined) {
    share.ns += ns;
    share.count++;
  } else if (shares.size < MAX_KEYS) shares.set(key, { ns, count: 1 });
}
