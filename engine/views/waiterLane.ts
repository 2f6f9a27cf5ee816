/** One who waits for one lock: when, and behind whom. The lanes below a lock's own. */
import { STATE } from '../../wire/panel.ts';
import type { Actor } from '../ingest/actor.ts';
import { LaneSlices } from './laneSlices.ts';

export class WaiterLane {
  readonly slices = new LaneSlices();
  readonly actor: Actor;
  /** ns in ended waits: those who waited most come first. */
  waitNs = 0;
  /** Since when it waits; -1 when it does not. */
  since = -1;
  #label = 0;
  #changed = false;

  constructor(actor: Actor) {
    this.actor = actor;
  }

  begin(at: number): void {
    this.since = at;
    this.#label = 0;
  }

  /** @param label of who holds the lock. */
  behind(label: number): void {
    this.#label = label;
  }

  end(at: number): void {
    if (this.since < 0) return;
    this.slices.push(this.since, at, STATE.lock, this.#label);
    this.waitNs += Math.max(0, at - this.since);
    this.since = -1;
    this.#changed = true;
  }

  /** Waits now, or has waited since it was brought up to date last. */
  get changed(): boolean {
    return this.#changed || this.since >= 0;
  }

  /**
   * Brings the slices up to `now`.
   * @returns how many of the former ones stay.
   */
  flush(now: number, stuck: boolean): number {
    const open = this.since >= 0 && now > this.since;
    this.#changed = false;
    return this.slices.flush(
      open
        ? {
            start: this.since,
            end: now,
            state: stuck ? STATE.deadlocked : STATE.lock,
            label: this.#label,
            mark: 0,
          }
        : undefined,
    );
  }
}
