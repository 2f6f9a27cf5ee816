/** Time by state over the whole run in a fixed number of bins, which become wider as the run gets longer. */
import { type Overview, SLICE_STATES } from '../../wire/panel.ts';

const BINS = 512;
const FIRST_BIN_NS = 1e6;
const STATES = SLICE_STATES.length;

export class OverviewBins {
  #time = new Float32Array(BINS * STATES);
  #binNs = FIRST_BIN_NS;

  /** Adds a slice, or takes it away again with `sign` -1. */
  add(start: number, end: number, state: number, sign: 1 | -1 = 1): void {
    while (end >= this.#binNs * BINS) this.#widen();
    const from = Math.max(0, start);
    for (let bin = Math.floor(from / this.#binNs); bin * this.#binNs < end; bin++) {
      const inside = Math.min(end, (bin + 1) * this.#binNs) - Math.max(from, bin * this.#binNs);
      this.#time[bin * STATES + state]! += inside * sign;
    }
  }

  /** @param now end of the run so far, ns. */
  overview(now: number, lanes: number): Overview {
    const buckets = Math.min(BINS, Math.max(1, Math.ceil(now / this.#binNs)));
    const time = this.#time.slice(0, buckets * STATES);
    return { from: 0, to: buckets * this.#binNs, buckets, time, lanes };
  }

  clear(): void {
    this.#time.fill(0);
    this.#binNs = FIRST_BIN_NS;
  }

  #widen(): void {
    const wider = new Float32Array(BINS * STATES);
    for (let bin = 0; bin < BINS; bin++)
      for (let state = 0; state < STATES; state++)
        wider[(bin >> 1) * STATES + state]! += this.#time[bin * STATES + state]!;
    this.#time = wider;
    this.#binNs *= 2;
  }
}
