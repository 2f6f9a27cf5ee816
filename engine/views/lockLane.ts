/** Turns what is recorded of one lock into slices: who holds it, and meanwhile how many wait. */
import { STATE } from '../../wire/panel.ts';
import { LaneSlices } from './laneSlices.ts';

/** The low bits of a slice's mark are the owner's colour, the others the number of waiters (15 is 15 or more). */
const COLOR_BITS = 4;
const MOST_WAITERS = 15;
/** Pieces of one hold kept to be said again. */
const MOST_SAID = 1000;

interface Change {
  readonly at: number;
  readonly waiters: number;
}

export class LockLane {
  readonly slices = new LaneSlices();
  waiters = 0;
  /** Numbers of waiters since the last finished hold. */
  #changes: Change[] = [];
  #owner = 0;
  #color = 0;
  #since = -1;
  /** When the hold that goes on was first seen, and its pieces that are said already. */
  #seenNs = -1;
  #said: Piece[] = [];
  /** When each owner was last seen to give it back. */
  readonly #freed = new Map<number, number>();
  dirty = false;

  /** `owner` is a label. It may come late, of a hold that is seen already: then that began earlier. */
  acquire(at: number, owner: number, color: number): void {
    if (this.#since >= 0 && this.#owner !== owner) this.release(at);
    if (this.#since >= 0) {
      if (at < this.#seenNs) this.#beganAt(at);
      return;
    }
    this.#owner = owner;
    this.#color = color;
    this.#since = at;
    this.#seenNs = at;
    this.#said = [];
    this.dirty = true;
  }

  freedBy(owner: number): number {
    return this.#freed.get(owner) ?? -1;
  }

  #beganAt(at: number): void {
    if (this.#said.length > MOST_SAID) return;
    this.slices.rewind(at);
    const before = { from: at, to: this.#seenNs, waiters: 0 };
    this.#said.unshift(before);
    for (const piece of this.#said) this.#push(piece, this.#owner, this.#color);
    this.#seenNs = at;
    this.dirty = true;
  }

  release(at: number): void {
    if (this.#since < 0) return;
    this.#free(this.#owner, at);
    this.#emit(this.#since, at, this.#owner, this.#color);
    this.#since = -1;
    this.#forget(at);
  }

  /** A whole hold, told at its end. */
  hold(from: number, to: number, owner: number, color: number): void {
    this.#since = -1;
    this.#free(owner, to);
    this.slices.rewind(Math.max(from, 0));
    this.#emit(from, to, owner, color);
    this.#forget(to);
  }

  /** Somebody who waits says who holds it, when nobody saw it being taken. */
  seenHeld(at: number, owner: number, color: number): void {
    if (this.#since < 0) this.acquire(at, owner, color);
  }

  wait(at: number, change: 1 | -1): void {
    this.waiters = Math.max(0, this.waiters + change);
    this.#changes.push({ at, waiters: this.waiters });
    // A lock nobody is seen to hold would gather changes without end.
    if (this.#changes.length > 4096) this.#changes.splice(0, 2048);
    this.dirty = true;
  }

  flush(now: number): number {
    this.dirty = false;
    if (this.#since < 0 || now <= this.#since) return this.slices.flush(undefined);
    const pieces = this.#pieces(this.#since, now);
    for (const piece of pieces.slice(0, -1)) {
      this.#push(piece, this.#owner, this.#color);
      if (this.#said.length <= MOST_SAID) this.#said.push(piece);
    }
    const last = pieces.at(-1)!;
    // What was said so far stays said: only the last piece still grows.
    this.#since = last.from;
    this.#changes = [{ at: last.from, waiters: last.waiters }];
    return this.slices.flush({
      start: last.from,
      end: now,
      state: last.waiters > 0 ? STATE.heldContended : STATE.held,
      label: this.#owner,
      mark: markOf(this.#color, last.waiters),
    });
  }

  #free(owner: number, at: number): void {
    if (this.#freed.size > 4096) this.#freed.clear();
    this.#freed.set(owner, at);
  }

  #emit(from: number, to: number, owner: number, color: number): void {
    this.dirty = true;
    for (const piece of this.#pieces(from, to)) this.#push(piece, owner, color);
  }

  #push(piece: Piece, owner: number, color: number): void {
    const state = piece.waiters > 0 ? STATE.heldContended : STATE.held;
    this.slices.push(piece.from, piece.to, state, owner, markOf(color, piece.waiters));
  }

  #pieces(from: number, to: number): Piece[] {
    const pieces: Piece[] = [];
    let at = from;
    let waiters = 0;
    for (const change of this.#changes) {
      if (change.at >= to) break;
      if (change.at > at) {
        pieces.push({ from: at, to: change.at, waiters });
        at = change.at;
      }
      waiters = change.waiters;
    }
    pieces.push({ from: at, to, waiters });
    return pieces;
  }

  #forget(before: number): void {
    this.#changes = [
      { at: before, waiters: this.waiters },
      ...this.#changes.filter((one) => one.at > before),
    ];
  }
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly waiters: number;
}

function markOf(color: number, waiters: number): number {
  return color | (Math.min(MOST_WAITERS, waiters) << COLOR_BITS);
}
